import EventLog
import EventLogContract
import Foundation
import KafkaLog
import KafkaSupport
import Testing

/// What only a real broker can show, on brokers that are given. Faults, with clusters of their own: `ClusterFaultTests`.
@Suite(
  "A real broker", .enabled(if: RealKafka.givenBootstrap != nil, "MILLRACE_TEST_BOOTSTRAP names no broker"))
struct RealBrokerTests {
  let settings: KafkaSettings
  let partition = TopicPartition("orders", 0)

  init() throws {
    settings = try #require(RealKafka.givenSettings("real"))
    _ = try KafkaLog.create(settings, nowMillis: 1_700_000_000_000)
  }

  /// Goal: nothing about time makes a broker drop or refuse records of ours. Method: times 13 months back and two days ahead;
  /// a broker's defaults delete the one and refuse the other.
  @Test("records of any time are taken and kept") func times() throws {
    let log = try KafkaLog(settings)
    try log.ensureTopic(partition.topic, partitions: 1)
    let now = Int64(Date().timeIntervalSince1970 * 1_000)
    var builder = BatchBuilder(partition: partition)
    let times = [now - 400 * 86_400_000, now, now + 2 * 86_400_000, 0, -5]
    for (number, time) in times.enumerated() {
      _ = builder.append(key: [1], value: Array("\(number)".utf8), origin: nil, timestampMillis: time)
    }
    let batch = builder.finish()
    _ = try log.append([try #require(batch)])
    let read = try KafkaLog(settings).read(partition, from: 0, maximumBytes: 1 << 20)
    #expect(read.records.map(\.timestampMillis) == times)
  }

  @Test("a topic made with other settings is refused, with the setting named") func otherSettings() throws {
    let log = try KafkaLog(settings)
    try log.ensureTopic("orders", partitions: 1)
    try log.ensureTopic("orders", partitions: 1)
    var other = settings
    other.retention = .millis(86_400_000)
    let finite = try KafkaLog(other)
    #expect(try logError { try finite.ensureTopic("orders", partitions: 1) }.cause.contains("retention.ms=-1"))
    try finite.ensureTopic("short", partitions: 1)
    #expect(try logError { try log.ensureTopic("short", partitions: 1) }.cause.contains("retention.ms=86400000"))
    other.replicationFactor = 77
    let wide = try KafkaLog(other)
    #expect(try logError { try wide.ensureTopic("wide", partitions: 1) }.kind == .refused)
  }

  @Test("a copy keeps offsets on a real broker too") func copies() throws {
    let log = try KafkaLog(settings)
    try log.ensureTopic(partition.topic, partitions: 1)
    let source = try KafkaLog(settings)
    try source.ensureTopic("source", partitions: 1)
    _ = try source.append([encoded(0..<5_000, for: TopicPartition("source", 0))])
    var batch = try source.read(TopicPartition("source", 0), from: 100, maximumBytes: 10_000)
    batch.partition = partition
    try log.appendCopy([batch])
    #expect(try log.copiedUpTo(partition) == batch.nextOffset)
    #expect(try log.translate(120, of: partition) == 20)
  }
}
