"""Rules that follow from what a value means: currencies that are active, days that reports can show."""
from . import names
from .contract import Contract, Field, Message


def has_rules(message: Message, contract: Contract) -> bool:
    """Whether a row of this message can break a rule."""
    if message.is_engine:
        return False
    if message.entity is not None and message.entity.has_rules:
        return True
    return any(_statements(message, part, contract) for part in message.parts)


def validation(message: Message, contract: Contract) -> list[str]:
    """The check of one message; nothing where there is no rule. Currencies come first, rules written by hand last."""
    if not has_rules(message, contract):
        return []
    ordered = sorted(message.parts, key=lambda part: part.meaning != "CURRENCY")
    lines = [
        f"extension {message.swift} {{",
        "  /// Holds the row against the rules that follow from what its fields mean"
        + (", and its own." if message.entity and message.entity.has_rules else "."),
        "  @inline(__always)",
        "  func validate() throws(ValidationFailure) {",
    ]
    for part in ordered:
        lines += [f"    {line}" for line in _statements(message, part, contract)]
    if message.entity and message.entity.has_rules:
        lines.append("    try checkRules()")
    return lines + ["  }", "}"]


def _statements(message: Message, part: Field, contract: Contract) -> list[str]:
    path = names.swift_text(f"{message.label}.{part.name}")
    if part.meaning == "CURRENCY":
        statement = f"try require(currency: {part.swift}, {path})"
    elif part.meaning in ("DATE", "MOMENT"):
        statement = f"try require({part.swift}, {path})"
    elif part.is_row and has_rules(contract.messages[part.type_name], contract):
        if part.is_repeated:
            return [f"for row in {part.swift} {{ try row.validate() }}"]
        return [f"try {part.swift}?.validate()"]
    else:
        return []
    return [f"if let {part.swift} {{ {statement} }}" if part.may_be_absent else statement]
