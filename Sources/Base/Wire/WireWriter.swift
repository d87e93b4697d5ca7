/// Writes protobuf fields into spare capacity of an array, lent by `append(to:expecting:_:)`.
///
/// One pass: a nested message's length is patched in when it is complete; sizing everything first cost 35 % more. A
/// writer that meets the end of its memory stops writing and is run again with more.
@frozen @usableFromInline
package struct WireWriter: ~Copyable {
  @usableFromInline let base: UnsafeMutableRawPointer
  @usableFromInline let capacity: Int
  @usableFromInline var position = 0
  @usableFromInline var isFull = false

  @inlinable init(base: UnsafeMutableRawPointer, capacity: Int) {
    self.base = base
    self.capacity = capacity
  }

  /// Appends what `body` writes. `expecting` bytes are made available first; when `body` needs more it runs again from
  /// the start with four times as many, so it must not have effects beside writing.
  @inlinable @inline(__always)
  package static func append(
    to buffer: inout [UInt8], expecting: Int, _ body: (inout WireWriter) -> Void
  ) {
    var capacity = max(expecting, 64)
    while true {
      var done = false
      buffer.append(addingCapacity: capacity) { span in
        span.withUnsafeMutableBufferPointer { memory, count in
          guard let base = memory.baseAddress else { return }
          var writer = WireWriter(base: UnsafeMutableRawPointer(base), capacity: memory.count)
          body(&writer)
          if !writer.isFull {
            count = writer.position
            done = true
          }
        }
      }
      if done { return }
      capacity &*= 4
    }
  }

  /// Checks once for all that a field needs, so that the stores behind it need no check.
  @inlinable @inline(__always)
  mutating func has(_ count: Int) -> Bool {
    if capacity &- position >= count { return true }
    isFull = true
    return false
  }

  /// Needs ten bytes.
  @inlinable @inline(__always)
  mutating func put(varint value: UInt64) {
    if value < 0x80 {
      base.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: position, as: UInt8.self)
      position &+= 1
      return
    }
    putLong(value)
  }

  @inlinable
  mutating func putLong(_ value: UInt64) {
    if value < 1 &<< 56 {
      // Open gaps for the continuation bits and store eight bytes at once; the reader's trick the other way round.
      var word = (value & 0x0fff_ffff) | ((value & 0x00ff_ffff_f000_0000) &<< 4)
      word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x0fff_c000_0fff_c000) &<< 2)
      word = (word & 0x007f_007f_007f_007f) | ((word & 0x3f80_3f80_3f80_3f80) &<< 1)
      let count = (70 &- value.leadingZeroBitCount) / 7
      let continuation = 0x8080_8080_8080_8080 & ((1 &<< (UInt64(truncatingIfNeeded: count &- 1) &* 8)) &- 1)
      base.storeBytes(of: (word | continuation).littleEndian, toByteOffset: position, as: UInt64.self)
      position &+= count
      return
    }
    var rest = value
    while rest >= 0x80 {
      base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: position, as: UInt8.self)
      position &+= 1
      rest &>>= 7
    }
    base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: position, as: UInt8.self)
    position &+= 1
  }

  @inlinable @inline(__always)
  mutating func put(_ source: UnsafeRawPointer?, _ count: Int) {
    guard let source, count > 0 else { return }
    (base + position).copyMemory(from: source, byteCount: count)
    position &+= count
  }
}

// Fields. Zero and "" are left out (proto3's implicit presence); the optional ones are written whenever they are there.
extension WireWriter {
  @inlinable @inline(__always)
  package mutating func varint(_ field: UInt32, always value: UInt64) {
    guard has(16) else { return }
    put(varint: UInt64(field &<< 3 | WireType.varint))
    put(varint: value)
  }

  @inlinable @inline(__always)
  package mutating func uint64(_ field: UInt32, _ value: UInt64) {
    if value != 0 { varint(field, always: value) }
  }

  @inlinable @inline(__always)
  package mutating func int64(_ field: UInt32, _ value: Int64) {
    if value != 0 { varint(field, always: UInt64(bitPattern: value)) }
  }

  @inlinable @inline(__always)
  package mutating func int64(_ field: UInt32, _ value: Int64?) {
    if let value { varint(field, always: UInt64(bitPattern: value)) }
  }

  @inlinable @inline(__always)
  package mutating func uint32(_ field: UInt32, _ value: UInt32) {
    if value != 0 { varint(field, always: UInt64(value)) }
  }

  /// `int32` and enums: negative ones take ten bytes.
  @inlinable @inline(__always)
  package mutating func int32(_ field: UInt32, _ value: Int32) {
    if value != 0 { varint(field, always: UInt64(bitPattern: Int64(value))) }
  }

  @inlinable @inline(__always)
  package mutating func int32(_ field: UInt32, _ value: Int32?) {
    if let value { varint(field, always: UInt64(bitPattern: Int64(value))) }
  }

  /// Zigzag.
  @inlinable @inline(__always)
  package mutating func sint64(_ field: UInt32, _ value: Int64) {
    if value != 0 { varint(field, always: UInt64(bitPattern: (value &<< 1) ^ (value &>> 63))) }
  }

  /// Zigzag.
  @inlinable @inline(__always)
  package mutating func sint64(_ field: UInt32, always value: Int64) {
    varint(field, always: UInt64(bitPattern: (value &<< 1) ^ (value &>> 63)))
  }

  /// Zigzag.
  @inlinable @inline(__always)
  package mutating func sint32(_ field: UInt32, _ value: Int32) {
    if value != 0 { sint32(field, always: value) }
  }

  @inlinable @inline(__always)
  package mutating func sint32(_ field: UInt32, always value: Int32) {
    varint(field, always: UInt64(UInt32(bitPattern: (value &<< 1) ^ (value &>> 31))))
  }

  @inlinable @inline(__always)
  package mutating func fixed64(_ field: UInt32, _ value: UInt64) {
    guard value != 0, has(16) else { return }
    put(varint: UInt64(field &<< 3 | WireType.fixed64))
    base.storeBytes(of: value.littleEndian, toByteOffset: position, as: UInt64.self)
    position &+= 8
  }

  @inlinable @inline(__always)
  package mutating func string(_ field: UInt32, _ value: String) {
    if !value.isEmpty { string(field, always: value) }
  }

  @inlinable @inline(__always)
  package mutating func string(_ field: UInt32, _ value: String?) {
    if let value { string(field, always: value) }
  }

  @inlinable
  package mutating func string(_ field: UInt32, always value: String) {
    let span = value.utf8.span
    span.withUnsafeBufferPointer { raw(field, UnsafeRawBufferPointer($0)) }
  }

  @inlinable
  package mutating func bytes(_ field: UInt32, _ value: [UInt8]) {
    if !value.isEmpty { value.withUnsafeBytes { raw(field, $0) } }
  }

  /// A byte field, also when it is empty.
  @inlinable
  package mutating func raw(_ field: UInt32, _ value: UnsafeRawBufferPointer) {
    guard has(16 &+ value.count) else { return }
    put(varint: UInt64(field &<< 3 | WireType.lengthDelimited))
    put(varint: UInt64(truncatingIfNeeded: value.count))
    put(value.baseAddress, value.count)
  }

  /// Begins a nested message; pass what this returns to `end`.
  @inlinable @inline(__always)
  package mutating func begin(_ field: UInt32) -> Int {
    guard has(16) else { return position }
    put(varint: UInt64(field &<< 3 | WireType.lengthDelimited))
    // One byte for the length: most messages stay below 128 bytes; `end` moves longer ones.
    position &+= 1
    return position
  }

  @inlinable @inline(__always)
  package mutating func end(_ start: Int) {
    // A full writer runs again; its positions mean nothing any more.
    if isFull { return }
    let length = position &- start
    if length < 0x80 {
      base.storeBytes(of: UInt8(truncatingIfNeeded: length), toByteOffset: start &- 1, as: UInt8.self)
      return
    }
    endLong(start, length)
  }

  /// As `end`, but takes a field back into which nothing was written. `field`: that of `begin`, at most 15.
  @inlinable
  package mutating func endUnlessEmpty(_ start: Int, _ field: UInt32) {
    if isFull || position != start { return end(start) }
    precondition(field < 16, "a field whose tag takes more than a byte")
    // Tag and length take a byte each.
    position &-= 2
  }

  @inlinable
  mutating func endLong(_ start: Int, _ length: Int) {
    guard has(10) else { return }
    let extra = (70 &- UInt64(truncatingIfNeeded: length).leadingZeroBitCount) / 7 &- 1
    // The regions overlap, which copyMemory allows.
    (base + start + extra).copyMemory(from: base + start, byteCount: length)
    var rest = length
    for offset in 0..<extra {
      base.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: start &- 1 &+ offset, as: UInt8.self)
      rest &>>= 7
    }
    base.storeBytes(of: UInt8(truncatingIfNeeded: rest), toByteOffset: start &- 1 &+ extra, as: UInt8.self)
    position &+= extra
  }
}
