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
    if let integer = try plainIntegerKey(bytes) {
      value = RowKey(integer)
    } else {
      value = try keyParts(bytes)
    }
    leave(outer)
  }

  /// One integer as `WireWriter.key` writes it, what nearly every key is: read without a loop over two messages. nil:
  /// something else stands here, and nothing was read.
  @inline(__always)
  private mutating func plainIntegerKey(_ bytes: borrowing Span<UInt8>) throws(WireError) -> Int64? {
    let length = end &- position
    guard length >= 3, bytes[position] == UInt8(KeyField.parts.rawValue) << 3 | UInt8(WireType.lengthDelimited),
      Int(bytes[position &+ 1]) == length &- 2,
      bytes[position &+ 2] == UInt8(KeyPartField.integer.rawValue) << 3 | UInt8(WireType.varint)
    else { return nil }
    let start = position
    position &+= 3
    let raw = try rawVarint(bytes)
    guard position == end else {
      position = start
      return nil
    }
    return Int64(bitPattern: raw &>> 1) ^ (0 &- Int64(bitPattern: raw & 1))
  }

  private mutating func keyParts(_ bytes: borrowing Span<UInt8>) throws(WireError) -> RowKey<SealedPerson> {
    var parts: [RowKey<SealedPerson>.Part] = []
    while let tag = try next(bytes) {
      switch KeyField(rawValue: tag.field) {
      case .parts:
        guard parts.count < EventLimits.keyParts else { throw .tooMany }
        parts.append(try keyPart(tag, bytes))
      case nil: try skip(tag, bytes)
      }
    }
    guard let key = RowKey(parts: parts) else { throw .missingField("Key.parts") }
    return key
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
    if let integer = value.integer {
      let part = begin(KeyField.parts.rawValue)
      sint64(KeyPartField.integer.rawValue, always: integer)
      end(part)
    } else {
      for part in value.parts { keyPart(part) }
    }
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
