"""The keys of rows that are made of the rows' own fields."""
from .contract import ContractError, Field, Message


def natural(message: Message) -> list[str]:
    """The key that follows from a row's fields; nothing for rows whose key stands apart, and for what is no row."""
    if not message.has_natural_key:
        return []
    key = [next(part for part in message.parts if part.name == name) for name in message.entity.key]
    generic = "" if message.has_phases else "<P: Phase>"
    lines = [
        f"extension {message.swift} {{",
        "  /// The row's key where the source has no other: " + ", ".join(f"`{part.swift}`" for part in key) + ".",
    ]
    lines.append(f"  package func naturalKey{generic}() -> RowKey<P> {{")
    first, *rest = key
    if all(not part.key_number for part in key):
        others = f", [{', '.join(_part(part) for part in rest)}]" if rest else ""
        lines.append(f"    RowKey({_part(first)}{others})")
    elif not first.key_number:
        lines.append(f"    RowKey({_part(first)}, {' + '.join(_parts(part) for part in rest)})")
    else:
        behind = " + ".join([f"{first.swift}.rest", *(_parts(part) for part in rest)])
        lines.append(f"    RowKey({first.swift}.first, {behind})")
    return lines + ["  }", "}"]


def _parts(part: Field) -> str:
    return f"{part.swift}.parts" if part.key_number else f"[{_part(part)}]"


def _part(part: Field) -> str:
    """One field as a part of a key: whole numbers as such, days as ISO dates, texts as they are."""
    if part.type_name == "Guarded":
        return f"RowKey.Part({part.swift})"
    if part.meaning == "DATE":
        return f".text({part.swift}.text)"
    if part.kind == "string":
        return f".text({part.swift})"
    if part.kind == "int64":
        return f".integer({part.swift})"
    raise ContractError(f"{part.name}: fields of this type are no part of a key")
