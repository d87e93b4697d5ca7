"""The structures: one for each message, with its memberwise initializer."""
from . import names
from .contract import Contract, Enumeration, Field, Message
from .swift import type_of

_MEANINGS = {"COUNTRY": "ISO 3166-1 alpha-2", "CURRENCY": "ISO 4217 code, three capitals"}


def structure(message: Message, contract: Contract) -> list[str]:
    """The type of one message."""
    outer, _, name = message.swift.rpartition(".")
    indent = "  " if outer else ""
    generic = "<P: Phase>" if message.has_phases else ""
    lines = [f"extension {outer} {{"] if outer else []
    lines += names.doc(message.comment, indent)
    lines.append(f"{indent}package struct {name}{generic}: Sendable, Equatable {{")
    for part in message.parts:
        lines += names.doc(names.sentence(part.comment, _MEANINGS.get(part.meaning, "")), indent + "  ")
        lines.append(f"{indent}  package var {part.swift}: {type_of(part, contract.messages)}")
    lines += ["", f"{indent}  @inlinable package init({parameters(message, contract)}) {{"]
    lines += [f"{indent}    self.{part.swift} = {part.swift}" for part in message.parts]
    lines += [f"{indent}  }}", f"{indent}}}"] + (["}"] if outer else [])
    if message.entity and message.entity.in_place and message.has_phases:
        lines += ["", *_concrete(message, contract)]
    return lines


def _concrete(message: Message, contract: Contract) -> list[str]:
    """The initializer of what capture makes, compiled for its phase."""
    types = [
        f"{part.swift}: {type_of(part, contract.messages)}".replace("P.Field", "PersonalData").replace("<P>", "<Person>")
        for part in message.parts
    ]
    return [
        f"extension {message.swift} where P == Person {{",
        "  /// As the general form, which in other modules goes through the type's run-time description.",
        f"  package init({', '.join(types)}) {{",
        *[f"    self.{part.swift} = {part.swift}" for part in message.parts],
        "  }",
        "}",
    ]


def parameters(message: Message, contract: Contract) -> str:
    """Of the memberwise initializer: what may be absent may be left out."""
    return ", ".join(_parameter(part, contract) for part in message.parts)


def _parameter(part: Field, contract: Contract) -> str:
    default = " = []" if part.is_repeated else " = nil" if part.may_be_absent else ""
    return f"{part.swift}: {type_of(part, contract.messages)}{default}"


def enumeration(enumeration: Enumeration) -> list[str]:
    """An open list of numbers: those that this version does not know are kept."""
    name = enumeration.name
    lines = names.doc(names.sentence(enumeration.comment, "Numbers that are not known are kept")) + [
        f"package struct {name}: RawRepresentable, Sendable, Hashable {{",
        "  package var rawValue: Int32",
        "  @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }",
        "",
    ]
    for value, number, comment in enumeration.values:
        lines += names.doc(comment, "  ")
        lines.append(f"  package static let {names.lower_camel(value)} = {name}(rawValue: {number})")
    pairs = ", ".join(f'(.{names.lower_camel(value)}, "{value}")' for value, _, _ in enumeration.values)
    lines += [
        "}",
        "",
        f"extension {name}: Named {{",
        f"  package static let names: [(value: {name}, name: String)] = [{pairs}]",
        "}",
    ]
    return lines
