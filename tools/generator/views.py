"""Entities that are read in place: where their values lie in a record, and sealed straight into its bytes."""
from . import codec, names
from .contract import ContractError, Field, Message
from .mapping import place
from .swift import representation


def view(message: Message) -> list[str]:
    """The view of an entity with the option `in_place`, and its direct way into bytes; nothing for others."""
    if message.entity is None or not message.entity.in_place:
        return []
    return [*_structure(message), "", *_places(message), "", *_reading(message), "", *_writing(message)]


def _type(part: Field) -> str:
    if part.kind == "string":
        return "Range<Int>"
    if part.type_name == "Sealed":
        return "SealView"
    if part.kind == "message" or part.is_repeated:
        raise ContractError(f"{part.name}: only numbers, words, texts and seals are read in place")
    return representation(part).type


def _zero(part: Field) -> str:
    if part.kind == "string":
        return "0..<0"
    return "SealView()" if part.type_name == "Sealed" else representation(part).zero


def _structure(message: Message) -> list[str]:
    lines = [
        *names.doc(
            f"A `{message.swift}` where it lies in its record: numbers by value, texts and seals as ranges of the record's "
            "bytes. Only what is plain in every respect is read this way (see `EnvelopeView`)."),
        f"package struct {message.swift}View: Sendable {{",
        "  package let envelope: EnvelopeView",
    ]
    for part in message.fields:
        declared = f"{_type(part)}?" if part.may_be_absent else f"{_type(part)} = {_zero(part)}"
        lines.append(f"  package private(set) var {part.swift}: {declared}")
    return lines + [
        "",
        f"  /// nil: no {message.entity.name.replace('_', ' ')}, or one that is not plain. What this accepts, "
        "`Event(decoding:)` accepts with the same",
        "  /// values.",
        "  package init?(decoding record: borrowing Span<UInt8>) {",
        f"    let number = PayloadField.{names.lower_camel(message.entity.name)}.rawValue",
        f"    guard let envelope = EnvelopeView(decoding: record, {names.swift_text(message.entity.name)}, number) else {{",
        "      return nil",
        "    }",
        "    self.envelope = envelope",
        "    do throws(WireError) {",
        "      var reader = try WireReader(record)",
        "      reader.position = envelope.content.lowerBound",
        "      reader.end = envelope.content.upperBound",
        "      guard try read(&reader, record) else { return nil }",
        "    } catch {",
        "      return nil",
        "    }",
        "  }",
        "}",
    ]


def _places(message: Message) -> list[str]:
    """What its seals are tied to."""
    return [
        f"extension {message.swift}View {{",
        *[
            f"  package static var {part.swift}Place: PersonalPlace {{ {place(part, '.once')} }}"
            for part in message.fields if part.personal
        ],
        "}",
    ]


def _reading(message: Message) -> list[str]:
    needed = [part for part in message.fields if part.is_required]
    lines = [
        f"extension {message.swift}View {{",
        "  /// False: not plain.",
        "  private mutating func read(",
        "    _ reader: inout WireReader, _ record: borrowing Span<UInt8>",
        "  ) throws(WireError) -> Bool {",
        *[f"    var saw{names.upper_camel(part.name)} = false" for part in needed],
        "    while let tag = try reader.next(record) {",
        "      let isPlain: Bool",
        f"      switch {message.name}Field(rawValue: tag.field) {{",
    ]
    for part in message.fields:
        lines += [f"      case .{part.swift}:", *[f"        {statement}" for statement in _read(part)]]
    return lines + [
        "      case nil: return false",
        "      }",
        "      guard isPlain else { return false }",
        "    }",
        "    return " + (" && ".join(f"saw{names.upper_camel(part.name)}" for part in needed) or "true"),
        "  }",
        "}",
    ]


# Names that the reading function uses itself.
_TAKEN = {"reader", "record", "tag", "seal", "value", "range", "isPlain"}


def _read(part: Field) -> list[str]:
    own = f"self.{part.swift}" if part.swift in _TAKEN else part.swift
    if part.type_name == "Sealed" and part.is_required:
        saw = f"saw{names.upper_camel(part.name)}"
        return [f"isPlain = !{saw}", f"{saw} = true", f"try reader.seal(&{own}, tag, record)"]
    if part.type_name == "Sealed":
        return [f"isPlain = {own} == nil", "var seal = SealView()", "try reader.seal(&seal, tag, record)", f"{own} = seal"]
    if part.kind == "string" and part.may_be_absent:
        return ["var range = 0..<0", "isPlain = try reader.plain(&range, tag, record)", f"{own} = range"]
    if part.kind == "string":
        return [f"isPlain = try reader.plain(&{own}, tag, record)"]
    value = representation(part)
    if not part.may_be_absent:
        return [f"try reader.{value.method}(&{own}{value.access}, tag, record)", "isPlain = true"]
    return [
        f"var value = {value.zero}", f"try reader.{value.method}(&value{value.access}, tag, record)", f"{own} = value",
        "isPlain = true",
    ]


def _writing(message: Message) -> list[str]:
    personal = [part for part in message.fields if part.personal]
    seals = []
    for part in personal:
        if part.may_be_absent:
            seals.append(
                f"    let {part.swift} = try {part.swift}.map {{ try seal($0, {message.swift}View.{part.swift}Place) }}")
        else:
            seals.append(f"    let {part.swift} = try seal({part.swift}, {message.swift}View.{part.swift}Place)")
    return [
        f"extension {message.swift} where P == Person {{",
        "  /// Appends the event of this content, sealed. What is so frequent goes straight into the bytes: the sealed row in",
        "  /// between would only be copied and thrown away.",
        "  func encode(",
        "    _ envelope: Envelope, into buffer: inout [UInt8],",
        "    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData",
        "  ) throws {",
        *seals,
        "    WireWriter.append(to: &buffer, expecting: 768) { writer in",
        f"      let start = envelope.begin({names.swift_text(message.entity.name)}, "
        f"PayloadField.{names.lower_camel(message.entity.name)}.rawValue, &writer)",
        *[f"      {_write(message, part)}" for part in sorted(message.fields, key=lambda part: part.number)],
        "      envelope.end(start, nil, &writer)",
        "    }",
        "  }",
        "}",
    ]


def _write(message: Message, part: Field) -> str:
    """Like the sealed row's; what is personal has been sealed into a constant of its name."""
    if part.personal:
        return f"writer.sealed({message.name}Field.{part.swift}.rawValue, {part.swift})"
    return codec.write(message, part)
