"""The same row in another phase: each personal field goes through a transformation, in the order of declaration."""
from .contract import Contract, Field, Message
from . import names


def map_personal(message: Message) -> list[str]:
    """The mapping of a message that holds personal data; nothing for others."""
    if not message.has_phases:
        return []
    arguments = [f"{part.swift}: {_mapped(part)}" for part in message.fields]
    return [
        f"extension {message.swift} {{",
        "  /// Personal fields are sealed and opened in this order.",
        "  @inline(__always)",
        "  func mapPersonal<Q: Phase, E: Error>(",
        "    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field",
        f"  ) throws(E) -> {message.swift}<Q> {{",
        f"    {message.swift}<Q>(",
        *[f"      {argument}{',' if index < len(arguments) - 1 else ')'}" for index, argument in enumerate(arguments)],
        "  }",
        "}",
    ]


def kind(part: Field) -> str:
    """The case of `PersonalField`."""
    return "." + names.lower_camel(part.personal)


def _mapped(part: Field) -> str:
    if not part.personal:
        return part.swift
    if part.may_be_absent:
        return f"try mapOptional({part.swift}, {kind(part)}, transform)"
    if part.type_name == "Guarded":
        return f"try {part.swift}.mapPersonal({kind(part)}, transform)"
    return f"try transform({part.swift}, {kind(part)})"
