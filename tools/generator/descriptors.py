"""What the contract says of each entity, as a value: for mappings of sources, checks and documents."""
from . import names
from .contract import Contract, Field, Message
from .mapping import kind

_TYPES = {
    "int32": ".integer32", "int64": ".integer64", "sint32": ".integer32", "sint64": ".integer64", "uint32": ".natural32",
    "uint64": ".natural64", "fixed64": ".hash64", "string": ".text",
}
_PRIVACY = {"Sealed": "sealed", "Guarded": "guarded", "Key": "keyed"}
_MEANINGS = {"DATE": ".date", "MOMENT": ".moment", "COUNTRY": ".country", "CURRENCY": ".currency"}


def descriptor(message: Message, contract: Contract) -> list[str]:
    """The descriptor of an entity; nothing for what an entity holds."""
    entity = message.entity
    if entity is None:
        return []
    lines = [
        "extension EntityDescriptor {",
        f"  package static let {names.lower_camel(entity.name)} = EntityDescriptor(",
        f"    name: {names.swift_text(entity.name)}, kind: .{entity.kind.lower()}, "
        f"topic: {names.swift_text(entity.topic) if entity.topic else 'nil'}, key: {_texts(_key(message))}, "
        f"route: {_texts(entity.route)}, since: {entity.since},",
        f"    meaning: {names.swift_text(message.comment)},",
        "    fields: [",
    ]
    lines += [f"      {_field(part, contract)}," for part in message.parts]
    return lines + ["    ])", "}"]


def _key(message: Message) -> tuple[str, ...]:
    """The fields that make the row's key; none where it stands apart."""
    return message.entity.key if message.has_natural_key else ()


def _texts(values: tuple[str, ...]) -> str:
    return "[" + ", ".join(names.swift_text(value) for value in values) + "]"


def _field(part: Field, contract: Contract) -> str:
    arguments = [names.swift_text(part.name), str(part.number), _type(part, contract)]
    if part.may_be_absent or part.is_repeated:
        arguments.append("isRequired: false")
    if part.personal_kind:
        arguments.append(f"privacy: .{_PRIVACY[part.type_name]}({kind(part)})")
    if part.since != 1:
        arguments.append(f"since: {part.since}")
    if part.comment:
        arguments.append(f"meaning: {names.swift_text(part.comment)}")
    return f"Field({', '.join(arguments)})"


def _type(part: Field, contract: Contract) -> str:
    if part.is_repeated:
        return ".list"
    if part.meaning:
        return _MEANINGS[part.meaning]
    if part.kind == "enum":
        return f".word({part.type_name}.names.map(\\.name))"
    if part.kind == "message":
        return {"Decimal": ".decimal", "Sealed": ".text", "Guarded": ".text", "Key": ".key"}.get(part.type_name, ".message")
    return _TYPES[part.kind]
