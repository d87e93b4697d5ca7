internal import Foundation
package import KafkaLog
package import TestSupport

/// A real Apache Kafka on loopback, started by a test and stopped by it, when its tools lie beside the checkout
/// (`../shared/kafka`, or where MILLRACE_KAFKA says) and Java is there.
package final class RealKafka {
  /// The script that starts and stops brokers; nil: not on this machine.
  package static let tool: String? = {
    let script = ProcessInfo.processInfo.environment["MILLRACE_KAFKA"] ?? "\(Place.root)/../shared/kafka/kafka"
    let java = ["/usr/bin/java", "/usr/local/bin/java"].contains { FileManager.default.isExecutableFile(atPath: $0) }
    return java && FileManager.default.isExecutableFile(atPath: script) ? script : nil
  }()

  /// Brokers that somebody else has started, for the run of the contract on a real broker.
  package static let givenBootstrap: String? = ProcessInfo.processInfo.environment["MILLRACE_TEST_BOOTSTRAP"]

  package let bootstrap: String
  package let port: Int
  private let folder: String
  private let script: String

  /// Starts a cluster whose data lie in `folder`; blocks some seconds.
  package init(folder: String, brokers: Int = 1, options: [String] = []) throws {
    guard let script = RealKafka.tool else { throw Missing() }
    self.script = script
    self.folder = "\(folder)/kafka"
    port = RealKafka.freePort()
    let started = try ChildProcess.run(
      [script, "start", "--dir", self.folder, "--port", "\(port)", "--brokers", "\(brokers)"] + options, folder: folder)
    guard started.status == 0 else { throw NotStarted(reason: started.errors) }
    bootstrap = started.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  deinit { _ = try? run(["stop", "--dir", folder, "--kill"]) }

  /// Runs the script with these words; its own commands or Kafka's tools.
  @discardableResult
  package func run(_ words: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run([script] + words, folder: Files.parent(of: folder))
  }

  package func stop(broker: Int? = nil, kill: Bool) throws {
    try run(
      ["stop", "--dir", folder] + (broker.map { ["--broker", "\($0)"] } ?? []) + (kill ? ["--kill"] : []))
  }

  package func resume(broker: Int? = nil) throws {
    try run(["resume", "--dir", folder] + (broker.map { ["--broker", "\($0)"] } ?? []))
  }

  package func settings(prefix: String = "") -> KafkaSettings {
    var settings = KafkaSettings(bootstrap: bootstrap)
    settings.topicPrefix = prefix
    return settings
  }

  package struct Missing: Error {}
  package struct NotStarted: Error { package var reason: String }

  /// Brokers of one cluster take every tenth port from here on, and their controllers one beside.
  private static func freePort() -> Int {
    20_000 + Int(ProcessInfo.processInfo.processIdentifier % 100) * 100 + Int.random(in: 0..<100)
  }

  private enum Files {
    static func parent(of path: String) -> String { URL(fileURLWithPath: path).deletingLastPathComponent().path }
  }
}
