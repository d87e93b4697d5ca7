/// Where a record stands in its partition: 0 for the first one that was ever appended, then rising, with holes where a
/// log has such.
///
/// The next offset of anything is the one behind its last record: where reading or appending goes on. One word, so it
/// costs what a number costs; it becomes one (`rawValue`) where it is stored or sent. Sums wrap instead of trapping,
/// since offsets come from outside; one that cannot be is refused where it is read.
@frozen package struct Offset: RawRepresentable, Hashable, Comparable, Sendable {
  /// At least 0, but for what hostile bytes say.
  package let rawValue: Int64

  @inlinable package init(rawValue: Int64) { self.rawValue = rawValue }
  @inlinable package init(_ rawValue: Int64) { self.rawValue = rawValue }

  /// Of the first record that was ever appended to a partition.
  package static let first = Offset(0)
  /// Beyond every record: no record has it, since none could follow.
  package static let max = Offset(.max)

  /// The one behind it.
  @inlinable package var next: Offset { Offset(rawValue &+ 1) }

  /// How many offsets lie from here up to before the other one; negative where that one lies before this one. A hole
  /// counts like records.
  @inlinable package func distance(to other: Offset) -> Int64 { other.rawValue &- rawValue }

  @inlinable package static func < (left: Offset, right: Offset) -> Bool { left.rawValue < right.rawValue }
  @inlinable package static func + (left: Offset, count: Int64) -> Offset { Offset(left.rawValue &+ count) }
  @inlinable package static func += (left: inout Offset, count: Int64) { left = left + count }
  @inlinable package static func - (left: Offset, count: Int64) -> Offset { Offset(left.rawValue &- count) }
}

extension Offset: CustomStringConvertible, ExpressibleByIntegerLiteral {
  package var description: String { "\(rawValue)" }

  /// As it is written: an offset in a test, or a bound.
  @inlinable package init(integerLiteral value: Int64) { self.init(value) }
}
