package import Entity
internal import Wire

/// A message that a change holds before and after.
protocol WireRow {
  /// All fields at proto3's defaults.
  static var blank: Self { get }
  /// Reads the fields of the innermost message over this value.
  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError)
  /// Writes the fields in ascending order of their numbers. `key`: of the row, where it is one of the fields (format
  /// 1); otherwise nil.
  func write(_ writer: inout WireWriter, _ key: RowKey<SealedPerson>?)
}

extension Heartbeat: WireRow {
  func write(_ writer: inout WireWriter, _ key: RowKey<SealedPerson>?) { write(&writer) }
}

extension Rejected: WireRow where P == SealedPerson {
  func write(_ writer: inout WireWriter, _ key: RowKey<SealedPerson>?) { write(&writer) }
}
