/// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
package struct CivilDate: Hashable, Comparable, Sendable {
  package var daysSinceEpoch: Int32
  @inlinable package init(daysSinceEpoch: Int32) { self.daysSinceEpoch = daysSinceEpoch }
  @inlinable package static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.daysSinceEpoch < right.daysSinceEpoch
  }
}

/// A moment, as milliseconds since 1970-01-01T00:00:00Z.
package struct Timestamp: Hashable, Comparable, Sendable {
  package var millis: Int64
  @inlinable package init(millis: Int64) { self.millis = millis }
  @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool { left.millis < right.millis }
}
