"""Field numbers with the shape that each field has in the contract."""
from .contract import Field, Message


def numbers(message: Message) -> list[str]:
    """The enum of a message's field numbers."""
    lines = [
        f"/// Field numbers of `{message.swift}`.",
        f"package enum {message.name}Field: UInt32, MessageFields {{",
        f'  package static let message = "{message.name}"',
        "",
    ]
    lines += [f"  case {part.swift} = {part.number}" for part in message.fields]
    lines += ["", "  package var shape: FieldShape {", "    switch self {"]
    by_shape: dict[str, list[str]] = {}
    for part in message.fields:
        by_shape.setdefault(_shape(part), []).append(f".{part.swift}")
    lines += [f"    case {', '.join(cases)}: {shape}" for shape, cases in by_shape.items()]
    return lines + ["    }", "  }", "}"]


def _shape(part: Field) -> str:
    if part.kind == "enum":
        shape = f'.enumeration("{part.type_name}")'
    elif part.kind == "message":
        shape = f'.message("{part.type_name}")'
    else:
        shape = f".{part.kind}"
    if part.is_repeated:
        return f".repeated({shape})"
    return f".optional({shape})" if part.is_optional else shape
