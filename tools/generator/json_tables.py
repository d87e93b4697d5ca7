"""The tables that the JSON writer, its schema and its page go by."""
import re

from . import names
from .contract import Contract, Field, Message
from .swift import representation

_MEANINGS = {"COUNTRY": "ISO 3166-1 alpha-2", "CURRENCY": "ISO 4217"}


def table(message: Message, contract: Contract) -> list[str]:
    """The table of an entity; none for what a rejected record left behind, which JSON shows in another form. Those
    of the engine's own entities are the engine's."""
    if message.entity is None or message.entity.name == "rejected":
        return []
    if message.entity.kind == "CONTROL":
        name = names.lower_camel(message.entity.name)
        return ["extension JSONTables {", f"  static let {name} = {message.swift}.table", "}"]
    row = f"{message.swift}<PersonToken>" if message.has_phases else message.swift
    lines = [
        "extension JSONTables {",
        f"  static let {names.lower_camel(message.entity.name)} = JSONTable<{row}>(",
        f"    {names.swift_text(message.entity.name)}, {names.swift_text(message.comment)},",
        "    [",
    ]
    for part in message.parts:
        lines += [f"      {member}," for member in _members(message, part, contract, "$0")]
    return lines + ["    ])", "}"]


def _members(message: Message, part: Field, contract: Contract, base: str) -> list[str]:
    """The members of one field; a single message gives its own fields, empty where it is absent."""
    value = f"{base}.{part.swift}"
    remark = names.note(part.comment, _MEANINGS.get(part.meaning, ""), *_joins(message, part, contract))
    if part.is_row and not part.is_repeated:
        row = contract.messages[part.type_name]
        return [member for each in row.fields for member in _members(row, each, contract, f"{value}?")]
    arguments = names.swift_text(part.name) + (f", {names.swift_text(remark)}" if remark else "")
    if part.is_row:
        list_of = f"({value} ?? [])" if "?" in base else value
        return [f".texts({arguments}) {{ {list_of}.map {{ {_template(part, contract)} }} }}"]
    if part.is_repeated:
        return [f".texts({arguments}) {{ {value} }}"]
    if part.type_name == "Guarded" and not remark:
        arguments += f", {names.swift_text(part.name.replace('_', ' '))}"
    return [f".{representation(part).json}({arguments}) {{ {value} }}"]


def _joins(message: Message, part: Field, contract: Contract) -> list[str]:
    """Which other tokens are equal to those of this field."""
    if part.type_name != "Sealed":
        return []
    others = [
        f"{owner.label}.{other.name}_token" for owner, other in contract.owners(part.personal)
        if (owner.name, other.name) != (message.name, part.name) and other.type_name == "Sealed"
    ]
    return [f"joins with {' and '.join(others)}"] if others else []


def _template(part: Field, contract: Contract) -> str:
    """A Swift text with the fields of one element in the places of their names."""
    fields = {each.name: each.swift for each in contract.messages[part.type_name].fields}
    return '"' + re.sub(r"\{(\w+)\}", lambda match: f"\\($0.{fields[match[1]]})", part.text) + '"'
