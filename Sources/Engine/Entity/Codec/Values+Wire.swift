package import Money
package import Wire

// Values that several rows hold.
extension WireReader {
  /// Reads days since 1970.
  package mutating func date(_ value: inout CivilDate?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    var days: Int32 = 0
    try sint32(&days, tag, bytes)
    value = CivilDate(daysSinceEpoch: days)
  }

  /// Reads a message `Decimal`. Throws for a scale above 9.
  package mutating func decimal(_ value: inout Decimal64, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    let outer = try enter(tag, bytes)
    var scale: UInt32 = 0
    while let tag = try next(bytes) {
      switch DecimalField(rawValue: tag.field) {
      case .unscaled: try sint64(&value.unscaled, tag, bytes)
      case .scale: try uint32(&scale, tag, bytes)
      case nil: try skip(tag, bytes)
      }
    }
    guard scale <= EventLimits.decimalScale else { throw .outOfRange("Decimal.scale") }
    value.scale = UInt8(truncatingIfNeeded: scale)
    leave(outer)
  }

  /// Reads a message `Decimal`. Throws for a scale above 9.
  package mutating func decimal(_ value: inout Decimal64?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    var decimal = Decimal64(unscaled: 0, scale: 0)
    try self.decimal(&decimal, tag, bytes)
    value = decimal
  }

  /// Reads a message `Sealed`. Throws where it names no data key of 16 bytes.
  package mutating func sealed(_ value: inout SealedData, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    let outer = try enter(tag, bytes)
    var sawKey = false
    while let tag = try next(bytes) {
      switch SealedField(rawValue: tag.field) {
      case .key:
        let range = try field(tag, bytes)
        guard range.count == 16 else { throw .outOfRange("Sealed.key") }
        let raw = bytes.bytes
        // Both loads are bounds-checked; the key is two big-endian halves.
        value.key = PersonKeyID(
          high: UInt64(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self)),
          low: UInt64(bigEndian: raw.unsafeLoadUnaligned(fromByteOffset: range.lowerBound &+ 8, as: UInt64.self)))
        sawKey = true
      case .box:
        try self.bytes(&value.box, tag, bytes)
      case .tokenVersion:
        try uint32(&value.tokenVersion, tag, bytes)
        if value.tokenVersion == 0 { value.tokenVersion = 1 }
      case nil:
        try skip(tag, bytes)
      }
    }
    if !sawKey { throw .missingField("Sealed.key") }
    leave(outer)
  }

  /// Reads a message `Sealed`. Throws where it names no data key of 16 bytes.
  package mutating func sealed(_ value: inout SealedData?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    var sealed = SealedData.blank
    try self.sealed(&sealed, tag, bytes)
    value = sealed
  }

  /// Reads a message `Guarded`. Throws where it holds neither value, or both.
  package mutating func guarded(
    _ value: inout Guarded<SealedPerson>, _ tag: WireTag, _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    let outer = try enter(tag, bytes)
    var isSet = false
    while let tag = try next(bytes) {
      switch GuardedField(rawValue: tag.field) {
      case .open:
        if isSet { throw .repeatedField("Guarded.value") }
        var text = ""
        try string(&text, tag, bytes)
        value = .open(text)
        isSet = true
      case .personal:
        if isSet { throw .repeatedField("Guarded.value") }
        var sealed = SealedData.blank
        try self.sealed(&sealed, tag, bytes)
        value = .personal(sealed)
        isSet = true
      case nil:
        try skip(tag, bytes)
      }
    }
    if !isSet { throw .missingField("Guarded.value") }
    leave(outer)
  }

  /// Reads a message `Guarded`. Throws where it holds neither value, or both.
  package mutating func guarded(
    _ value: inout Guarded<SealedPerson>?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    var guarded = Guarded<SealedPerson>.open("")
    try self.guarded(&guarded, tag, bytes)
    value = guarded
  }
}

extension WireWriter {
  /// Writes days since 1970; nothing for nil.
  package mutating func date(_ field: UInt32, _ value: CivilDate?) {
    if let value { sint32(field, always: value.daysSinceEpoch) }
  }

  /// Writes a message `Decimal`; nothing for nil.
  package mutating func decimal(_ field: UInt32, _ value: Decimal64) {
    let start = begin(field)
    sint64(DecimalField.unscaled.rawValue, value.unscaled)
    uint32(DecimalField.scale.rawValue, UInt32(value.scale))
    end(start)
  }

  /// Writes a message `Decimal`; nothing for nil.
  package mutating func decimal(_ field: UInt32, _ value: Decimal64?) {
    if let value { decimal(field, value) }
  }

  /// Writes a message `Sealed`; nothing for nil.
  package mutating func sealed(_ field: UInt32, _ value: SealedData) {
    let start = begin(field)
    withUnsafeBytes(of: (value.key.high.bigEndian, value.key.low.bigEndian)) { raw(SealedField.key.rawValue, $0) }
    bytes(SealedField.box.rawValue, value.box)
    // Absent stands for 1.
    if value.tokenVersion != 1 { uint32(SealedField.tokenVersion.rawValue, value.tokenVersion) }
    end(start)
  }

  /// Writes a message `Sealed`; nothing for nil.
  package mutating func sealed(_ field: UInt32, _ value: SealedData?) {
    if let value { sealed(field, value) }
  }

  /// Reads a message `Guarded`. Throws where it holds neither value, or both.
  package mutating func guarded(_ field: UInt32, _ value: Guarded<SealedPerson>) {
    let start = begin(field)
    switch value {
    case .open(let text): string(GuardedField.open.rawValue, always: text)
    case .personal(let data): sealed(GuardedField.personal.rawValue, data)
    }
    end(start)
  }

  /// Reads a message `Guarded`. Throws where it holds neither value, or both.
  package mutating func guarded(_ field: UInt32, _ value: Guarded<SealedPerson>?) {
    if let value { guarded(field, value) }
  }
}

extension SealedData {
  /// A seal of nothing, to be read over.
  package static var blank: SealedData { SealedData(key: PersonKeyID(high: 0, low: 0), box: []) }
}
