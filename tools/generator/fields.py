"""Field numbers with the shape that each field has in the contract."""
from . import names
from .contract import Field, Message


def numbers(message: Message) -> list[str]:
    """The enum of a message's field numbers."""
    lines = [
        f"/// Field numbers of `{message.swift}`.",
        f"package enum {message.name}Field: UInt32, MessageFields {{",
        f'  package static let message = "{message.name}"',
        "",
    ]
    for part in message.fields:
        lines.append(f"  case {part.swift} = {part.number}")
        if part.key_number:
            lines.append(f"  case {key_case(part)} = {part.key_number}")
    lines += ["", "  package var shape: FieldShape {", "    switch self {"]
    by_shape: dict[str, list[str]] = {}
    for part in message.fields:
        if part.key_number:
            oneof = names.swift_text(part.name.removesuffix("_id"))
            by_shape.setdefault(f".oneof({oneof}, .int64)", []).append(f".{part.swift}")
            by_shape.setdefault(f'.oneof({oneof}, .message("Key"))', []).append(f".{key_case(part)}")
        else:
            by_shape.setdefault(_shape(part), []).append(f".{part.swift}")
    lines += [f"    case {', '.join(cases)}: {shape}" for shape, cases in by_shape.items()]
    return lines + ["    }", "  }", "}"]


def key_case(part: Field) -> str:
    """The case of the number under which a reference holds a key that is no whole number: "orderKey"."""
    return names.lower_camel(part.name.removesuffix("_id") + "_key")


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
