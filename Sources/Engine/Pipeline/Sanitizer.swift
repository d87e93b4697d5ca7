internal import Concurrency
package import EventLog
package import Failures
internal import Foundation
package import Privacy

/// Where tokenized records go.
package protocol SanitizedSink: AnyObject {
  /// Gets ready for the partitions of one topic and says where to go on in each, in the original's offsets; a partition
  /// that is left out begins at its earliest record. Called again after a failure.
  func begin(_ partitions: [TopicPartition], of log: any LogReader) throws -> [TopicPartition: Offset]
  /// Takes records under their original partitions and offsets, durably where that means anything. False: no more,
  /// please.
  func take(_ batches: [RecordBatch]) throws -> Bool
}

/// Why a tokenized copy stopped: kind, topic, cause, and a hint that says what to do. Never holds content of events.
package struct SanitizerError: ExplainedError, Equatable {
  /// What kind of failure it is.
  package enum Kind: String, Sendable {
    /// What the target holds was written under another token version or by another form of JSON, or is no copy at all.
    case otherCopy
    /// The copy was made of another log, or the log was cut.
    case notThisLog
    /// Records between the end of the copy and the log's earliest one are gone.
    case positionGone
  }

  /// The kind.
  package var kind: Kind
  /// The copy's topic and partition, or the original's.
  package var partition: TopicPartition
  /// Why, as a phrase; no content of events.
  package var cause: String
  /// What to do about it.
  package var hint: String

  package init(_ kind: Kind, _ partition: TopicPartition, cause: String, hint: String) {
    self.kind = kind
    self.partition = partition
    self.cause = cause
    self.hint = hint
  }

  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind {
    switch kind {
    case .otherCopy: .mart
    case .notThisLog, .positionGone: .logDamaged
    }
  }

  package var description: String { "cannot go on with \(partition): \(cause); \(hint)" }
}

/// Copies topics with all personal data tokenized: read → decode → open → tokenize → validate → JSON → sink.
///
/// The same stages in the same order as a mart's, without its projection. `run` blocks its caller, and the log must not
/// be used by others meanwhile.
package final class Sanitizer {
  /// Ends the name of a tokenized copy; topics of such names are never copied themselves.
  package static let suffix = ".tokenized"

  private struct Cursor {
    let partition: TopicPartition
    var next: Offset
    /// High-water mark at the start; nil while live.
    var target: Offset?
    var isOpen: Bool { target.map { next < $0 } ?? true }
  }

  private let log: any LogReader
  /// nil: all there are, and those that come.
  private let topics: [String]?
  /// nil: all of each topic.
  private let partition: Int32?
  private let sink: any SanitizedSink
  private let sanitizer: RecordSanitizer
  private let report: (_ records: Int64, _ total: Int64?) -> Void
  private var cursors: [Cursor] = []
  private var records: Int64 = 0
  /// Failures since the last records that were taken.
  private var failures = 0

  /// `tokenizer` must be one of `tokenVersion`; `domain` says what events hold. `progress` hears of the records taken
  /// in this run, and how many there will be (nil while live).
  package init(
    log: any LogReader, topics: [String]?, partition: Int32? = nil, sink: any SanitizedSink, domain: Domain,
    tokenizer: Tokenizer, tokenVersion: Int,
    progress: @escaping (_ records: Int64, _ total: Int64?) -> Void = { _, _ in }
  ) {
    self.log = log
    self.topics = topics
    self.partition = partition
    self.sink = sink
    sanitizer = RecordSanitizer(tokenizer: tokenizer, copier: domain.copier(tokenizer), tokenVersion: tokenVersion)
    report = progress
  }

  /// Runs until the rule says stop or the sink has enough; returns the records taken. When this throws, what was taken
  /// stays, and the next run goes on behind it. While live, a log that is away for a moment is waited for.
  package func run(until rule: StopRule) throws -> Int64 {
    while true {
      do {
        try attempt(rule)
        return records
      } catch let error as LogError {
        failures += 1
        // The topic stands where a mart's name would: only whether to try again is asked.
        let failure = PipelineError(error, mart: error.partition?.topic ?? "")
        guard
          case .retry(let pause) = Recovery.decide(failure, attempt: failures, isLive: rule.isLive),
          !rule.pause(milliseconds: pause)
        else { throw error }
      }
    }
  }

  private func attempt(_ rule: StopRule) throws {
    cursors = []
    try discover(isLive: rule.isLive)
    let total =
      rule.isLive ? nil : records + cursors.reduce(0) { $0 + max(0, $1.next.distance(to: $1.target ?? $1.next)) }
    var idlePolls = 0
    var hasForgotten = false
    while rule.flag?.isAsked != true {
      guard cursors.contains(where: \.isOpen) || rule.isLive else { return }
      let before = records
      guard try round(total) else { return }
      if records != before {
        hasForgotten = false
        continue
      }
      // At the end of the log, so that an erasure holds for everything that comes later.
      if !hasForgotten { sanitizer.forgetCached() }
      hasForgotten = true
      if rule.pause(milliseconds: PipelineLimits.pollMilliseconds) { return }
      idlePolls += 1
      if rule.isLive, idlePolls.isMultiple(of: PipelineLimits.pollsPerTopicLook) { try discover(isLive: true) }
    }
  }

  /// Adds the partitions of topics that were not there before.
  private func discover(isLive: Bool) throws {
    let present = try log.topics().filter { !$0.hasSuffix(Sanitizer.suffix) && topics?.contains($0) ?? true }
    for topic in present where !cursors.contains(where: { $0.partition.topic == topic }) {
      let partitions = try log.partitions(of: topic)
      let starts = try sink.begin(partitions, of: log)
      for partition in partitions where self.partition.map({ $0 == partition.partition }) ?? true {
        let bounds = try log.bounds(of: partition)
        cursors.append(
          Cursor(
            partition: partition, next: starts[partition] ?? bounds.earliest, target: isLive ? nil : bounds.next))
      }
    }
  }

  /// One read of every partition. False: the sink has enough.
  private func round(_ total: Int64?) throws -> Bool {
    var gathered: [RecordBatch] = []
    var gatheredBytes = 0
    func flush() throws -> Bool {
      if gathered.isEmpty { return true }
      let wantsMore = try sink.take(gathered)
      failures = 0
      records += gathered.reduce(0) { $0 + Int64($1.records.count) }
      report(records, total)
      gathered.removeAll(keepingCapacity: true)
      gatheredBytes = 0
      return wantsMore
    }
    for index in cursors.indices where cursors[index].isOpen {
      let start = cursors[index].next
      let batch = try log.read(cursors[index].partition, from: start, maximumBytes: PipelineLimits.readBytes)
      guard let next = batch.nextOffset else { continue }
      for sanitized in try sanitizer.sanitize(batch, from: start) {
        gathered.append(sanitized)
        gatheredBytes += sanitized.bytes.count
        if gatheredBytes >= PipelineLimits.sanitizedBytes, try !flush() { return false }
      }
      cursors[index].next = next
    }
    return try flush()
  }
}
