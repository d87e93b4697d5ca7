package import EventLog

/// So that tests can go through every offset of a range. No code should: between two offsets there may be a hole.
extension Offset: Strideable {
  package func advanced(by count: Int64) -> Offset { self + count }
}
