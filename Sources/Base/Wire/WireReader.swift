/// Reads protobuf fields from bytes that are passed to every call, so that the cursor itself is a plain value of three
/// numbers. Every step is bounds-checked; hostile bytes end in a `WireError`.
///
///     var reader = try WireReader(bytes)
///     while let tag = try reader.next(bytes) {
///       switch tag.field {
///       case 1: try reader.string(&name, tag, bytes)
///       default: try reader.skip(tag, bytes)
///       }
///     }
@frozen @usableFromInline
package struct WireReader: Sendable {
  @usableFromInline package var position: Int
  /// End of the innermost message.
  @usableFromInline package var end: Int
  @usableFromInline var depth: Int
  /// An integer of the message that was read last, for whoever reads the message around it. 0: there was none.
  @usableFromInline package var aside: Int64 = 0

  /// Refuses messages above `WireLimits.messageBytes`.
  @inlinable package init(_ bytes: borrowing Span<UInt8>) throws(WireError) {
    guard bytes.count <= WireLimits.messageBytes else { throw .tooLong }
    position = 0
    end = bytes.count
    depth = 0
  }

  /// The next field of the innermost message; nil at its end.
  @inlinable @inline(__always)
  package mutating func next(_ bytes: borrowing Span<UInt8>) throws(WireError) -> WireTag? {
    if position >= end { return nil }
    let first = bytes[position]
    if first < 0x80 {
      position &+= 1
      guard first >= 8 else { throw .malformed }
      return WireTag(key: UInt32(first))
    }
    return try longTag(bytes)
  }

  @usableFromInline
  mutating func longTag(_ bytes: borrowing Span<UInt8>) throws(WireError) -> WireTag {
    let start = position
    let key = try rawVarint(bytes)
    guard key <= UInt64(UInt32.max), key >= 8, position &- start <= 5 else { throw .malformed }
    return WireTag(key: UInt32(truncatingIfNeeded: key))
  }

  /// A varint of up to ten bytes. Eight bytes are taken at once where they are there: a timestamp costs no loop.
  @inlinable @inline(__always)
  package mutating func rawVarint(_ bytes: borrowing Span<UInt8>) throws(WireError) -> UInt64 {
    if position >= end { throw .truncated }
    let first = bytes[position]
    if first < 0x80 {
      position &+= 1
      return UInt64(first)
    }
    return try longVarint(bytes)
  }

  @inlinable
  mutating func longVarint(_ bytes: borrowing Span<UInt8>) throws(WireError) -> UInt64 {
    if end &- position >= 8 {
      // The load itself is bounds-checked; UInt64 has no invalid bit patterns.
      var word = UInt64(
        littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
      let stops = ~word & 0x8080_8080_8080_8080
      if stops != 0 {
        let bits = stops.trailingZeroBitCount &+ 1
        position &+= bits &>> 3
        // Keep the bytes of this varint, then close the gaps of the continuation bits: 7 of 8, 14 of 16, 28 of 32 bits.
        word &= UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- bits)
        word = (word & 0x007f_007f_007f_007f) | ((word & 0x7f00_7f00_7f00_7f00) &>> 1)
        word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x3fff_0000_3fff_0000) &>> 2)
        return (word & 0x0fff_ffff) | ((word & 0x0fff_ffff_0000_0000) &>> 4)
      }
    }
    return try slowVarint(bytes)
  }

  @usableFromInline
  mutating func slowVarint(_ bytes: borrowing Span<UInt8>) throws(WireError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = bytes[position]
      position &+= 1
      // The tenth byte holds the 64th bit only.
      if shift == 63, byte > 1 { throw .malformed }
      value |= UInt64(byte & 0x7f) &<< shift
      if byte < 0x80 { return value }
      shift &+= 7
    }
    throw .truncated
  }

  /// Length of the field that begins here, checked against the message's end.
  @inlinable @inline(__always)
  mutating func length(_ bytes: borrowing Span<UInt8>) throws(WireError) -> Int {
    let start = position
    let length = try rawVarint(bytes)
    // Like other readers: a length written with more bytes than 32 bits need is no length.
    guard position &- start <= 5 else { throw .malformed }
    guard length <= UInt64(truncatingIfNeeded: end &- position) else { throw .truncated }
    return Int(truncatingIfNeeded: length)
  }
}

// Fields, each read in place: returning values instead cost 0.2 µs more for an order.
extension WireReader {
  @inlinable @inline(__always)
  package mutating func uint64(_ value: inout UInt64, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError)
  {
    try tag.expect(WireType.varint)
    value = try rawVarint(bytes)
  }

  /// Keeps the field's value as `aside`.
  @inlinable @inline(__always)
  package mutating func setAside(_ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    try tag.expect(WireType.varint)
    aside = Int64(bitPattern: try rawVarint(bytes))
  }

  @inlinable @inline(__always)
  package mutating func int64(_ value: inout Int64, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    try tag.expect(WireType.varint)
    value = Int64(bitPattern: try rawVarint(bytes))
  }

  @inlinable @inline(__always)
  package mutating func int64(_ value: inout Int64?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    try tag.expect(WireType.varint)
    value = Int64(bitPattern: try rawVarint(bytes))
  }

  @inlinable @inline(__always)
  package mutating func uint32(_ value: inout UInt32, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError)
  {
    try tag.expect(WireType.varint)
    value = UInt32(truncatingIfNeeded: try rawVarint(bytes))
  }

  /// `int32` and enums.
  @inlinable @inline(__always)
  package mutating func int32(_ value: inout Int32, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    try tag.expect(WireType.varint)
    value = Int32(truncatingIfNeeded: try rawVarint(bytes))
  }

  @inlinable @inline(__always)
  package mutating func int32(_ value: inout Int32?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    try tag.expect(WireType.varint)
    value = Int32(truncatingIfNeeded: try rawVarint(bytes))
  }

  /// Zigzag.
  @inlinable @inline(__always)
  package mutating func sint64(_ value: inout Int64, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    try tag.expect(WireType.varint)
    let raw = try rawVarint(bytes)
    value = Int64(bitPattern: raw &>> 1) ^ (0 &- Int64(bitPattern: raw & 1))
  }

  /// Zigzag.
  @inlinable @inline(__always)
  package mutating func sint32(_ value: inout Int32, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    try tag.expect(WireType.varint)
    let raw = UInt32(truncatingIfNeeded: try rawVarint(bytes))
    value = Int32(bitPattern: raw &>> 1) ^ (0 &- Int32(bitPattern: raw & 1))
  }

  @inlinable @inline(__always)
  package mutating func fixed64(_ value: inout UInt64, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError)
  {
    try tag.expect(WireType.fixed64)
    guard end &- position >= 8 else { throw .truncated }
    value = UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
    position &+= 8
  }

  @inlinable
  package mutating func string(_ value: inout String, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError)
  {
    let range = try field(tag, bytes)
    do {
      // 15 ns; String(validating:as:) takes 54.
      value = String(copying: try UTF8Span(validating: bytes.extracting(range)))
    } catch {
      throw .notUTF8
    }
  }

  @inlinable
  package mutating func string(_ value: inout String?, _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError)
  {
    var text = ""
    try string(&text, tag, bytes)
    value = text
  }

  /// One more element of a repeated string.
  @inlinable
  package mutating func strings(_ values: inout [String], _ tag: WireTag, _ bytes: borrowing Span<UInt8>)
    throws(WireError)
  {
    guard values.count < WireLimits.repeatedElements else { throw .tooMany }
    var text = ""
    try string(&text, tag, bytes)
    values.append(text)
  }

  @inlinable
  package mutating func bytes(_ value: inout [UInt8], _ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError)
  {
    let range = try field(tag, bytes)
    value = bytes.extracting(range).withUnsafeBufferPointer { Array($0) }
  }

  /// Where a string or byte field lies; moves past it. The caller reads the range of the same bytes.
  @inlinable @inline(__always)
  package mutating func field(_ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) -> Range<Int> {
    try tag.expect(WireType.lengthDelimited)
    let length = try length(bytes)
    guard length <= WireLimits.fieldBytes else { throw .tooLong }
    let start = position
    position &+= length
    return Range(uncheckedBounds: (start, position))
  }

  /// Enters a nested message; read its fields until `next` is nil, then call `leave` with what this returned.
  @inlinable @inline(__always)
  package mutating func enter(_ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) -> Int {
    try tag.expect(WireType.lengthDelimited)
    let length = try length(bytes)
    guard depth < WireLimits.depth else { throw .tooDeep }
    depth &+= 1
    let outer = end
    end = position &+ length
    return outer
  }

  @inlinable @inline(__always)
  package mutating func leave(_ outer: Int) {
    depth &-= 1
    end = outer
  }

  /// Skips a field that this reader does not know, groups included.
  @inlinable @inline(__always)
  package mutating func skip(_ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    switch tag.type {
    case WireType.varint: _ = try rawVarint(bytes)
    case WireType.lengthDelimited:
      let length = try length(bytes)
      position &+= length
    default: try skipRare(tag, bytes)
    }
  }

  @usableFromInline
  mutating func skipRare(_ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    // Numbers of the groups that are open; bounded by the depth limit.
    var open: [UInt32] = []
    var tag = tag
    while true {
      switch tag.type {
      case WireType.varint:
        _ = try rawVarint(bytes)
      case WireType.fixed64:
        try advance(8)
      case WireType.fixed32:
        try advance(4)
      case WireType.lengthDelimited:
        let length = try length(bytes)
        position &+= length
      case WireType.groupStart:
        guard depth &+ open.count < WireLimits.depth else { throw .tooDeep }
        open.append(tag.field)
      case WireType.groupEnd:
        guard let last = open.popLast(), last == tag.field else { throw .malformed }
      default:
        throw .malformed
      }
      if open.isEmpty { return }
      guard let following = try next(bytes) else { throw .truncated }
      tag = following
    }
  }

  private mutating func advance(_ count: Int) throws(WireError) {
    guard end &- position >= count else { throw .truncated }
    position &+= count
  }
}
