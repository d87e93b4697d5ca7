internal import Foundation
package import KafkaLog
package import TestSupport
package import Testing

/// A real Apache Kafka on loopback, started by a test and stopped by it, when its tools lie beside the checkout
/// (`../shared/kafka`, or where MILLRACE_KAFKA says) and Java is there.
package final class RealKafka {
  /// The script that starts and stops brokers; nil: not on this machine.
  package static let tool: String? = {
    let script = ProcessInfo.processInfo.environment["MILLRACE_KAFKA"] ?? "\(Place.root)/../shared/kafka/kafka"
    let java = ["/usr/bin/java", "/usr/local/bin/java"].contains { FileManager.default.isExecutableFile(atPath: $0) }
    return java && FileManager.default.isExecutableFile(atPath: script) ? script : nil
  }()

  /// Why tests that start a cluster are skipped.
  package static let absence: Comment =
    "no Apache Kafka to start: ../shared/kafka (or MILLRACE_KAFKA) or Java is missing"

  /// Brokers that somebody else has started, for the run of the contract on a real broker.
  package static let givenBootstrap: String? = ProcessInfo.processInfo.environment["MILLRACE_TEST_BOOTSTRAP"]

  /// Copies that topics on those brokers get, all but one in sync; nil: as the broker does by default.
  package static let givenReplication: Int? = ProcessInfo.processInfo.environment["MILLRACE_TEST_REPLICATION"]
    .flatMap { Int($0) }

  /// Settings for topics of a test's own on the given brokers; nil: there are none.
  package static func givenSettings(_ name: String) -> KafkaSettings? {
    guard let givenBootstrap else { return nil }
    var settings = KafkaSettings(bootstrap: givenBootstrap)
    settings.topicPrefix = "\(name)-\(UUID().uuidString.prefix(8))-"
    settings.replicationFactor = givenReplication
    settings.minInsyncReplicas = givenReplication.map { max(1, $0 - 1) }
    return settings
  }

  package let bootstrap: String
  package let port: Int
  /// What the start said beside the address.
  package let notes: String
  package let folder: String
  private let script: String

  /// Starts a cluster whose data lie in `folder`; blocks some seconds.
  package init(folder: String, brokers: Int = 1, options: [String] = []) throws {
    guard let script = RealKafka.tool else { throw Missing() }
    self.script = script
    for attempt in 1... {
      let data = "\(folder)/kafka-\(attempt)"
      let port = RealKafka.freePort()
      let started = try ChildProcess.run(
        [script, "start", "--dir", data, "--port", "\(port)", "--brokers", "\(brokers)"] + options, folder: folder)
      if started.status == 0 {
        self.folder = data
        self.port = port
        notes = started.errors
        bootstrap = started.output.trimmingCharacters(in: .whitespacesAndNewlines)
        return
      }
      // Some of its brokers may have come up.
      _ = try? ChildProcess.run([script, "stop", "--dir", data, "--kill"], folder: folder)
      guard attempt < 5, started.errors.contains("in use") else { throw NotStarted(reason: started.errors) }
    }
    throw Missing()
  }

  deinit { _ = try? run(["stop", "--dir", folder, "--kill"]) }

  /// Runs the script with these words; its own commands or Kafka's tools.
  @discardableResult
  package func run(_ words: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run([script] + words, folder: Files.parent(of: folder))
  }

  /// Runs one of Kafka's tools on this cluster; a failure is thrown.
  @discardableResult
  package func tool(_ name: String, _ words: String...) throws -> String {
    let result = try run([name, "--bootstrap-server", bootstrap] + words)
    guard result.status == 0 else { throw NotStarted(reason: "\(name) \(words): \(result.errors)\(result.output)") }
    return result.output
  }

  package func stop(broker: Int? = nil, kill: Bool) throws {
    try run(
      ["stop", "--dir", folder] + (broker.map { ["--broker", "\($0)"] } ?? []) + (kill ? ["--kill"] : []))
  }

  package func resume(broker: Int? = nil) throws {
    try run(["resume", "--dir", folder] + (broker.map { ["--broker", "\($0)"] } ?? []))
  }

  /// Waits until every partition has all its copies in sync again; false: not within two minutes.
  package func awaitReplicas() throws -> Bool {
    let end = Date().addingTimeInterval(120)
    while Date() < end {
      let lagging = try run(["topics", "--bootstrap-server", bootstrap, "--describe", "--under-replicated-partitions"])
      if lagging.status == 0, !lagging.output.contains("Topic:") { return true }
    }
    return false
  }

  package func settings(prefix: String = "") -> KafkaSettings {
    var settings = KafkaSettings(bootstrap: bootstrap)
    settings.topicPrefix = prefix
    return settings
  }

  package struct Missing: Error {}
  package struct NotStarted: Error { package var reason: String }

  /// Below the ports that the system gives to clients. Brokers of one cluster take every tenth port from here on, and their
  /// controllers one beside.
  private static func freePort() -> Int {
    20_000 + Int(ProcessInfo.processInfo.processIdentifier % 100) * 100 + Int.random(in: 0..<100)
  }

  private enum Files {
    static func parent(of path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }
  }
}
