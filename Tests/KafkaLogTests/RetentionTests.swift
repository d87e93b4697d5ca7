import EventLog
import EventLogContract
import Foundation
import KafkaLog
import KafkaSupport
import TestSupport
import Testing

/// What a broker deletes or refuses by the time of records.
@Suite(
  "A real broker's retention", .serialized, .temporaryFolder,
  .enabled(if: RealKafka.tool != nil, RealKafka.absence))
struct RetentionTests {
  private let partition = TopicPartition("orders", 0)
  private let now = Int64(Date().timeIntervalSince1970 * 1_000)
  private static let day: Int64 = 86_400_000

  private func batch(_ times: [Int64], for partition: TopicPartition) throws -> EncodedBatch {
    var builder = BatchBuilder(partition: partition)
    for (number, time) in times.enumerated() {
      _ = builder.append(key: [1], value: Array("\(number)".utf8), origin: nil, timestampMillis: time)
    }
    let batch = builder.finish()
    return try #require(batch)
  }

  private func eager() throws -> RealKafka {
    try RealKafka(
      folder: TemporaryFolder.path,
      options: ["--set", "log.retention.check.interval.ms=500", "--set", "log.initial.task.delay.ms=500"])
  }

  /// Goal: 13 months of history outlive the broker's cleaner. Method: a cleaner that looks twice a second, and beside the
  /// topic another one with a broker's default retention: when its records are gone, ours must all be there. Appending goes on
  /// afterwards, so that more than the active segment is old.
  @Test("13 months of history stay where a broker's default would have deleted them") func history() throws {
    let kafka = try eager()
    let settings = kafka.settings(prefix: "kept-")
    _ = try KafkaLog.create(settings, nowMillis: now)
    let log = try KafkaLog(settings)
    try log.ensureTopic("orders", partitions: 1)
    var short = kafka.settings(prefix: "short-")
    short.retention = .millis(7 * Self.day)
    _ = try KafkaLog.create(short, nowMillis: now)
    let other = try KafkaLog(short)
    try other.ensureTopic("orders", partitions: 1)
    // All older than the other topic keeps: a segment goes by its newest record.
    let times = (0..<396).map { now - (406 - Int64($0)) * Self.day }
    _ = try log.append([batch(times, for: partition)])
    _ = try other.append([batch(times, for: partition)])

    // What is kept, in seconds, is told to those who need the beginning.
    #expect(try log.secondsLeft(in: partition) == nil)
    let left = try other.secondsLeft(in: partition)
    let start = try other.bounds(of: partition).earliest
    #expect(left == 0 || start > 0, "\(String(describing: left))")

    let end = Date().addingTimeInterval(60)
    while try other.bounds(of: partition).earliest < 396, Date() < end { usleep(200_000) }
    #expect(try other.bounds(of: partition).earliest == 396, "the broker's cleaner did not come by")
    let bounds = try log.bounds(of: partition)
    #expect(bounds == LogBounds(earliest: 0, next: 396))
    #expect(try readAll(log, partition).map(\.number) == Array(0..<396))

    _ = try other.append([batch([now - 86_400_000, now], for: partition)])
    let days = try #require(try other.secondsLeft(in: partition)) / 86_400
    #expect(days == 5 || days == 6, "\(days)")
    // A reader that stood in what is gone is told how much that is.
    let error = try logError { _ = try other.read(partition, from: 6, maximumBytes: 1_000) }
    #expect(error.kind == .positionGone && error.hint.contains("390 offsets are gone"), "\(error)")
  }

  /// Goal: no topic is used that would lose records, whoever made it. Method: topics made by hand with the broker's defaults.
  @Test("a topic that somebody made with the broker's default retention is refused") func defaults() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    _ = try KafkaLog.create(kafka.settings(), nowMillis: now)
    try kafka.tool("topics", "--create", "--topic", "orders", "--partitions", "1")
    let log = try KafkaLog(kafka.settings())
    let error = try logError { try log.ensureTopic("orders", partitions: 1) }
    #expect(error.kind == .configuration && error.cause.contains("retention.ms=604800000"), "\(error)")
    #expect(error.hint.contains("--add-config retention.ms=-1"), "\(error)")
    try kafka.tool(
      "configs", "--alter", "--entity-type", "topics", "--entity-name", "orders", "--add-config",
      "retention.ms=-1,max.message.bytes=4194304")
    try log.ensureTopic("orders", partitions: 1)
  }

  /// Goal: a broker that refuses a record for its time is no endless loop. Method: a topic with the limit of one hour that
  /// brokers have by default, set behind our back; a record of two days ahead.
  @Test("a record that the broker refuses for its time ends the append with words about clocks") func future() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    _ = try KafkaLog.create(kafka.settings(), nowMillis: now)
    let log = try KafkaLog(kafka.settings())
    try log.ensureTopic("orders", partitions: 1)
    _ = try log.append([batch([now + 2 * Self.day], for: partition)])
    try kafka.tool(
      "configs", "--alter", "--entity-type", "topics", "--entity-name", "orders", "--add-config",
      "message.timestamp.after.max.ms=3600000")
    let error = try logError { _ = try log.append([batch([now, now + 2 * Self.day], for: partition)]) }
    #expect(error.kind == .refused, "\(error)")
    #expect(error.hint.contains("clock") && error.hint.contains("message.timestamp.after.max.ms"), "\(error)")
    _ = try log.append([batch([now], for: partition)])
    #expect(try log.bounds(of: partition).next >= 2)
  }
}
