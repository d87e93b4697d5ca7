/// What a log says of a position that somebody kept: the offset to go on from, with proof of what stood before it.
package enum PositionCheck: Equatable, Sendable {
  /// Nothing speaks against it, and the records from there on are all here.
  case holds
  /// It lies beyond the end: the log lost its tail, is an older state of itself, or another one.
  case beyondEnd
  /// The log begins behind it by so many offsets: what was next is not kept any more.
  case gone(missing: Int64)
  /// Other records stand before it: the log was exchanged, rewritten, or its topic made anew.
  case differs
}

extension LogReader {
  /// Whether a position is this log's: the one place where that is decided. What it means is for the caller to say.
  ///
  /// `bounds`: the partition's, as just read. A position whose proof is empty, or cannot be told any more, is judged by
  /// the bounds alone. Blocks for one look at the log, and none where the bounds decide. Throws when the log cannot be
  /// read.
  package func check(
    _ position: LogAnchor, of partition: TopicPartition, within bounds: LogBounds
  ) throws(LogError) -> PositionCheck {
    if position.nextOffset > bounds.next { return .beyondEnd }
    if position.nextOffset < bounds.earliest {
      return .gone(missing: position.nextOffset.distance(to: bounds.earliest))
    }
    if position.proof.isEmpty { return .holds }
    return try check(position, of: partition) == .differs ? .differs : .holds
  }
}
