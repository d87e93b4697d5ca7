package import EventLog
internal import Failures
internal import Files
package import Pipeline
internal import Privacy
internal import ShopDomain
package import Workspace

/// Tokenized copies of a workspace's log.
package struct SanitizeJob {
  package let log: any LogReader
  private let workspace: Workspace
  private let topics: [String]?

  /// Opens the log. `topics`: empty for all; unknown and repeated ones throw `.usage`.
  package init(_ workspace: Workspace, topics wanted: [String]) throws {
    self.workspace = workspace
    log = try workspace.openLog()
    guard Set(wanted).count == wanted.count else { throw Failure(.usage, "a topic is named twice") }
    let known = try log.topics().filter { !$0.hasSuffix(Sanitizer.suffix) }
    for topic in wanted where !known.contains(topic) {
      let near = nearest(to: topic, among: known).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage, "the log has no topic '\(printable(topic))' to copy\(near) (topics: \(known.joined(separator: ", ")))")
    }
    topics = wanted.isEmpty ? nil : wanted
  }

  /// Gives each record as a line of JSON, until `rule` says so. `partition`: only this one of the one topic; `limit`:
  /// at most so many lines. Blocks.
  package func lines(
    partition: Int32? = nil, from starts: [TopicPartition: Offset] = [:], limit: Int? = nil, until rule: StopRule,
    write: @escaping ([UInt8]) -> Void
  ) throws {
    let (tokenizer, version) = try workspace.tokenizer()
    _ = try Sanitizer(
      log: log, topics: topics, partition: partition, sink: SanitizedLines(from: starts, limit: limit, write: write),
      domain: .shop(), tokenizer: tokenizer, tokenVersion: version
    ).run(until: rule)
  }

  /// Brings the copies up to date until `rule` says so, as a job of the ledger; answers the records copied. `folder`:
  /// an embedded log of its own; nil: beside the originals, on Kafka. `begun` is told once, with the broken run that
  /// this one goes on from. Blocks.
  package func copy(
    to folder: String?, until rule: StopRule, begun: (_ resumes: Int64?) -> Void = { _ in },
    progress: @escaping (_ records: Int64, _ total: Int64?) -> Void = { _, _ in }
  ) throws -> Int64 {
    let target = try workspace.copyTarget(of: log, folder: folder)
    let lock = try LockFile.tryLock("\(folder ?? workspace.folder)/sanitize.lock")
    guard lock != nil else {
      throw Failure(.locked, "another 'millrace sanitize' writes these copies; stop it first, or name another folder")
    }
    let job = try JobRun(workspace.ledger(), .sanitize)
    return try job.track {
      let (tokenizer, version) = try workspace.tokenizer()
      let sanitizer = Sanitizer(
        log: log, topics: topics, sink: SanitizedCopy(target: target, tokenVersion: version),
        domain: .shop(), tokenizer: tokenizer,
        tokenVersion: version
      ) { records, total in
        job.count("records", records)
        progress(records, total)
      }
      begun(job.resumes)
      return try sanitizer.run(until: rule)
    }
  }
}
