/// The wire types of protobuf. https://protobuf.dev/programming-guides/encoding/#structure
@usableFromInline
package enum WireType {
  @inlinable package static var varint: UInt32 { 0 }
  @inlinable package static var fixed64: UInt32 { 1 }
  @inlinable package static var lengthDelimited: UInt32 { 2 }
  @inlinable package static var groupStart: UInt32 { 3 }
  @inlinable package static var groupEnd: UInt32 { 4 }
  @inlinable package static var fixed32: UInt32 { 5 }
}

/// Field number and wire type, as they precede each field.
@frozen @usableFromInline
package struct WireTag: Sendable, Equatable {
  @usableFromInline package let key: UInt32
  @inlinable @inline(__always) package init(key: UInt32) { self.key = key }
  @inlinable @inline(__always) package var field: UInt32 { key >> 3 }
  @inlinable @inline(__always) package var type: UInt32 { key & 7 }

  @inlinable @inline(__always) package func expect(_ wireType: UInt32) throws(WireError) {
    if key & 7 != wireType { throw .wrongWireType }
  }
}
