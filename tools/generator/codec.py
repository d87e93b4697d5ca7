"""How a message is read from and written to its bytes: in place, field by field, without values in between."""
from . import names
from .fields import key_case
from .contract import Contract, Field, Message
from .swift import representation

# Names that the read and write functions use themselves; a field of this name is told from them by `self`.
_TAKEN = {"bytes", "key", "reader", "tag", "writer", "outer", "value", "row", "text"}


def conformance(message: Message, contract: Contract) -> list[str]:
    """The codec of one message."""
    where = " where P == SealedPerson" if message.has_phases else ""
    needed = [part for part in message.parts if not part.may_be_absent and not part.is_repeated]
    zeros = ", ".join(f"{part.swift}: {_zero(part)}" for part in needed)
    seen = [part for part in message.parts if part.is_required and not part.key_number]
    lines = [
        f"// How {message.swift} stands on the wire: proto/{message.file}, message {message.name}.",
        f"extension {message.swift}: WireRow{where} {{",
        f"  static var blank: Self {{ Self({zeros}) }}",
        "",
        "  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {",
    ]
    lines += [f"    var {_saw(part)} = false" for part in seen]
    lines += [
        "    while let tag = try reader.next(bytes) {", f"      switch {message.name}Field(rawValue: tag.field) {{",
    ]
    for part in message.fields:
        lines.append(f"      case .{part.swift}:")
        lines += ["        " + line for line in _read(message, part)]
        if part.key_number:
            lines += [f"      case .{key_case(part)}:", f"        try reader.key(&{_own(part)}, tag, bytes)"]
    lines += ["      case nil:", "        try reader.skip(tag, bytes)", "      }", "    }"]
    lines += [f'    if !{_saw(part)} {{ throw .missingField("{_path(message, part)}") }}' for part in seen]
    lines += ["  }", "", "  func write(_ writer: inout WireWriter, _ key: RowKey<SealedPerson>?) {"]
    written = [(part.number, write(message, part)) for part in message.fields]
    written += [
        (part.key_number, f"writer.otherKey({message.name}Field.{key_case(part)}.rawValue, {_own(part)})")
        for part in message.fields if part.key_number
    ]
    lines += ["    " + statement for _, statement in sorted(written)]
    return lines + ["  }", "}"]


def _zero(part: Field) -> str:
    return "SealedData.blank" if part.type_name == "Sealed" else representation(part).zero


def _saw(part: Field) -> str:
    return "saw" + names.upper_camel(part.name)


def _path(message: Message, part: Field) -> str:
    return f"{message.name}.{part.swift}"


def _own(part: Field) -> str:
    return f"self.{part.swift}" if part.swift in _TAKEN else part.swift


def _read(message: Message, part: Field) -> list[str]:
    """The statements of one case."""
    own = _own(part)
    if part.is_moved_to_key:
        return ["try reader.setAside(tag, bytes)"]
    if part.key_number:
        return [f"try reader.integerKey(&{own}, tag, bytes)"]
    if part.is_repeated:
        return [f"try reader.{'rows' if part.is_row else 'strings'}(&{own}, tag, bytes)"]
    twice = f'{{ throw .repeatedField("{_path(message, part)}") }}'
    if part.is_row:
        return [
            f"if {own} != nil {twice}", f"{own} = .blank", "let outer = try reader.enter(tag, bytes)",
            f"try {own}?.read(&reader, bytes)", "reader.leave(outer)",
        ]
    value = representation(part)
    if part.kind == "message":
        once = f"if {own} != nil {twice}"
        guard = [f"if {_saw(part)} {twice}", f"{_saw(part)} = true"] if part.is_required else [once]
        return guard + [f"try reader.{value.method}(&{own}, tag, bytes)"]
    if not part.is_optional:
        return [f"try reader.{value.method}(&{own}{value.access}, tag, bytes)"]
    if part.meaning == "DATE":
        return [f"try reader.date(&{own}, tag, bytes)"]
    if value.takes_optional and not value.access:
        return [f"try reader.{value.method}(&{own}, tag, bytes)"]
    return [
        f"var value = {value.zero}", f"try reader.{value.method}(&value{value.access}, tag, bytes)", f"{own} = value",
    ]


def write(message: Message, part: Field) -> str:
    """The statement that writes one field."""
    number = f"{message.name}Field.{part.swift}.rawValue"
    own = _own(part)
    if part.is_moved_to_key:
        return f"writer.int64({number}, key?.integer ?? 0)"
    if part.key_number:
        return f"writer.integerKey({number}, {own})"
    if part.is_repeated and part.is_row:
        return f"for row in {own} {{ row.write({number}, &writer, nil) }}"
    if part.is_repeated:
        return f"for text in {own} {{ writer.string({number}, always: text) }}"
    if part.is_row:
        return f"{own}?.write({number}, &writer, nil)"
    value = representation(part)
    if not part.is_optional:
        return f"writer.{value.method}({number}, {own}{value.access})"
    if part.meaning == "DATE":
        return f"writer.date({number}, {own})"
    if value.access and value.method in ("int32", "int64"):
        return f"writer.{value.method}({number}, {own}?{value.access})"
    return f"writer.{value.method}({number}, {own})"
