extension LogCopy {
  /// What a place of the source becomes in the target.
  package enum Moved: Sendable, Equatable {
    /// The same place in the target. The proof is a digest of the record before it; empty where there is none.
    case to(LogAnchor)
    /// The anchor is the target's already: whoever keeps it was moved before.
    case before
  }

  /// Where somebody who stands at a place of the source stands in the target, once the copy is complete
  /// (`unfinished`). An empty proof is one that was never given.
  ///
  /// Throws `.damaged` when the place is not the source's, and `.positionGone` when the source has lost what follows the
  /// place and the copy cannot be shown to hold it: going on from there would jump.
  package func move(_ old: LogAnchor, of partition: TopicPartition) throws(LogError) -> Moved {
    let bounds = try source.bounds(of: partition)
    guard try isOfSource(old, partition, bounds) else {
      if RecordDigest.isDigest(old.proof), try target.check(old, of: partition) == .holds { return .before }
      throw LogError(
        .damaged, operation: "move to the copy", partition: partition, offset: old.nextOffset,
        cause: "the log that is copied does not hold what was read from it before this offset",
        hint: "run `millrace log verify`; nothing was changed")
    }
    let place = try target.translate(old.nextOffset, of: partition)
    let new = LogAnchor(nextOffset: place, proof: try target.digest(before: place, of: partition)?.proof ?? [])
    if old.nextOffset < bounds.earliest {
      let isProved = RecordDigest.isDigest(old.proof) && old.proof == new.proof
      let beginning = try target.bounds(of: partition).earliest
      let isInside = target.keepsOffsets && beginning <= old.nextOffset
      guard isProved || isInside else {
        throw LogError(
          .positionGone, operation: "move to the copy", partition: partition, offset: old.nextOffset,
          cause: "the source begins at \(bounds.earliest) now",
          hint: "rebuild what stands there (a mart's old generation may be deleted); nothing was changed")
      }
    }
    return .to(new)
  }

  private func isOfSource(
    _ anchor: LogAnchor, _ partition: TopicPartition, _ bounds: LogBounds
  ) throws(LogError) -> Bool {
    guard anchor.nextOffset <= bounds.next else { return false }
    if anchor.proof.isEmpty { return true }
    return try source.check(anchor, of: partition) != .differs
  }
}
