package import Concurrency

/// Copies a log into another that keeps its lineage: all topics or some, partition by partition, in bounded memory.
///
/// Every run goes on where the copy ends, after proof that the record there is the source's; what the source has lost
/// in between is never jumped over. Calls block; use one thread of your own, and one copy at a time for each target.
package final class LogCopy {
  /// How far a run has come; told after each commit.
  package struct Progress: Sendable, Equatable {
    /// The partition in hand.
    package var partition: TopicPartition
    /// Offsets passed since this run began, of about `total`.
    package var done: Int64
    /// What this run will pass, as far as it is known; never less than `done`.
    package var total: Int64
  }

  /// What was copied since the object was made.
  package struct Summary: Sendable, Equatable {
    /// Records appended to the target.
    package var records: Int64 = 0
    /// Bytes of keys, values and origins.
    package var bytes: Int64 = 0
    /// Partitions that begin above 0, since the source had lost its beginning when the copy began.
    package var beginnings: [TopicPartition: Offset] = [:]

    /// Nothing copied yet.
    package init() {}
  }

  package let source: any LogReader
  package let target: any LogCopyTarget
  private let wanted: [String]?
  private var summary = Summary()
  /// Where partitions go on whose end was proved in this object's life.
  private var cursors: [TopicPartition: Offset] = [:]

  /// `topics` nil: all, also those that come into being while the copy follows. Throws `.configuration` when the two
  /// logs are not of one lineage, or the source lacks a topic.
  package init(from source: any LogReader, to target: any LogCopyTarget, topics: [String]? = nil) throws(LogError) {
    self.source = source
    self.target = target
    wanted = topics
    guard source.logID == target.logID else {
      throw LogError(
        .configuration, operation: "copy",
        cause: "the target belongs to log \(target.logID), the source is \(source.logID)",
        hint: "copy into a new place; a copy has the id of its original")
    }
    let known = try source.topics()
    for topic in topics ?? [] where !known.contains(topic) {
      throw LogError(
        .configuration, operation: "copy", cause: "the source has no topic \(topic.debugDescription)",
        hint: "it has: \(known.joined(separator: ", "))")
    }
  }

  /// Copies everything up to where the source ends now. Ends earlier when `stop` is asked; the commit in hand is
  /// finished first. Returns what this object has copied since it was made.
  ///
  /// `ends`: copies each partition up to before this offset of the source at the most, and no other partitions.
  ///
  /// Throws `.positionGone` when the source has lost records that the copy lacks (how many is said) or ends before the
  /// copy does, `.damaged` when the copy's last record is not the source's.
  @discardableResult
  package func run(
    upTo ends: [TopicPartition: Offset]? = nil, stop: StopFlag = StopFlag(), progress: (Progress) -> Void = { _ in }
  ) throws(LogError) -> Summary {
    var work: [(partition: TopicPartition, from: Offset, to: Offset)] = []
    for topic in try topics() {
      let partitions = try source.partitions(of: topic)
      try target.ensureTopic(topic, partitions: Int32(clamping: partitions.count))
      for partition in partitions {
        let bounds = try source.bounds(of: partition)
        let end = ends.map { $0[partition] ?? bounds.earliest } ?? bounds.next
        work.append((partition, try start(of: partition, bounds), min(end, bounds.next)))
      }
    }
    let total = work.reduce(0) { $0 &+ max(0, $1.from.distance(to: $1.to)) }
    var done: Int64 = 0
    for (partition, from, to) in work {
      var next = from
      while next < to, !stop.isAsked {
        let batch = try read(partition, from: next).cut(before: to)
        guard let after = batch.nextOffset, after > next else { break }
        try append(batch)
        cursors[partition] = after
        done &+= next.distance(to: after)
        next = after
        progress(Progress(partition: partition, done: done, total: max(total, done)))
      }
    }
    return summary
  }

  /// Copies until `stop` is asked. What may pass by itself (a log that cannot be reached) is told to `retrying` and
  /// tried again with growing pauses; every other error ends the copy.
  package func follow(
    stop: StopFlag, retrying: (LogError) -> Void = { _ in }, progress: (Progress) -> Void = { _ in }
  ) throws(LogError) -> Summary {
    var backoff = Backoff(
      first: 2 * EventLogLimits.copyPollMilliseconds, longest: EventLogLimits.copyRetryMilliseconds)
    while !stop.isAsked {
      var pause = EventLogLimits.copyPollMilliseconds
      do throws(LogError) {
        try run(stop: stop, progress: progress)
        backoff.reset()
      } catch {
        guard error.isPassing else { throw error }
        retrying(error)
        // What the target holds after a failed append is its to say.
        cursors.removeAll()
        pause = backoff.next()
      }
      stop.pause(milliseconds: pause)
    }
    return summary
  }

  /// The partitions that lack records of the source, as it ends now.
  package func unfinished() throws(LogError) -> [TopicPartition] {
    var unfinished: [TopicPartition] = []
    for topic in try topics() {
      let partitions = try source.partitions(of: topic)
      let copied = try target.partitions(of: topic)
      for partition in partitions {
        if copied.contains(partition), try isComplete(partition) { continue }
        unfinished.append(partition)
      }
    }
    return unfinished
  }

  func topics() throws(LogError) -> [String] { if let wanted { wanted } else { try source.topics() } }

  // MARK: One partition

  private func start(of partition: TopicPartition, _ bounds: LogBounds) throws(LogError) -> Offset {
    if let known = cursors[partition] {
      try refuse(LogAnchor(nextOffset: known, proof: []), of: partition, bounds)
      return known
    }
    guard let end = try target.copiedUpTo(partition) else {
      try target.beginCopy(of: partition, at: bounds.earliest)
      if bounds.earliest > .first { summary.beginnings[partition] = bounds.earliest }
      cursors[partition] = bounds.earliest
      return bounds.earliest
    }
    try refuse(LogAnchor(nextOffset: end, proof: []), of: partition, bounds)
    let place = try target.translate(end, of: partition)
    guard let last = try target.digest(before: place, of: partition) else {
      throw LogError(
        .damaged, operation: "copy on", partition: partition, offset: end,
        cause: "the copy's last record cannot be found",
        hint: "begin a new copy in another place")
    }
    try refuse(LogAnchor(nextOffset: end, proof: last.proof), of: partition, bounds)
    cursors[partition] = end
    return end
  }

  private func refuse(_ place: LogAnchor, of partition: TopicPartition, _ bounds: LogBounds) throws(LogError) {
    let kind: LogError.Kind
    let cause: String
    let hint: String
    switch try source.check(place, of: partition, within: bounds) {
    case .holds: return
    case .gone(let missing):
      kind = .positionGone
      cause = "the source begins at \(bounds.earliest) now: a gap of \(missing) records"
      hint =
        "the source's retention was faster than its copy. Keep this copy for what it holds, begin another one, "
        + "and copy more often (--follow) or lengthen the retention"
    case .beyondEnd:
      kind = .positionGone
      cause = "the source ends at \(bounds.next), before its copy"
      hint = "the source lost its tail or is an older state of itself; the copy holds what it lacks"
    case .differs:
      kind = .damaged
      cause = "the record before this offset is not the one that was copied"
      hint = "the source lost its tail, was exchanged, or its topic was made anew: keep this copy, and begin another"
    }
    throw LogError(
      kind, operation: "copy on", partition: partition, offset: place.nextOffset, cause: cause, hint: hint)
  }

  private func read(_ partition: TopicPartition, from offset: Offset) throws(LogError) -> RecordBatch {
    do throws(LogError) {
      return try source.read(partition, from: offset, maximumBytes: EventLogLimits.copyBytes)
    } catch {
      // Retention may overtake a copy under way.
      if error.kind == .positionGone {
        try refuse(LogAnchor(nextOffset: offset, proof: []), of: partition, source.bounds(of: partition))
      }
      throw error
    }
  }

  private func append(_ batch: RecordBatch) throws(LogError) {
    if batch.records.isEmpty { return }
    try target.appendCopy([batch])
    summary.records &+= Int64(batch.records.count)
    for record in batch.records {
      summary.bytes &+= Int64(record.key.count &+ (record.value?.count ?? 0) &+ (record.origin?.count ?? 0))
    }
  }

  private func isComplete(_ partition: TopicPartition) throws(LogError) -> Bool {
    let bounds = try source.bounds(of: partition)
    var next = try target.copiedUpTo(partition) ?? bounds.earliest
    // A hole at the end has nothing to copy.
    while next < bounds.next {
      let batch = try read(partition, from: next)
      if !batch.records.isEmpty { return false }
      guard let after = batch.nextOffset, after > next else { return true }
      next = after
    }
    return true
  }
}
