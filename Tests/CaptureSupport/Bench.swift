package import Capture
package import EmbeddedLog
package import Entity
package import EventLog
package import Events
internal import Files
internal import Foundation
package import Money
package import Privacy
package import SQLite
package import SQLiteSource
internal import ShopDomain
internal import ShopSources
internal import TestSupport
internal import Workspace

/// A clock that stands still unless a test moves it.
///
/// Unchecked: the time is touched under the lock only.
package final class TestClock: @unchecked Sendable {
  private let lock = NSLock()
  private var millis: Int64 = 1_795_000_000_000
  package var now: Timestamp { lock.withLock { Timestamp(millis: millis) } }
  package func advance(seconds: Int64) { lock.withLock { millis += seconds * 1_000 } }
}

/// Keys, vault, log and configuration of one capture in the test's folder.
package final class Bench {
  package let folder: String
  package let clock = TestClock()
  package let keyring: Keyring
  package let vault: Vault
  package let log: EmbeddedLog
  package var configuration: CaptureConfiguration

  package var platformPath: String { folder + "/platform.sqlite" }
  package var weblogPath: String { folder + "/weblogs/access.log" }
  package var leadsFolder: String { folder + "/leads" }

  package init(platform: Bool = false, weblog: Bool = false, leads: Bool = false) throws {
    // A test may have several benches.
    folder = TemporaryFolder.path + "/" + UUID().uuidString
    for name in ["keys", "weblogs", "leads"] { try Files.makeFolder(folder + "/" + name) }
    try Keyring.create(at: folder + "/keys/master.key")
    keyring = try Keyring(masterKeyFile: folder + "/keys/master.key")
    vault = try Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .writer)
    log = try EmbeddedLog(folder: folder + "/log")
    configuration = CaptureConfiguration(workspace: folder)
    if platform { configuration.sources.append(Bench.source("sqlite", at: platformPath)) }
    if weblog { configuration.sources.append(Bench.source("weblog", at: weblogPath)) }
    if leads { configuration.sources.append(Bench.source("leads", at: leadsFolder)) }
  }

  /// The application's kinds of sources, without a database of countries.
  package static let kinds = SourceRegistry.shop { nil }

  package static func source(_ kind: String, at place: String) -> SourceDescription {
    guard let known = kinds.kind(named: kind) else { preconditionFailure("no kind \(kind)") }
    return SourceDescription(known, at: place)
  }

  /// What capture adds to a platform database.
  package static let triggers = ChangeTriggers(on: PlatformTables.all, title: PlatformTables.title)

  package func session(_ log: (any LogReader & LogWriter)? = nil) throws -> CaptureSession {
    let clock = clock
    return try CaptureSession(
      configuration, kinds: Bench.kinds, log: log ?? self.log, keyring: keyring, vault: vault, clock: { clock.now })
  }

  /// A whole run in a session of its own, as after a restart.
  @discardableResult
  package func capture(_ log: (any LogReader & LogWriter)? = nil) throws -> CaptureCounts { try session(log).runOnce() }

  // MARK: What is in the log

  package struct Logged {
    package var partition: TopicPartition
    package var event: Event<SealedPerson>
    package var value: [UInt8]
    /// The record's header.
    package var origin: EventOrigin
  }

  package func logged(heartbeats: Bool = false) throws -> [Logged] {
    var result: [Logged] = []
    for topic in try log.topics() {
      for partition in try log.partitions(of: topic) {
        let end = try log.bounds(of: partition).next
        var offset = Offset.first
        while offset < end {
          let batch = try log.read(partition, from: offset, maximumBytes: 1 << 20)
          for record in batch.records {
            guard let range = record.value else { continue }
            let value = Array(batch.bytes[range])
            let event = try Event<SealedPerson>(decoding: value.span)
            guard heartbeats || event.operation != .heartbeat, let header = record.origin else { continue }
            let origin = try EventOrigin(decoding: Array(batch.bytes[header]).span)
            result.append(Logged(partition: partition, event: event, value: value, origin: origin))
          }
          offset = batch.nextOffset ?? end
        }
      }
    }
    return result
  }

  package func events(_ source: String? = nil) throws -> [Event<SealedPerson>] {
    try logged().map(\.event).filter { source == nil || $0.source == source }
  }

  /// Numbers of each partition, in log order, heartbeats included.
  package func numbers() throws -> [TopicPartition: [UInt64]] {
    Dictionary(grouping: try logged(heartbeats: true), by: \.partition).mapValues { $0.map(\.event.number) }
  }

  package func requests() throws -> [WebRequest<SealedPerson>] {
    try events("weblog").sorted { ($0.position.stream, $0.position.record) < ($1.position.stream, $1.position.record) }
      .compactMap { if case .webRequest(let request) = $0.payload { request } else { nil } }
  }

  package func rejections() throws -> [String] {
    try events().compactMap { if case .rejected(let rejected) = $0.payload { rejected.reason } else { nil } }.sorted()
  }

  /// Token of a clear value, to recognise it behind a seal.
  package func token(_ text: String, _ field: PersonalField) throws -> Token {
    try Tokenizer(keyring, version: 1, vault: vault).token(of: PersonalData(text), field: field)
  }

  package func tokenized(_ logged: Logged) throws -> Event<PersonToken> {
    try Tokenizer(keyring, version: 1, vault: vault).tokenize(
      logged.event, topic: logged.partition.topic, partition: logged.partition.partition)
  }

  package func status() throws -> CaptureStatus { try CaptureStatus.read(workspace: folder) }

  // MARK: Sources

  package func writeFile(_ path: String, _ bytes: some Sequence<UInt8>, secondsAgo: Double = 60) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -secondsAgo)], ofItemAtPath: path)
  }

  package func appendToLog(_ text: String) throws {
    let path = weblogPath
    if !Files.exists(path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  package func rename(_ from: String, _ to: String) throws {
    try FileManager.default.moveItem(atPath: from, toPath: to)
  }

  /// Capture's own file, which no session has open now.
  package func withOutbox(_ body: (Database) throws -> Void) throws {
    try body(try Database(folder + "/capture.sqlite", .readWrite))
  }

  package func platform() throws -> Database { try Database(platformPath, .readWriteCreate) }
}
