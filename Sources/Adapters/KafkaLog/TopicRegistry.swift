internal import EventLog
internal import Foundation

/// Which topics of the cluster belong to the log: each is noted in the topic `millrace.log`, behind the log's identity.
/// Without notes, a log without a prefix would take every topic of the cluster for its own.
struct TopicRegistry: Sendable {
  private struct Note: Codable {
    var topic: String
    var partitions: Int32
  }

  /// By logical name: how many partitions the log uses. What an administrator added later stays empty: with another
  /// number keys would move.
  private(set) var topics: [String: Int32] = [:]
  /// Where the notes that are not known yet begin.
  private(set) var nextOffset = Offset.first

  /// Takes what stands in the registry's topic. Other records there (the identity) are skipped.
  mutating func take(_ batch: RecordBatch) {
    for record in batch.records {
      guard let range = record.value, range.count <= KafkaLimits.identityBytes,
        let note = try? JSONDecoder().decode(Note.self, from: Data(batch.bytes[range]))
      else { continue }
      topics[note.topic] = note.partitions
    }
    nextOffset = batch.nextOffset ?? nextOffset
  }

  /// A record that notes a topic; nil: it cannot be written as JSON.
  static func note(_ topic: String, partitions: Int32) -> RecordBatch? {
    guard let json = try? JSONEncoder().encode(Note(topic: topic, partitions: partitions)) else { return nil }
    let bytes = Array(json)
    let record = RecordBatch.Record(
      offset: .first, timestampMillis: Int64(Date().timeIntervalSince1970 * 1_000), key: 0..<0, value: 0..<bytes.count,
      origin: nil)
    return RecordBatch(partition: TopicPartition(LogIdentity.topic, 0), bytes: bytes, records: [record])
  }
}

extension KafkaLog {
  /// Reads the notes that came since the last look.
  func refreshRegistry(_ operation: String) throws(LogError) {
    let connection = try consumer()
    let patience = patience(settings.requestSeconds)
    let partition = TopicPartition(LogIdentity.topic, 0)
    let topic = physical(LogIdentity.topic)
    let bounds = try connection.client.watermarks(topic, partition, operation, patience)
    guard registry.nextOffset < bounds.next else { return }
    let source = try connection.source(partition, topic: topic)
    // It is not read for long, and need not be fetched in the meantime.
    defer { source.stop() }
    source.knownEnd = bounds.next
    while registry.nextOffset < bounds.next {
      do {
        let batch = try connection.read(
          source, .init(offset: max(registry.nextOffset, bounds.earliest), maximumBytes: 1 << 20, look: nil), patience)
        registry.take(batch)
      } catch {
        switch error {
        case .error(let error): throw error
        case .outOfRange:
          throw LogError(
            .unavailable, operation: operation, cause: "\(topic) changes while it is read", hint: "try again")
        }
      }
    }
  }

  func register(_ topic: String, partitions: Int32, _ operation: String) throws(LogError) {
    guard let note = TopicRegistry.note(topic, partitions: partitions) else { return }
    _ = try deliver(
      [.init(topic: physical(LogIdentity.topic), batch: note, keepsOffsets: false)],
      clients: KafkaLimits.clientsPerAppend)
    try refreshRegistry(operation)
  }
}
