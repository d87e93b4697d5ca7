import EventLog
import EventLogContract
import Foundation
import KafkaLog
import KafkaSupport
import TestSupport
import Testing

/// Faults of the line between this process and a real broker.
@Suite(
  "Faults of the line to a real broker", .serialized, .temporaryFolder,
  .enabled(if: RealKafka.tool != nil && Toxiproxy.tool != nil, Toxiproxy.absence))
struct NetworkFaultTests {
  private static let python = ProcessInfo.processInfo.environment["MILLRACE_TEST_PYTHON"] ?? "/usr/bin/python3"
  private let partition = TopicPartition("orders", 0)

  /// A broker whose clients come back by `port` of this machine.
  private func broker(behind port: Int) throws -> RealKafka {
    try RealKafka(
      folder: TemporaryFolder.path, options: ["--set", "advertised.listeners=PLAINTEXT://127.0.0.1:\(port)"])
  }

  /// Goal: whatever the line does, counts balance. Method: one load through the proxy, and one fault after the other; behind
  /// each, records must flow again.
  @Test("a line that is cut, slow, swallows acknowledgements or breaks off loses and doubles nothing") func line()
    throws
  {
    let proxy = try Toxiproxy(folder: TemporaryFolder.path)
    let port = try Toxiproxy.freePort()
    let kafka = try broker(behind: port)
    try proxy.add("kafka", listen: "127.0.0.1:\(port)", upstream: kafka.bootstrap)
    var settings = KafkaSettings(bootstrap: "127.0.0.1:\(port)")
    settings.properties["socket.timeout.ms"] = "2000"
    _ = try KafkaLog.create(settings, nowMillis: 1_700_000_000_000)
    try KafkaLog(settings).ensureTopic(partition.topic, partitions: 4)
    let load = Load(settings, topic: partition.topic, partitions: 4)
    #expect(load.goesOn())

    try proxy.enable("kafka", false)
    Thread.sleep(forTimeInterval: 2)
    try proxy.enable("kafka", true)
    #expect(load.goesOn(), "after the cut")

    func during(
      _ toxic: String, _ direction: Toxiproxy.Direction, _ attributes: String, _ seconds: Double?,
      location: SourceLocation = #_sourceLocation
    ) throws {
      try proxy.add(toxic: toxic, to: "kafka", direction, attributes)
      if let seconds {
        Thread.sleep(forTimeInterval: seconds)
      } else {
        #expect(load.goesOn(30), "during \(toxic) \(direction)", sourceLocation: location)
      }
      try proxy.remove(toxic: toxic, from: "kafka", direction)
      #expect(load.goesOn(), "after \(toxic) \(direction)", sourceLocation: location)
    }
    try during("latency", .downstream, #"{"latency": 200, "jitter": 150}"#, nil)
    try during("latency", .upstream, #"{"latency": 200, "jitter": 150}"#, nil)
    // Requests arrive and are carried out; their answers are swallowed, and then the line breaks.
    try during("timeout", .downstream, #"{"timeout": 1500}"#, 4)
    // The same, but the line stays: the client's own patience ends it.
    try during("timeout", .downstream, #"{"timeout": 0}"#, 4)
    try during("timeout", .upstream, #"{"timeout": 0}"#, 4)
    try during("slicer", .downstream, #"{"average_size": 50, "size_variation": 20, "delay": 10}"#, nil)
    try during("limit_data", .downstream, #"{"bytes": 5000}"#, 2)
    try during("reset_peer", .downstream, #"{"timeout": 300}"#, 2)
    try during("slow_close", .downstream, #"{"delay": 1000}"#, 1)
    try load.balance()
  }

  /// Goal: an acknowledgement that got lost does not hide that the record is stored. Method: answers are swallowed while one
  /// append is under way; the broker knows the producer's sequence numbers and stores it once.
  @Test("an append whose acknowledgement is lost on the line is stored once") func lostAcknowledgement() throws {
    let proxy = try Toxiproxy(folder: TemporaryFolder.path)
    let port = try Toxiproxy.freePort()
    let kafka = try broker(behind: port)
    try proxy.add("kafka", listen: "127.0.0.1:\(port)", upstream: kafka.bootstrap)
    var settings = KafkaSettings(bootstrap: "127.0.0.1:\(port)")
    settings.properties["socket.timeout.ms"] = "1000"
    _ = try KafkaLog.create(settings, nowMillis: 1_700_000_000_000)
    let log = try KafkaLog(settings)
    try log.ensureTopic(partition.topic, partitions: 1)
    _ = try log.append([encoded(0..<5, for: partition)])
    try proxy.add(toxic: "timeout", to: "kafka", .downstream, #"{"timeout": 0}"#)
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 3)
      try? proxy.remove(toxic: "timeout", from: "kafka", .downstream)
    }
    let ranges = try log.append([encoded(5..<25, for: partition)])
    #expect(ranges.first?.nextOffset == 25)
    #expect(try log.check(try #require(ranges.first?.anchor), of: partition) == .holds)
    #expect(try readAll(try KafkaLog(settings), partition).map(\.number) == Array(0..<25))
  }

  /// Goal: bytes that change on the line are never applied. Method: a proxy changes a byte inside records on their way to the
  /// reader; TCP does not notice, the batch's checksum does. A few times: the reader gets over it. Always: it says so.
  @Test("records that are damaged on the line are fetched again, and never handed on") func corruption() throws {
    let port = try Toxiproxy.freePort()
    let kafka = try broker(behind: port)
    let control = "\(TemporaryFolder.path)/left"
    try "0".write(toFile: control, atomically: true, encoding: .utf8)
    let proxy = try ChildProcess(
      [Self.python, "\(Place.root)/Tests/Peers/corrupting_proxy.py", "\(port)", "\(kafka.port)", control],
      folder: TemporaryFolder.path)
    defer {
      proxy.signal(SIGKILL)
      _ = proxy.wait()
    }
    var settings = KafkaSettings(bootstrap: "127.0.0.1:\(port)")
    // So that the proxy finds what to change.
    settings.properties["compression.codec"] = "none"
    settings.readSeconds = 4
    _ = try KafkaLog.create(settings, nowMillis: 1_700_000_000_000)
    let log = try KafkaLog(settings)
    try log.ensureTopic(partition.topic, partitions: 1)
    for part in 0..<10 { _ = try log.append([encoded(part * 50..<(part + 1) * 50, for: partition, bytes: 300)]) }

    try "5".write(toFile: control, atomically: true, encoding: .utf8)
    let reader = try KafkaLog(settings)
    var next = Offset.first
    while next < 500 {
      // Where patience ends before the fault does, it says so.
      guard let batch = try? reader.read(partition, from: next, maximumBytes: 10_000) else { continue }
      for record in batch.records {
        #expect(record.offset == next)
        let value = Array(batch.bytes[try #require(record.value)])
        #expect(value == Array("\(next)".utf8) + [UInt8](repeating: 0x20, count: 300))
        next = record.offset + 1
      }
    }
    #expect(try String(contentsOfFile: control, encoding: .utf8) == "0", "the fault did not happen")

    try "1000000000".write(toFile: control, atomically: true, encoding: .utf8)
    let other = try KafkaLog(settings)
    _ = try other.bounds(of: partition)
    let error = try logError { _ = try other.read(partition, from: 0, maximumBytes: 10_000) }
    #expect(error.kind == .damaged, "\(error)")
    #expect(error.hint.contains("millrace log verify"), "\(error)")
    #expect(error.partition == partition && error.offset == 0, "\(error)")
  }
}
