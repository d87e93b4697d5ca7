import EventLog
import EventLogContract
import Foundation
import KafkaLog
import KafkaSupport
import Testing

@Suite("Faults while appending")
struct ProduceFaultTests {
  let cluster = MockCluster()
  let partition = TopicPartition("orders", 0)

  private func open(_ change: (inout KafkaSettings) -> Void = { _ in }) throws -> KafkaLog {
    var settings = cluster.settings()
    change(&settings)
    let log = try cluster.open(settings)
    try log.ensureTopic(partition.topic, partitions: 2)
    return log
  }

  /// Codes that brokers give while leaders move, replicas lag or disks fail over. The names are Kafka's.
  static let passing: [(name: String, code: Int32)] = [
    ("LEADER_NOT_AVAILABLE", 5), ("NOT_LEADER_OR_FOLLOWER", 6), ("REQUEST_TIMED_OUT", 7),
    ("NETWORK_EXCEPTION", 13), ("COORDINATOR_NOT_AVAILABLE", 15), ("NOT_ENOUGH_REPLICAS", 19),
    ("NOT_ENOUGH_REPLICAS_AFTER_APPEND", 20), ("KAFKA_STORAGE_ERROR", 56), ("a broken connection", -195),
    ("OUT_OF_ORDER_SEQUENCE_NUMBER", 45), ("UNKNOWN_PRODUCER_ID", 59), ("INVALID_PRODUCER_EPOCH", 47),
    ("UNKNOWN_SERVER_ERROR", -1), ("CORRUPT_MESSAGE", 2), ("UNKNOWN_TOPIC_OR_PARTITION", 3),
  ]

  /// Goal: no code that passes by itself loses, reorders or hides a record. Method: the broker answers the first requests
  /// with it; then what is in the topic is compared, repetitions aside, which readers drop by number.
  @Test("an append outlives this answer of a broker", arguments: passing)
  func outlives(fault: (name: String, code: Int32)) throws {
    let log = try open()
    _ = try log.append([encoded(0..<5, for: partition)])
    cluster.fail(.produce, [fault.code, fault.code])
    do {
      let ranges = try log.append([encoded(5..<50, for: partition), encoded(50..<60, for: TopicPartition("orders", 1))])
      #expect(ranges.count == 2)
    } catch {
      // Whether it is told or mended, the same bytes must go through next, as capture sends them.
      let kind = (error as? LogError)?.kind
      #expect(kind == .unavailable || kind == .configuration, "\(error)")
      cluster.clearFailures(.produce)
      _ = try log.append([encoded(5..<50, for: partition), encoded(50..<60, for: TopicPartition("orders", 1))])
    }
    let reader = try cluster.open()
    #expect(numbers(try readAll(reader, partition)) == Array(0..<50))
    #expect(numbers(try readAll(reader, TopicPartition("orders", 1))) == Array(50..<60))
  }

  /// Goal: an acknowledgement that is lost does not lose the record. Method: the first answer comes after the socket's
  /// timeout; the mock stores the record twice (it knows no sequence numbers), and the numbers tell.
  @Test("a lost acknowledgement stores a record twice at worst") func lostAcknowledgement() throws {
    let log = try open { $0.properties["socket.timeout.ms"] = "1000" }
    _ = try log.append([encoded(0..<1, for: partition)])
    cluster.delay(.produce, milliseconds: 2_500)
    let ranges = try log.append([encoded(1..<4, for: partition)])
    let stored = try readAll(try cluster.open(), partition)
    #expect(numbers(stored) == Array(0..<4))
    #expect(stored.count > 4, "the fault did not happen")
    // The range names records that are there.
    let range = try #require(ranges.first)
    #expect(stored.first { $0.offset == range.nextOffset - 1 }?.number == 3)
    #expect(try log.check(try #require(range.anchor), of: partition) == .holds)
  }

  /// Goal: a fatal error of the idempotent producer is ordinary. Method: the broker says that the producer was fenced; the
  /// same append must go on with a new client.
  @Test("after a fatal error a new client sends what is not acknowledged", arguments: [47, 90] as [Int32])
  func fatal(code: Int32) throws {
    let log = try open()
    _ = try log.append([encoded(0..<5, for: partition)])
    cluster.fail(.produce, [code])
    let ranges = try log.append([encoded(5..<30, for: partition)])
    #expect(ranges.first?.anchor != nil)
    _ = try log.append([encoded(30..<35, for: partition)])
    #expect(numbers(try readAll(try cluster.open(), partition)) == Array(0..<35))
  }

  @Test("too large is told as such, and the log goes on") func tooLarge() throws {
    let log = try open()
    cluster.fail(.produce, [10])
    #expect(try logError { _ = try log.append([encoded(0..<1, for: partition)]) }.kind == .tooLarge)
    _ = try log.append([encoded(1..<3, for: partition)])
    #expect(numbers(try readAll(log, partition)) == [1, 2])
  }

  /// Goal: what does not pass by itself is told at once and in words. Method: each such answer of a broker.
  @Test(
    "this answer of a broker ends an append as a refusal, not as damage and not as something to wait for",
    arguments: [("TOPIC_AUTHORIZATION_FAILED", 29), ("INVALID_TIMESTAMP", 32), ("POLICY_VIOLATION", 44)]
      as [(String, Int32)])
  func refusals(name: String, code: Int32) throws {
    let log = try open()
    cluster.fail(.produce, [code])
    let error = try logError { _ = try log.append([encoded(0..<1, for: partition)]) }
    #expect(error.kind == (code == 29 ? .connection : .refused), "\(error)")
    #expect(error.hint.count > 20)
    if name == "INVALID_TIMESTAMP" { #expect(error.hint.contains("message.timestamp.after.max.ms")) }
  }

  /// Goal: brokers may go away under load, and come back. Method: the broker is down for a while, an append in its
  /// patience's time fails as unavailable, and the same bytes go through afterwards.
  @Test("a broker that is down makes appends unavailable, and what was captured arrives when it is back")
  func brokerDown() throws {
    let log = try open { $0.appendSeconds = 1.5 }
    _ = try log.append([encoded(0..<10, for: partition)])
    cluster.takeDown()
    let error = try logError { _ = try log.append([encoded(10..<20, for: partition)]) }
    #expect(error.kind == .unavailable)
    #expect(try logError { _ = try log.append([encoded(10..<20, for: partition)]) }.kind == .unavailable)
    cluster.bringUp()
    _ = try retried { try log.append([encoded(10..<20, for: partition)]) }
    #expect(numbers(try retried { try readAll(log, partition) }) == Array(0..<20))
  }

  @Test("a broker that comes back within an append's patience is not even noticed") func shortOutage() throws {
    let log = try open()
    _ = try log.append([encoded(0..<10, for: partition)])
    cluster.takeDown()
    let cluster = cluster
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 1)
      cluster.bringUp()
    }
    _ = try log.append([encoded(10..<20, for: partition)])
    #expect(numbers(try readAll(log, partition)) == Array(0..<20))
  }

  /// Goal: back-pressure instead of memory. Method: more records in one append than the client's queue takes.
  @Test("an append larger than the client's queue waits for room") func backPressure() throws {
    let log = try open { $0.properties["queue.buffering.max.messages"] = "500" }
    _ = try log.append([encoded(0..<20_000, for: partition)])
    #expect(try readAll(log, partition).map(\.number) == Array(0..<20_000))
  }

  /// Goal: brokers of any age take compressed records; librdkafka leaves some codecs out silently with some. Method: the
  /// request versions that each offers, and 12 MB of records that compress well: the mock keeps 5 MB of stored bytes per
  /// partition, so all are there only when they were stored compressed.
  @Test("records stay compressed with the request versions of this broker", arguments: BrokerVersions.allCases)
  func versions(of broker: BrokerVersions) throws {
    for (request, versions) in broker.ranges { cluster.offer(request, versions: versions) }
    let log = try open()
    for part in 0..<12 {
      _ = try log.append([encoded(part * 1_000..<(part + 1) * 1_000, for: partition, bytes: 1_000)])
    }
    #expect(try log.bounds(of: partition) == LogBounds(earliest: 0, next: 12_000))
    #expect(try readAll(log, partition).map(\.number) == Array(0..<12_000))
  }

  /// Goal: the test above can fail. Method: the same without compression.
  @Test("without compression the mock drops the oldest of as many records") func uncompressed() throws {
    let log = try open { $0.properties["compression.codec"] = "none" }
    for part in 0..<12 {
      _ = try log.append([encoded(part * 1_000..<(part + 1) * 1_000, for: partition, bytes: 1_000)])
    }
    #expect(try log.bounds(of: partition).earliest > 0)
  }

  private func retried<R>(_ body: () throws -> R) throws -> R {
    for _ in 0..<20 {
      do { return try body() } catch let error as LogError where error.kind == .unavailable {
        Thread.sleep(forTimeInterval: 0.2)
      }
    }
    return try body()
  }
}

/// The versions that brokers offer, as far as the mock knows them (KIP-896 took the oldest away in 4.0).
enum BrokerVersions: String, CaseIterable, CustomTestStringConvertible {
  case v39 = "3.9"
  case v400 = "4.0.0"
  case v401 = "4.0.1"
  /// Proxies and clones of 4.x that do not offer Produce 0 to 2 as Kafka itself does.
  case clone = "a clone of 4.x"

  var testDescription: String { rawValue }

  var ranges: [(MockCluster.Request, ClosedRange<Int16>)] {
    switch self {
    case .v39:
      [(.produce, 0...7), (.fetch, 0...11), (.listOffsets, 0...5), (.offsetCommit, 0...7), (.joinGroup, 0...5)]
    case .v400:
      [(.produce, 0...7), (.fetch, 4...11), (.listOffsets, 1...5), (.offsetCommit, 2...7), (.joinGroup, 2...5)]
    case .v401:
      [(.produce, 0...7), (.fetch, 4...11), (.listOffsets, 1...5), (.offsetCommit, 2...7), (.joinGroup, 0...5)]
    case .clone:
      [(.produce, 3...7), (.fetch, 4...11), (.listOffsets, 1...5), (.offsetCommit, 2...7), (.joinGroup, 0...5)]
    }
  }
}
