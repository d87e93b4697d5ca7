package import Wire

// How keys of rows stand on the wire: `proto/millrace/v1/envelope.proto`, messages Key and KeyPart.

extension RowKey where P == SealedPerson {
  /// The integer 0, to be read over.
  package static var blank: Self { Self(0) }
}

extension WireReader {
  /// Reads a field of type `Key`. Throws for one without parts, with too many, or with a part that says nothing.
  package mutating func key(_ value: inout RowKey<SealedPerson>, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    let outer = try enter(tag, bytes)
    var count = 0
    while let tag = try next(bytes) {
      switch KeyField(rawValue: tag.field) {
      case .parts:
        guard count < EventLimits.keyParts else { throw .tooMany }
        let part = try keyPart(tag, bytes)
        if count == 0 { value = RowKey(part) } else { value.rest.append(part) }
        count &+= 1
      case nil: try skip(tag, bytes)
      }
    }
    if count == 0 { throw .missingField("Key.parts") }
    leave(outer)
  }

  /// Reads a field of type `Key`. Throws for one without parts, with too many, or with a part that says nothing.
  package mutating func key(_ value: inout RowKey<SealedPerson>?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    var key = RowKey<SealedPerson>.blank
    try self.key(&key, tag, bytes)
    value = key
  }

  /// Reads the whole number that a reference mostly is.
  package mutating func integerKey(_ value: inout RowKey<SealedPerson>, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    var integer: Int64 = 0
    try int64(&integer, tag, bytes)
    value = RowKey(integer)
  }

  /// Reads the whole number that a reference mostly is.
  package mutating func integerKey(_ value: inout RowKey<SealedPerson>?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    var key = RowKey<SealedPerson>.blank
    try integerKey(&key, tag, bytes)
    value = key
  }

  private mutating func keyPart(
    _ tag: WireTag, _ bytes: borrowing Span<UInt8>
  ) throws(WireError) -> RowKey<SealedPerson>.Part {
    let outer = try enter(tag, bytes)
    var part: RowKey<SealedPerson>.Part?
    while let tag = try next(bytes) {
      guard let field = KeyPartField(rawValue: tag.field) else {
        try skip(tag, bytes)
        continue
      }
      if part != nil { throw .repeatedField("KeyPart.value") }
      switch field {
      case .integer:
        var value: Int64 = 0
        try sint64(&value, tag, bytes)
        part = .integer(value)
      case .text:
        var value = ""
        try string(&value, tag, bytes)
        part = .text(value)
      case .uuid:
        let range = try self.field(tag, bytes)
        guard range.count == 16 else { throw .outOfRange("KeyPart.uuid") }
        let raw = bytes.bytes
        // Both loads are bounds-checked.
        part = .uuid(
          high: UInt64(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self)),
          low: UInt64(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound &+ 8, as: UInt64.self)))
      case .bytes:
        var value: [UInt8] = []
        try self.bytes(&value, tag, bytes)
        part = .bytes(value)
      case .personal:
        var value = SealedData.blank
        try sealed(&value, tag, bytes)
        part = .personal(value)
      }
    }
    guard let part else { throw .missingField("KeyPart.value") }
    leave(outer)
    return part
  }
}

extension WireWriter {
  /// Writes a field of type `Key`; nothing for nil.
  package mutating func key(_ field: UInt32, _ value: RowKey<SealedPerson>) {
    let start = begin(field)
    keyPart(value.first)
    for part in value.rest { keyPart(part) }
    end(start)
  }

  /// Writes a field of type `Key`; nothing for nil.
  package mutating func key(_ field: UInt32, _ value: RowKey<SealedPerson>?) {
    if let value { key(field, value) }
  }

  /// Writes a key that is one integer as a field of type `int64`; nothing for other keys, and for nil.
  package mutating func integerKey(_ field: UInt32, _ value: RowKey<SealedPerson>?) {
    int64(field, value?.integer)
  }

  /// Writes a key that is not one integer as a field of type `Key`; nothing for others, and for nil.
  package mutating func otherKey(_ field: UInt32, _ value: RowKey<SealedPerson>?) {
    if let value, value.integer == nil { key(field, value) }
  }

  private mutating func keyPart(_ part: RowKey<SealedPerson>.Part) {
    let start = begin(KeyField.parts.rawValue)
    switch part {
    case .integer(let value): sint64(KeyPartField.integer.rawValue, always: value)
    case .text(let text): string(KeyPartField.text.rawValue, always: text)
    case .uuid(let high, let low):
      withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { raw(KeyPartField.uuid.rawValue, $0) }
    case .bytes(let bytes): bytes.withUnsafeBytes { raw(KeyPartField.bytes.rawValue, $0) }
    case .personal(let value): sealed(KeyPartField.personal.rawValue, value)
    }
    end(start)
  }
}

extension RowKey where P == SealedPerson {
  /// The key that stood in the rows of a change in format 1, in the field `number` of type `int64`: of the row after the
  /// change, or of the one before it where there is no other. A field that is not written is 0.
  package init(movedFrom number: UInt32, of content: borrowing Span<UInt8>) throws(WireError) {
    var integer: Int64 = 0
    var isAfter = false
    var reader = try WireReader(content)
    while let tag = try reader.next(content) {
      guard let state = ChangeField(rawValue: tag.field), state == .after || !isAfter else {
        try reader.skip(tag, content)
        continue
      }
      isAfter = state == .after
      integer = 0
      let outer = try reader.enter(tag, content)
      while let tag = try reader.next(content) {
        if tag.field == number { try reader.int64(&integer, tag, content) } else { try reader.skip(tag, content) }
      }
      reader.leave(outer)
    }
    self.init(integer)
  }
}
