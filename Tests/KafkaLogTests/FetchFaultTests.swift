import Concurrency
import EventLog
import EventLogContract
import Foundation
import KafkaLog
import KafkaSupport
import Testing

@Suite("Faults while reading")
struct FetchFaultTests {
  let cluster = MockCluster(brokers: 3)
  let partition = TopicPartition("orders", 0)

  private func filled(_ count: Int, bytes: Int = 0, per append: Int = 100) throws -> KafkaLog {
    let log = try cluster.open()
    try log.ensureTopic(partition.topic, partitions: 1)
    cluster.setLeader(partition.topic, 0, broker: 1)
    for start in stride(from: 0, to: count, by: append) {
      _ = try log.append([encoded(start..<min(start + append, count), for: partition, bytes: bytes)])
    }
    return log
  }

  static let passing: [(name: String, code: Int32)] = [
    ("LEADER_NOT_AVAILABLE", 5), ("NOT_LEADER_OR_FOLLOWER", 6), ("REQUEST_TIMED_OUT", 7), ("REPLICA_NOT_AVAILABLE", 9),
    ("UNKNOWN_TOPIC_OR_PARTITION", 3), ("KAFKA_STORAGE_ERROR", 56), ("UNKNOWN_SERVER_ERROR", -1),
    ("CORRUPT_MESSAGE", 2), ("FENCED_LEADER_EPOCH", 74), ("UNKNOWN_LEADER_EPOCH", 75), ("OFFSET_NOT_AVAILABLE", 78),
    ("OFFSET_OUT_OF_RANGE", 1), ("a broken connection", -195), ("MSG_SIZE_TOO_LARGE", 10),
  ]

  /// Goal: no answer of a broker makes a reader skip or repeat a record. Method: it comes three times between two reads.
  @Test("a reader outlives this answer of a broker", arguments: passing)
  func outlives(fault: (name: String, code: Int32)) throws {
    _ = try filled(300)
    let reader = try cluster.open()
    _ = try reader.bounds(of: partition)
    cluster.fail(.fetch, [fault.code, fault.code, fault.code])
    var next = Offset.first
    var found: [Offset] = []
    while next < 300 {
      do {
        let batch = try reader.read(partition, from: next, maximumBytes: 500)
        found += batch.records.map(\.offset)
        next = batch.nextOffset ?? next
      } catch {
        // Told, not swallowed; the same read goes on later.
        try #require(error.kind == .unavailable || fault.code == 10, "\(error)")
        cluster.clearFailures(.fetch)
      }
    }
    #expect(found == (0..<300).map { Offset($0) })
  }

  @Test("a leader that changes between reads loses and repeats nothing") func leaderChange() throws {
    let log = try filled(200)
    let reader = try cluster.open()
    var found: [Offset] = []
    var next = Offset.first
    _ = try reader.bounds(of: partition)
    for leader in [2, 3, 1, 2] as [Int32] {
      let batch = try reader.read(partition, from: next, maximumBytes: 300)
      found += batch.records.map(\.offset)
      next = batch.nextOffset ?? next
      cluster.setLeader(partition.topic, 0, broker: leader)
    }
    found += try readAll(reader, partition, from: next).map(\.offset)
    #expect(found == (0..<200).map { Offset($0) })
    _ = try log.append([encoded(200..<210, for: partition)])
    #expect(try readAll(reader, partition, from: 200).count == 10)
  }

  /// Goal: a position that retention has passed stops the reader with the numbers. Method: the mock keeps 5 MB.
  @Test("a position below what the topic still holds is gone, and the gap is told") func retention() throws {
    let log = try filled(2, bytes: 0)
    for part in 0..<100 {
      // Bytes that do not compress.
      var builder = BatchBuilder(partition: partition)
      var random = SystemRandomNumberGenerator()
      let value = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
      _ = builder.append(key: [], value: value, origin: nil, timestampMillis: Int64(part + 1))
      let batch = builder.finish()
      _ = try log.append([try #require(batch)])
    }
    let bounds = try log.bounds(of: partition)
    #expect(bounds.earliest > 2 && bounds.next == 102)
    let reader = try cluster.open()
    let error = try logError { _ = try reader.read(partition, from: 1, maximumBytes: 1_000) }
    #expect(error.kind == .positionGone)
    #expect(error.cause.contains("from \(bounds.earliest) up to 102"))
    #expect(error.hint.contains("\(bounds.earliest - 1) offsets are gone"))
    #expect(try reader.read(partition, from: bounds.earliest, maximumBytes: 1).records.first?.offset == bounds.earliest)
  }

  /// Goal: a topic that was deleted and made anew is not taken for the old one. Method: an anchor of one cluster checked on
  /// another with other records under the same names.
  @Test("an anchor does not hold on a topic that was made anew") func recreated() throws {
    let log = try filled(50)
    let anchor = try #require(try log.anchor(of: partition, at: 50))
    #expect(try log.check(anchor, of: partition) == .holds)
    let other = MockCluster()
    let anew = try other.open()
    try anew.ensureTopic(partition.topic, partitions: 1)
    #expect(try anew.check(anchor, of: partition) == .differs)
    _ = try anew.append([encoded(100..<200, for: partition)])
    #expect(try anew.check(anchor, of: partition) == .differs)
    #expect(
      try anew.check(LogAnchor(nextOffset: 50, proof: [UInt8](repeating: 1, count: 32)), of: partition) == .unknown)
  }

  /// Goal: a live reader hears of new records without being told of the end. Method: it polls, another object appends.
  @Test("a reader that polls gets what others append") func live() throws {
    let log = try filled(1)
    let reader = try cluster.open()
    var next = Offset.first
    for number in 1..<20 {
      _ = try log.append([encoded(number..<number + 1, for: partition)])
      while next <= Offset(Int64(number)) {
        let batch = try reader.read(partition, from: next, maximumBytes: 1_000)
        next = batch.nextOffset ?? next
      }
    }
    #expect(next == 20)
    #expect(try reader.read(partition, from: 20, maximumBytes: 1_000).nextOffset == nil)
  }

  @Test("a reader goes back and forth as it is asked") func jumps() throws {
    let reader = try filled(500)
    for offset in [499, 0, 250, 251, 250, 10, 498] as [Offset] {
      #expect(try reader.read(partition, from: offset, maximumBytes: 1).records.map(\.offset) == [offset])
    }
    #expect(try readAll(reader, partition).count == 500)
  }

  @Test("broker down at the start: unavailable, and fine when it is back") func downAtStart() throws {
    _ = try filled(10)
    var settings = cluster.settings()
    settings.requestSeconds = 1
    cluster.takeDown()
    let chosen = settings
    #expect(try logError { _ = try KafkaLog(chosen) }.kind == .unavailable)
    cluster.bringUp()
    settings.requestSeconds = 20
    #expect(try readAll(try KafkaLog(settings), partition).count == 10)
  }

  /// Goal: an outage stops nobody for good. Method: a reader in the middle of the log, all brokers gone and back.
  @Test("broker away while reading: unavailable, then on from the same offset") func away() throws {
    _ = try filled(2_000, bytes: 1_000, per: 500)
    var settings = cluster.settings()
    settings.readSeconds = 1
    settings.requestSeconds = 1
    let reader = try cluster.open(settings)
    _ = try reader.bounds(of: partition)
    var next = try #require(try reader.read(partition, from: 0, maximumBytes: 1_000).nextOffset)
    cluster.takeDown()
    var failures = 0
    while next < 2_000 {
      do {
        next = try reader.read(partition, from: next, maximumBytes: 100_000).nextOffset ?? next
      } catch {
        try #require(error.kind == .unavailable, "\(error)")
        failures += 1
        if failures == 2 { cluster.bringUp() }
        try #require(failures < 30)
      }
    }
    #expect(failures >= 2)
  }

  @Test("a log that was not made yet says which command makes it") func notMade() throws {
    let error = try logError { _ = try KafkaLog(cluster.settings(prefix: "none-")) }
    #expect(error.kind == .configuration)
    #expect(error.hint.contains("millrace log create"))
  }

  /// Goal: shutting down never hangs. Method: everything in use, the brokers gone, work under way, then close. The limit is
  /// generous: a hang fails, a slow machine does not.
  @Test("closing ends within its deadline with the broker gone") func close() throws {
    let stop = StopFlag()
    var settings = cluster.settings()
    settings.appendSeconds = 600
    let log = try cluster.open(settings, group: "g", stop: stop)
    try log.ensureTopic(partition.topic, partitions: 1)
    _ = try log.append([encoded(0..<10, for: partition)])
    _ = try readAll(log, partition)
    log.noteProgress([partition: 10])
    cluster.takeDown()
    stop.ask()
    // Would wait ten minutes; a request to stop ends it.
    #expect(try logError { _ = try log.append([encoded(10..<20, for: partition)]) }.kind == .unavailable)
    log.close()
  }

  @Test("the offsets that a reader notes are committed for its group") func progress() throws {
    let log = try filled(10)
    let reader = try cluster.open(group: "millrace.sales")
    _ = try readAll(reader, partition)
    reader.noteProgress([partition: 10])
    // Ends in order, with partitions under way and a group: nothing is left behind.
    #expect(reader.close())
    #expect(try cluster.committed(group: "millrace.sales", topic: partition.topic, partition: 0) == 10)
    _ = log
  }
}
