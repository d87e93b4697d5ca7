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
        if count == 0 { value.first = part } else { value.rest.append(part) }
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
