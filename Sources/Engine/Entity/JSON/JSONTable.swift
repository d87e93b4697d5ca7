package import Money
package import Text

/// How a value stands in JSON; the schema's `$defs` say the same in the schema's words.
package indirect enum JSONShape: Sendable, Equatable {
  case int32
  case int64
  case uint32
  case uint64
  case text
  case texts
  /// Exact decimal number as a string.
  case decimal
  /// ISO 8601 date; null outside 1970 to 9999.
  case day
  /// ISO 8601 moment in UTC with milliseconds; null outside 1970 to 9999.
  case moment
  /// 32 hexadecimal digits.
  case token
  /// Text of a row's key: 385, 'a', token:…, (1,'a').
  case key
  /// 64 bits as 16 hexadecimal digits.
  case hexadecimal
  /// One of these names, or "unknown:" and the number of a value that came later.
  case name([String])
  /// May be null.
  case optional(JSONShape)
}

/// A member as people and the schema see it.
package struct JSONMember: Sendable {
  package let name: String
  package let shape: JSONShape
  /// What the name does not say; may be empty.
  package let note: String
  package let key: JSONKey

  /// `note`: what the name does not say; may be empty.
  package init(_ name: String, _ shape: JSONShape, _ note: String) {
    self.name = name
    self.shape = shape
    self.note = note
    key = JSONKey(name)
  }
}

/// The members that come of one field of a row, and how they are written: one declaration for writer, schema and docs.
package struct JSONField<Row>: Sendable {
  package let members: [JSONMember]
  package let write: @Sendable (Row, inout JSONWriter) -> Void

  private init(
    _ name: String, _ shape: JSONShape, _ note: String, _ write: @escaping @Sendable (Row, inout JSONWriter) -> Void
  ) {
    let member = JSONMember(name, shape, note)
    members = [member]
    self.write = { row, writer in
      writer.key(member.key)
      write(row, &writer)
    }
  }

  private init(members: [JSONMember], write: @escaping @Sendable (Row, inout JSONWriter) -> Void) {
    self.members = members
    self.write = write
  }

  /// A member whose value may be missing.
  private static func optional<Value>(
    _ name: String, _ shape: JSONShape, _ note: String, _ value: @escaping @Sendable (Row) -> Value?,
    _ write: @escaping @Sendable (Value, inout JSONWriter) -> Void
  ) -> JSONField {
    JSONField(name, .optional(shape), note) { row, writer in
      if let value = value(row) { write(value, &writer) } else { writer.null() }
    }
  }

  // MARK: Numbers

  /// A whole number of 32 bits; null for nil.
  package static func int32(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Int32)
    -> JSONField
  {
    JSONField(name, .int32, note) { $1.integer(value($0)) }
  }

  /// A whole number of 64 bits; null for nil.
  package static func int64(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Int64)
    -> JSONField
  {
    JSONField(name, .int64, note) { $1.integer(value($0)) }
  }

  /// A whole number of 32 bits; null for nil.
  package static func int32(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Int32?)
    -> JSONField
  {
    optional(name, .int32, note, value) { $1.integer($0) }
  }

  /// A whole number of 64 bits; null for nil.
  package static func int64(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Int64?)
    -> JSONField
  {
    optional(name, .int64, note, value) { $1.integer($0) }
  }

  /// A whole number of 32 bits from 0; null for nil.
  package static func uint32(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> UInt32?)
    -> JSONField
  {
    optional(name, .uint32, note, value) { $1.integer($0) }
  }

  /// A whole number of 64 bits from 0; null for nil.
  package static func uint64(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> UInt64?)
    -> JSONField
  {
    optional(name, .uint64, note, value) { $1.integer($0) }
  }

  /// 64 bits in sixteen hexadecimal digits.
  package static func hexadecimal(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> UInt64
  ) -> JSONField {
    JSONField(name, .hexadecimal, note) { $1.hexadecimal(value($0)) }
  }

  /// An exact decimal number as text; null for nil.
  package static func decimal(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Decimal64
  ) -> JSONField {
    JSONField(name, .decimal, note) { $1.decimal(value($0)) }
  }

  /// An exact decimal number as text; null for nil.
  package static func decimal(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Decimal64?
  ) -> JSONField {
    optional(name, .decimal, note, value) { $1.decimal($0) }
  }

  // MARK: Texts

  /// A text; null for nil.
  package static func text(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> String)
    -> JSONField
  {
    JSONField(name, .text, note) { $1.text(value($0)) }
  }

  /// A text; null for nil.
  package static func text(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> String?)
    -> JSONField
  {
    optional(name, .text, note, value) { $1.text($0) }
  }

  /// A list of texts.
  package static func texts(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> [String])
    -> JSONField
  {
    JSONField(name, .texts, note) { $1.texts(value($0)) }
  }

  /// A value of an open list, by its name, or "unknown:" and its number; null for nil.
  package static func name<Value: Named & Sendable>(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Value
  ) -> JSONField {
    JSONField(name, .name(Value.names.map(\.name)), note) { $1.text(JSONField.text(of: value($0))) }
  }

  /// A value of an open list, by its name, or "unknown:" and its number; null for nil.
  package static func name<Value: Named & Sendable>(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Value?
  ) -> JSONField {
    optional(name, .name(Value.names.map(\.name)), note, value) { $1.text(JSONField.text(of: $0)) }
  }

  private static func text(of value: some Named) -> String {
    type(of: value).names.first { $0.value.rawValue == value.rawValue }?.name ?? "unknown:\(value.rawValue)"
  }

  // MARK: Times

  /// "2026-11-30"; null for nil.
  package static func day(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> CivilDate)
    -> JSONField
  {
    JSONField(name, .day, note) { $1.day(value($0)) }
  }

  /// "2026-11-30"; null for nil.
  package static func day(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> CivilDate?)
    -> JSONField
  {
    optional(name, .day, note, value) { $1.day($0) }
  }

  /// "2026-11-30T09:43:45.123Z", UTC.
  package static func moment(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Timestamp?
  ) -> JSONField {
    JSONField(name, .moment, note) { row, writer in
      if let value = value(row) { writer.moment(value) } else { writer.null() }
    }
  }

  // MARK: Keys

  /// A key as `RowKey.text` writes it; null for nil.
  package static func key(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> RowKey<PersonToken>
  ) -> JSONField {
    JSONField(name, .key, note) { $1.text(value($0).text) }
  }

  /// A key as `RowKey.text` writes it; null for nil.
  package static func key(
    _ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> RowKey<PersonToken>?
  ) -> JSONField {
    optional(name, .key, note, value) { $1.text($0.text) }
  }

  // MARK: People

  /// The member is called after the field and "_token", so that nobody takes a token for a value.
  package static func token(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Token)
    -> JSONField
  {
    JSONField("\(name)_token", .token, note) { $1.token(value($0)) }
  }

  /// A token in 32 hexadecimal digits; null for nil.
  package static func token(_ name: String, _ note: String = "", _ value: @escaping @Sendable (Row) -> Token?)
    -> JSONField
  {
    optional("\(name)_token", .token, note, value) { $1.token($0) }
  }

  /// Two members: the open value and the token; one of them is null, or both where the field is missing.
  package static func guarded(
    _ name: String, _ note: String, _ value: @escaping @Sendable (Row) -> Guarded<PersonToken>?
  ) -> JSONField {
    let open = JSONMember(name, .optional(.text), "\(note); null for a natural person or where there is none")
    let token = JSONMember("\(name)_token", .optional(.token), "in its place for a natural person")
    return JSONField(members: [open, token]) { row, writer in
      let value = value(row)
      writer.key(open.key)
      if case .open(let text) = value { writer.text(text) } else { writer.null() }
      writer.key(token.key)
      if case .personal(let value) = value { writer.token(value) } else { writer.null() }
    }
  }
}

/// A row type's members in their order.
package struct JSONTable<Row>: Sendable {
  /// "order_line"; what `kind` says, and the field's name in the protobuf contract.
  package let kind: String
  package let note: String
  package let fields: [JSONField<Row>]

  /// `kind`: as in the contract; `note`: what a row is; `fields`: in the order in which they are written.
  package init(_ kind: String, _ note: String, _ fields: [JSONField<Row>]) {
    self.kind = kind
    self.note = note
    self.fields = fields
  }

  /// Appends an object with every member.
  package func write(_ row: Row, to writer: inout JSONWriter) {
    writer.beginObject()
    for field in fields { field.write(row, &writer) }
    writer.endObject()
  }

  /// Appends an object with every member, or null.
  package func write(_ row: Row?, to writer: inout JSONWriter) {
    if let row { write(row, to: &writer) } else { writer.null() }
  }

  /// What it has, without how it is read: for schema and documents.
  package var outline: JSONOutline { JSONOutline(kind: kind, note: note, members: fields.flatMap(\.members)) }
}

/// What a table says, without its row type.
package struct JSONOutline: Sendable {
  package let kind: String
  package let note: String
  package let members: [JSONMember]
}
