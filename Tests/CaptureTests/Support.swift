import Capture
import EmbeddedLog
import Entity
import EventLog
import Events
import Files
import Foundation
import Money
import Privacy
import SQLite
import ShopDomain
import TestSupport

/// A clock that stands still unless a test moves it.
final class TestClock: @unchecked Sendable {
  private let lock = NSLock()
  private var millis: Int64 = 1_795_000_000_000
  var now: Timestamp { lock.withLock { Timestamp(millis: millis) } }
  func advance(seconds: Int64) { lock.withLock { millis += seconds * 1_000 } }
}

/// Keys, vault, log and configuration of one capture in the test's folder.
final class Bench {
  let folder: String
  let clock = TestClock()
  let keyring: Keyring
  let vault: Vault
  let log: EmbeddedLog
  var configuration: CaptureConfiguration

  var platformPath: String { folder + "/platform.sqlite" }
  var weblogPath: String { folder + "/weblogs/access.log" }
  var leadsFolder: String { folder + "/leads" }

  init(platform: Bool = false, weblog: Bool = false, leads: Bool = false) throws {
    // A test may have several benches.
    folder = TemporaryFolder.path + "/" + UUID().uuidString
    for name in ["keys", "weblogs", "leads"] { try Files.makeFolder(folder + "/" + name) }
    try Keyring.create(at: folder + "/keys/master.key")
    keyring = try Keyring(masterKeyFile: folder + "/keys/master.key")
    vault = try Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .writer)
    log = try EmbeddedLog(folder: folder + "/log")
    configuration = CaptureConfiguration(workspace: folder)
    if platform { configuration.sources.append(SourceDescription(.sqlite, at: platformPath)) }
    if weblog { configuration.sources.append(SourceDescription(.weblog, at: weblogPath)) }
    if leads { configuration.sources.append(SourceDescription(.leads, at: leadsFolder)) }
  }

  func session(_ log: (any LogReader & LogWriter)? = nil) throws -> CaptureSession {
    let clock = clock
    return try CaptureSession(
      configuration, log: log ?? self.log, keyring: keyring, vault: vault, countries: nil, clock: { clock.now })
  }

  /// A whole run in a session of its own, as after a restart.
  @discardableResult
  func capture(_ log: (any LogReader & LogWriter)? = nil) throws -> CaptureCounts { try session(log).runOnce() }

  // MARK: What is in the log

  struct Logged {
    var partition: TopicPartition
    var event: Event<SealedPerson>
    var value: [UInt8]
  }

  func logged(heartbeats: Bool = false) throws -> [Logged] {
    var result: [Logged] = []
    for topic in try log.topics() {
      for partition in try log.partitions(of: topic) {
        let end = try log.bounds(of: partition).next
        var offset: Int64 = 0
        while offset < end {
          let batch = try log.read(partition, from: offset, maximumBytes: 1 << 20)
          for record in batch.records {
            guard let range = record.value else { continue }
            let value = Array(batch.bytes[range])
            let event = try Event<SealedPerson>(decoding: value.span)
            if heartbeats || event.operation != .heartbeat {
              result.append(Logged(partition: partition, event: event, value: value))
            }
          }
          offset = batch.nextOffset ?? end
        }
      }
    }
    return result
  }

  func events(_ source: String? = nil) throws -> [Event<SealedPerson>] {
    try logged().map(\.event).filter { source == nil || $0.source == source }
  }

  /// Numbers of each partition, in log order, heartbeats included.
  func numbers() throws -> [TopicPartition: [UInt64]] {
    Dictionary(grouping: try logged(heartbeats: true), by: \.partition).mapValues { $0.map(\.event.number) }
  }

  func requests() throws -> [WebRequest<SealedPerson>] {
    try events("weblog").sorted { ($0.position.stream, $0.position.record) < ($1.position.stream, $1.position.record) }
      .compactMap { if case .webRequest(let request) = $0.payload { request } else { nil } }
  }

  func rejections() throws -> [String] {
    try events().compactMap { if case .rejected(let rejected) = $0.payload { rejected.reason } else { nil } }.sorted()
  }

  /// Token of a clear value, to recognise it behind a seal.
  func token(_ text: String, _ field: PersonalField) throws -> Token {
    try Tokenizer(keyring, version: 1, vault: vault).token(of: PersonalData(text), field: field)
  }

  func tokenized(_ logged: Logged) throws -> Event<PersonToken> {
    try Tokenizer(keyring, version: 1, vault: vault).tokenize(
      logged.event, topic: logged.partition.topic, partition: logged.partition.partition)
  }

  func status() throws -> CaptureStatus { try CaptureStatus.read(workspace: folder) }

  // MARK: Sources

  func writeFile(_ path: String, _ bytes: some Sequence<UInt8>, secondsAgo: Double = 60) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -secondsAgo)], ofItemAtPath: path)
  }

  func appendToLog(_ text: String) throws {
    let path = weblogPath
    if !Files.exists(path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  func rename(_ from: String, _ to: String) throws { try FileManager.default.moveItem(atPath: from, toPath: to) }

  func platform() throws -> Database { try Database(platformPath, .readWriteCreate) }
}

/// A log whose appends fail on demand, before or after the bytes are in it.
final class FailingLog: LogReader, LogWriter, @unchecked Sendable {
  enum Failure: Equatable {
    case none
    case before
    case after
  }
  let base: EmbeddedLog
  /// What happens at each append, in turn.
  var plan: [Failure]
  private(set) var attempts: [[EncodedBatch]] = []

  private let kind: LogError.Kind

  init(_ base: EmbeddedLog, _ plan: [Failure], kind: LogError.Kind = .storage) {
    self.base = base
    self.plan = plan
    self.kind = kind
  }

  var logID: String { base.logID }
  func topics() throws(LogError) -> [String] { try base.topics() }
  func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try base.partitions(of: topic) }
  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { try base.bounds(of: partition) }
  func read(_ partition: TopicPartition, from offset: Int64, maximumBytes: Int) throws(LogError) -> RecordBatch {
    try base.read(partition, from: offset, maximumBytes: maximumBytes)
  }
  func anchor(of partition: TopicPartition, at nextOffset: Int64) throws(LogError) -> LogAnchor? {
    try base.anchor(of: partition, at: nextOffset)
  }
  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try base.check(anchor, of: partition)
  }
  func ensureTopic(_ topic: String, partitions: Int32) throws(LogError) {
    try base.ensureTopic(topic, partitions: partitions)
  }
  func append(_ batches: [EncodedBatch]) throws(LogError) -> [AppendedRange] {
    attempts.append(batches)
    let failure = plan.isEmpty ? .none : plan.removeFirst()
    let error = LogError(kind, operation: "append", cause: "planned by the test", hint: "none")
    if failure == .before { throw error }
    let ranges = try base.append(batches)
    if failure == .after { throw error }
    return ranges
  }
}

enum Lines {
  static func request(
    _ index: Int, ip: String = "203.0.113.9", user: String = "-", agent: String = "Mozilla/5.0 (X11; Linux)"
  ) -> String {
    "\(ip) - \(user) [17/May/2015:10:\(pad(index / 60 % 60)):\(pad(index % 60)) +0000] "
      + "\"GET /page/\(index) HTTP/1.1\" 200 \(index) \"-\" \"\(agent)\"\n"
  }
  private static func pad(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
