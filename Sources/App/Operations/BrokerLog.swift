internal import Capture
internal import EmbeddedLog
internal import Entity
internal import EventLog
internal import Events
internal import Failures
internal import Workspace

/// A log that its broker keeps, as a backup sees it: where it ended when capture's files were copied, and where it
/// stands when they come back.
///
/// Nobody can hold a broker's log still while files are copied, so the end is found afterwards, by the numbers that the
/// copied files know (`CapturedNumbers`).
struct BrokerLog {
  let log: any LogReader

  init(_ log: any LogReader, lineage: String) throws {
    guard log.logID == lineage else {
      throw Failure(
        .logDamaged,
        "the broker holds another log (\(log.logID)) than the one that was captured into (\(lineage)); "
          + "set bootstrap and topic_prefix in millrace.yaml to where that one is")
    }
    self.log = log
  }

  /// What capture appends to, whether or not a mart reads it. Tokenized copies beside it can be made anew.
  private func partitions() throws -> [TopicPartition] {
    try log.topics().filter(Topic.all.contains).flatMap { try log.partitions(of: $0) }
  }

  // MARK: Backing up

  /// Where the log ended when `files` were copied, with the digest of the last record there.
  func ends(knownTo files: [String]) throws -> [LogEnd] {
    let numbers = try CapturedNumbers(files: files)
    return try partitions().map { partition in
      let end = try numbers.end(of: partition, in: log)
      return LogEnd(
        partition: partition, firstOffset: min(try log.bounds(of: partition).earliest, end), nextOffset: end,
        chain: try log.digest(before: end, of: partition)?.proof ?? [])
    }
  }

  /// Brings the copy in `folder` to these ends; answers its own, and the number of records that it lacked.
  func archive(
    to folder: String, _ ends: [LogEnd], progress: (_ done: Int64, _ total: Int64) -> Void
  ) throws -> (ends: [LogEnd], records: Int64) {
    let copy = try EmbeddedLog(folder: folder, lineage: log.logID, copiedFrom: "kafka")
    var limits: [TopicPartition: Offset] = [:]
    for end in ends { limits[end.partition] = end.nextOffset }
    let summary = try LogCopy(from: log, to: copy, topics: Set(ends.map(\.partition.topic)).sorted()).run(
      upTo: limits, progress: { progress($0.done, $0.total) })
    try copy.checkpoint()
    return (try copy.ends(), summary.records)
  }

  // MARK: Restoring

  /// Throws where capture and marts could not go on with this log: it lacks what the backup says was there, or holds
  /// what was captured after the backup, under numbers and keys that only the lost workspace knows.
  ///
  /// `archive`: the backup's copy of the log, when it has one.
  func refuseOther(than manifest: BackupManifest, _ archive: EmbeddedLog?) throws {
    let remedy =
      archive == nil
      ? "Begin a new workspace under another topic_prefix; a backup made --with-log could go on from where it was made"
      : "Add --log-from-backup to go on from where the backup was made; capture then reads again what came after"
    var ends: [TopicPartition: LogEnd] = [:]
    for end in manifest.ends { ends[end.partition] = end }
    let present = try partitions()
    for end in manifest.ends where end.nextOffset > end.firstOffset {
      let proof = try archive.map { try $0.digest(before: end.nextOffset, of: end.partition)?.proof ?? [] } ?? end.chain
      let anchor = LogAnchor(nextOffset: end.nextOffset, proof: proof)
      guard present.contains(end.partition), try log.bounds(of: end.partition).next >= end.nextOffset,
        try proof.isEmpty || log.check(anchor, of: end.partition) != .differs
      else {
        throw Failure(
          .logDamaged,
          "the broker's log no longer holds what the backup saw in \(end.partition) up to offset \(end.nextOffset): its topic "
            + "was cut, or made anew. Nothing was changed. \(remedy)")
      }
    }
    var newer: Int64 = 0
    for partition in present {
      let bounds = try log.bounds(of: partition)
      newer += max(ends[partition]?.nextOffset ?? .first, bounds.earliest).distance(to: bounds.next)
    }
    guard newer <= 0 else {
      throw Failure(
        .logDamaged,
        "the broker's log holds \(newer) records that were captured after this backup, under numbers and keys that it does "
          + "not have: capture would give the numbers away twice. Nothing was changed. \(remedy)")
    }
  }
}
