import EventLog
import Foundation
import KafkaLog
import KafkaSupport
import TestSupport
import Testing

/// Faults of whole brokers, on clusters of real ones that each test starts.
@Suite(
  "Faults of real brokers", .serialized, .temporaryFolder, .enabled(if: RealKafka.tool != nil, RealKafka.absence))
struct ClusterFaultTests {
  /// Goal: brokers may die one after the other under load, and nothing that was acknowledged is lost, doubled or moved.
  /// Method: three brokers, three copies, two needed for an acknowledgement; SIGKILL to each in turn (each leads partitions,
  /// one is the controller), with load before, during and after; it comes back and catches up before the next one goes.
  @Test("each of three brokers is killed under load, and every record is there once and in order") func kills() throws {
    let kafka = try RealKafka(
      folder: TemporaryFolder.path, brokers: 3,
      options: ["--set", "broker.session.timeout.ms=2000", "--set", "broker.heartbeat.interval.ms=300"])
    var settings = kafka.settings()
    settings.replicationFactor = 3
    settings.minInsyncReplicas = 2
    _ = try KafkaLog.create(settings, nowMillis: 1_700_000_000_000)
    try KafkaLog(settings).ensureTopic("orders", partitions: 6)
    let load = Load(settings, topic: "orders", partitions: 6)
    #expect(load.goesOn())
    for broker in 1...3 {
      try kafka.stop(broker: broker, kill: true)
      #expect(load.goesOn(), "two of three brokers do not take records, without \(broker)")
      try kafka.resume(broker: broker)
      #expect(try kafka.awaitReplicas())
      #expect(load.goesOn())
    }
    try load.balance()
  }

  /// Goal: with fewer copies than `min.insync.replicas` nothing is acknowledged, and nothing is lost once they are back.
  @Test(
    "with one of three brokers left nothing is acknowledged, and all goes on when they are back",
    .enabled(if: Place.long, "MILLRACE_LONG is not set"))
  func tooFewCopies() throws {
    let kafka = try RealKafka(
      folder: TemporaryFolder.path, brokers: 3,
      options: ["--set", "broker.session.timeout.ms=2000", "--set", "broker.heartbeat.interval.ms=300"])
    var settings = kafka.settings()
    settings.replicationFactor = 3
    settings.minInsyncReplicas = 2
    settings.appendSeconds = 3
    _ = try KafkaLog.create(settings, nowMillis: 1_700_000_000_000)
    try KafkaLog(settings).ensureTopic("orders", partitions: 3)
    let load = Load(settings, topic: "orders", partitions: 3)
    #expect(load.goesOn())
    try kafka.stop(broker: 2, kill: true)
    try kafka.stop(broker: 3, kill: true)
    let end = Date().addingTimeInterval(60)
    while load.failedAppends == 0, Date() < end { usleep(50_000) }
    #expect(load.failedAppends > 0, "one copy was enough for an acknowledgement")
    try kafka.resume()
    #expect(load.goesOn())
    try load.balance()
  }
}
