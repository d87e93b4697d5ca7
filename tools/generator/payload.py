"""The enum of all payloads and everything that is said for each of them in turn."""
from . import names
from .contract import Contract, Message
from .rules import has_rules


def payload(contract: Contract) -> list[str]:
    """The enum, its numbers, names, codec, phase mapping, rules and JSON."""
    entities = [(number, message, names.lower_camel(message.entity.name)) for number, message in contract.payloads]
    parts = [
        _enum(entities), _numbers(entities), _names(entities), _keys(entities), _reading(entities), _writing(entities),
        _mapping(entities),
        _validation(entities, contract), _json(entities), _lists(entities),
    ]
    return [line for part in parts for line in part + [""]]


def _type(message: Message) -> str:
    return f"{message.swift}<P>" if message.has_phases else message.swift


def _is_row(message: Message) -> bool:
    return message.entity.kind == "ROW"


def _bound(message: Message) -> str:
    return "change" if _is_row(message) else "value"


def _enum(entities) -> list[str]:
    lines = [
        "/// What an event is about. Behind one reference each (a change is one): the widest payload has 400 bytes and twenty",
        "/// strings, and events are handed on more often than they are taken apart.",
        "package enum Payload<P: Phase>: Sendable, Equatable {",
    ]
    for _, message, case in entities:
        held = f"Change<{_type(message)}>" if _is_row(message) else _type(message)
        lines.append(f"  {'' if _is_row(message) else 'indirect '}case {case}({held})")
    return lines + ["}"]


def _numbers(entities) -> list[str]:
    numbered = [each for each in entities if each[0] is not None]
    later = [case for number, _, case in entities if number is None]
    return [
        "/// Numbers of the payloads' fields in `Event`, of format 1.",
        "package enum PayloadField: UInt32, MessageFields {",
        '  package static let message = "Event"',
        "",
        *[f"  case {case} = {number}" for number, _, case in numbered],
        "",
        "  package var shape: FieldShape {",
        '    let name = switch self {',
        *[
            f'    case .{case}: "{message.name}{"Change" if _is_row(message) else ""}"'
            for _, message, case in numbered
        ],
        "    }",
        '    return .oneof("payload", .message(name))',
        "  }",
        "",
        "  /// What they stand for.",
        "  package static let entities = FormatOneEntities([",
        "    " + ", ".join(f"({number}, {names.swift_text(message.entity.name)})" for number, message, _ in numbered),
        "  ])",
        "}",
        "",
        "extension Payload {",
        "  /// Number of its field in `Event` in format 1" + ("; 0: it came later." if later else "."),
        "  var number: UInt32 {",
        "    switch self {",
        *[f"    case .{case}: PayloadField.{case}.rawValue" for _, _, case in numbered],
        *([f"    case {', '.join('.' + case for case in later)}: 0"] if later else []),
        "    }",
        "  }",
        "}",
    ]


def _names(entities) -> list[str]:
    return [
        "extension Payload {",
        '  /// The entity\'s name in the contract: "order_line".',
        "  package var kind: String {",
        "    switch self {",
        *[f"    case .{case}: {names.swift_text(message.entity.name)}" for _, message, case in entities],
        "    }",
        "  }",
        "",
        '  /// What the event is about, for people: "order", "web request".',
        "  package var name: String {",
        "    switch self {",
        *[f"    case .{case}: {names.swift_text(message.entity.name.replace('_', ' '))}" for _, message, case in entities],
        "    }",
        "  }",
        "}",
    ]


def _keys(entities) -> list[str]:
    """What is said of the keys of all entities."""
    rows = [f".{case}" for _, message, case in entities if _is_row(message)]
    moved = [f".{case}" for _, message, case in entities if any(part.is_moved_to_key for part in message.fields)]
    kinds: dict[str, list[str]] = {}
    for _, message, case in entities:
        if message.key_kind != "row_key":
            kinds.setdefault(message.key_kind, []).append(f".{case}")
    return [
        "extension Payload {",
        "  /// Whether it is a row's change, which has a key from format 2 on.",
        "  var isRow: Bool {",
        "    switch self {",
        f"    case {', '.join(rows)}: true" if rows else "",
        "    default: false",
        "    }",
        "  }",
        "",
        "  /// Of which kind the parts of its key are that are personal.",
        "  package var keyKind: PersonalField {",
        "    switch self {",
        *[f"    case {', '.join(cases)}: .{names.lower_camel(kind)}" for kind, cases in kinds.items()],
        "    default: .rowKey",
        "    }",
        "  }",
        "}",
        "",
        "extension Payload where P == SealedPerson {",
        "  /// The key of its row in format 1, where it stands in the row alone; nil for what happens once. `moved`: the field",
        "  /// of the row that became its key.",
        "  func formatOneKey(moved: Int64) -> RowKey<SealedPerson>? {",
        "    switch self {",
        f"    case {', '.join(moved)}: RowKey(moved)" if moved else "",
        "    default: naturalKey()",
        "    }",
        "  }",
        "}",
        "",
        "extension Payload {",
        "  /// The key of its row where the row's own fields make it; nil for other rows and what happens once.",
        "  package func naturalKey() -> RowKey<P>? {",
        "    switch self {",
        *[
            f"    case .{case}(let change): change.newest?.naturalKey()"
            for _, message, case in entities if _is_row(message) and message.has_natural_key
        ],
        "    default: nil",
        "    }",
        "  }",
        "}",
    ]


def _reading(entities) -> list[str]:
    lines = [
        "extension Payload where P == SealedPerson {",
        "  /// Reads the innermost message as the content of that entity; nil: it is not known. `mayLackRows`: a change with",
        "  /// neither state is none otherwise.",
        "  init?(",
        "    entity: String, mayLackRows: Bool, _ reader: inout WireReader, _ bytes: borrowing Span<UInt8>",
        "  ) throws(WireError) {",
        "    switch entity {",
    ]
    for _, message, case in entities:
        read = "Change(&reader, bytes, mayLackRows)" if _is_row(message) else f"{message.swift}(&reader, bytes)"
        lines.append(f"    case {names.swift_text(message.entity.name)}: self = .{case}(try {read})")
    return lines + ["    default: return nil", "    }", "  }", "}"]


def _writing(entities) -> list[str]:
    lines = [
        "extension Payload where P == SealedPerson {",
        "  /// Writes the fields of the content. `key`: of the row, where it stands in the row itself; nil from format 2 on.",
        "  func write(_ writer: inout WireWriter, _ key: RowKey<SealedPerson>?) {",
        "    switch self {",
    ]
    for _, message, case in entities:
        lines.append(f"    case .{case}(let {_bound(message)}): {_bound(message)}.write(&writer, key)")
    lines += [
        "    }",
        "  }",
        "}",
        "",
        "extension Payload: ClearContent where P == Person {",
        "  package var entity: String { kind }",
        "",
        "  /// Appends the event of this content, sealed.",
        "  package func encode(",
        "    _ envelope: Envelope, _ key: RowKey<Person>?, into buffer: inout [UInt8],",
        "    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData",
        "  ) throws {",
        "    switch self {",
    ]
    for _, message, case in entities:
        if message.entity.in_place:
            lines.append(f"    case .{case}(let value): try value.encode(envelope, into: &buffer, sealing: seal)")
    lines.append("    default: try Event<SealedPerson>(envelope, self, key, .both, seal).encode(into: &buffer)")
    return lines + ["    }", "  }", "}"]


def _mapping(entities) -> list[str]:
    lines = [
        "extension Payload {",
        "  @inline(__always)",
        "  func mapPersonal<Q: Phase, E: Error>(",
        "    _ states: RowStates, _ transform: (P.Field, PersonalPlace) throws(E) -> Q.Field",
        "  ) throws(E) -> Payload<Q> {",
        "    switch self {",
    ]
    for _, message, case in entities:
        bound = _bound(message)
        if not message.has_phases:
            mapped = f"({bound})"
        elif _is_row(message):
            mapped = "(try change.map(states) { (row, state) throws(E) in try row.mapPersonal(state, transform) })"
        else:
            mapped = "(try value.mapPersonal(transform))"
        lines.append(f"    case .{case}(let {bound}): .{case}{mapped}")
    return lines + ["    }", "  }", "}"]


def _validation(entities, contract: Contract) -> list[str]:
    lines = [
        "extension Payload {",
        "  /// Holds the new state against the rules. `moment`: when the event happened.",
        "  func validate(at moment: Timestamp) throws(ValidationFailure) {",
        "    switch self {",
    ]
    free = []
    for _, message, case in entities:
        checks = []
        if message.entity.happens_at_occurred_at:
            checks.append(f"try require(moment, {names.swift_text(message.entity.name + '.occurred_at')})")
        bound = ""
        if has_rules(message, contract):
            bound = f"(let {_bound(message)})"
            checks.append(f"try {'change.after?' if _is_row(message) else 'value'}.validate()")
        if checks:
            lines += [f"    case .{case}{bound}:", *[f"      {check}" for check in checks]]
        else:
            free.append(f".{case}")
    if free:
        lines.append(f"    case {', '.join(free)}: break")
    return lines + ["    }", "  }", "}"]


def _json(entities) -> list[str]:
    lines = [
        "/// The rows as JSON: every field of the contract, under its name there.",
        "enum JSONTables {",
        "  /// In the order of the contract.",
        "  static let rows: [JSONOutline] = [",
        "    " + ", ".join(f"{case}.outline" for _, _, case in entities if case != "rejected") + ",",
        "  ]",
        "}",
        "",
        "extension Payload where P == PersonToken {",
        "  /// `before` and `after`. What happens once (a web request, a heartbeat, a decision) stands in `after`; a rejected",
        "  /// record has neither.",
        "  func write(to writer: inout JSONWriter) {",
        "    switch self {",
    ]
    for _, message, case in entities:
        table = f"JSONTables.{case}"
        if case == "rejected":
            lines.append(f"    case .{case}: writer.change(before: nil, after: nil, JSONTables.heartbeat)")
        elif _is_row(message):
            lines.append(
                f"    case .{case}(let change): writer.change(before: change.before, after: change.after, {table})")
        else:
            lines.append(f"    case .{case}(let value): writer.change(before: nil, after: value, {table})")
    return lines + ["    }", "  }", "}"]


def _lists(entities) -> list[str]:
    return [
        "extension EntityDescriptor {",
        "  /// In the order of the contract.",
        "  package static let all: [EntityDescriptor] = [",
        "    " + ", ".join(f".{case}" for _, _, case in entities) + ",",
        "  ]",
        "}",
    ]
