internal import EmbeddedLog
package import Entity
package import EventLog
package import Events
internal import Failures
internal import KafkaLog
package import Money
package import Workspace

/// Looking at a workspace's log, whichever kind it is. Nothing is changed, and personal data stay sealed. All of it
/// blocks.
package struct LogInspection {
  package let log: any LogReader
  private let workspace: Workspace

  /// Opens the log for reading; throws when there is none yet.
  package init(_ workspace: Workspace) throws {
    self.workspace = workspace
    log = try workspace.openLog()
  }

  /// Every partition with its first and next offset, by topic.
  package func extents() throws -> [(partition: TopicPartition, bounds: LogBounds)] {
    try log.topics().flatMap { try log.partitions(of: $0) }.map { ($0, try log.bounds(of: $0)) }
  }

  // MARK: The newest records

  /// A record without its content.
  package struct Glance {
    package var partition: TopicPartition
    package var offset: Offset
    package var capturedAt: Timestamp
    /// nil: it cannot be read as an event.
    package var event: Event<SealedPerson>?
  }

  /// The newest `limit` records of each partition, oldest first. `topic`: nil for all; an unknown one throws `.usage`.
  package func newest(_ limit: Int, of topic: String?) throws -> [Glance] {
    let topics = try log.topics()
    if let topic, !topics.contains(topic) {
      throw Failure(.usage, "the log has no topic '\(printable(topic))' (topics: \(topics.joined(separator: ", ")))")
    }
    var glances: [Glance] = []
    for partition in try topics.filter({ topic == nil || $0 == topic }).flatMap({ try log.partitions(of: $0) }) {
      let bounds = try log.bounds(of: partition)
      var offset = max(bounds.earliest, bounds.next - Int64(limit))
      while offset < bounds.next {
        let batch = try log.read(partition, from: offset, maximumBytes: 1 << 20)
        guard let next = batch.nextOffset else { break }
        glances += batch.records.map { record in
          Glance(
            partition: partition, offset: record.offset, capturedAt: Timestamp(millis: record.timestampMillis),
            event: record.value.flatMap { try? Event<SealedPerson>(decoding: batch.bytes.span.extracting($0)) })
        }
        offset = next
      }
    }
    return glances
  }

  // MARK: Reading all of it

  /// What was read.
  package struct Scan {
    package var records: Int64 = 0
    package var bytes: Int64 = 0
    /// Records that can be read as events; nil: nobody asked.
    package var decoded: Int?
  }

  /// Reads every record once. `decodes`: also decodes each, by the road that projecting takes.
  package func scan(decodes: Bool) throws -> Scan {
    var scan = Scan(decoded: decodes ? 0 : nil)
    for partition in try log.topics().flatMap({ try log.partitions(of: $0) }) {
      var offset = try log.bounds(of: partition).earliest
      while true {
        let batch = try log.read(partition, from: offset, maximumBytes: 4 << 20)
        guard let next = batch.nextOffset else { break }
        scan.records += Int64(batch.records.count)
        scan.bytes += Int64(batch.bytes.count)
        if decodes { scan.decoded = (scan.decoded ?? 0) + batch.records.count { Self.isReadable($0, in: batch) } }
        offset = next
      }
    }
    return scan
  }

  /// Most web requests are read where they lie.
  private static func isReadable(_ record: RecordBatch.Record, in batch: RecordBatch) -> Bool {
    guard let range = record.value else { return false }
    let value = batch.bytes.span.extracting(range)
    if batch.partition.topic == Topic.weblog, WebRequestView(decoding: value) != nil { return true }
    return (try? Event<SealedPerson>(decoding: value)) != nil
  }

  // MARK: Proof

  /// The log is undamaged as far as this can be told.
  package struct Proof {
    package var records: Int64
    package var bytes: Int64
    /// Anchors of capture and marts that agree.
    package var anchorsChecked: Int
    /// Anchors whose records the log no longer keeps.
    package var anchorsUnknown: Int
    /// What lies between the anchors is proved too; a broker has checksums only.
    package var hasChain: Bool
  }

  /// Reads everything, and compares it with the anchors that capture and every mart keep. Throws `.logDamaged` with the
  /// place.
  package func verify(progress: (_ done: Int64, _ total: Int64, _ unit: String) -> Void) throws -> Proof {
    let anchors = try workspace.anchors()
    switch log {
    case let log as EmbeddedLog:
      let found = try log.verify(anchors: anchors) { progress($0, $1, "bytes") }
      return Proof(
        records: found.records, bytes: found.bytes, anchorsChecked: found.anchorsChecked, anchorsUnknown: 0,
        hasChain: true)
    case let log as KafkaLog:
      let found = try log.verify(anchors: anchors) { progress($0, $1, "records") }
      return Proof(
        records: found.records, bytes: found.bytes, anchorsChecked: found.anchorsChecked,
        anchorsUnknown: found.anchorsUnknown, hasChain: false)
    default: throw Failure(.configuration, "this kind of log cannot be verified")
    }
  }
}
