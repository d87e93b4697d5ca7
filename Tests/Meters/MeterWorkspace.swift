package import Capture
internal import EmbeddedLog
internal import EventLog
internal import Files
internal import Foundation
internal import Marts
internal import Money
package import Pipeline
internal import Privacy
internal import Projections
internal import Reports
internal import SQLiteSource

/// A folder with the power company's database, and all that is made of it: the parts of the engine put together for this
/// domain, as an application would.
package struct MeterWorkspace: Sendable {
  package let folder: String
  private let keyring: Keyring

  /// Makes what is missing.
  package init(_ folder: String) throws {
    self.folder = folder
    let key = folder + "/master.key"
    if !Files.exists(key) { try Keyring.create(at: key) }
    keyring = try Keyring(masterKeyFile: key)
  }

  package var database: String { folder + "/meters.sqlite" }

  /// Captures until `stop` answers true; nil: what is there now.
  package func capture(until stop: (@Sendable () -> Bool)? = nil) throws -> CaptureCounts {
    let source = try SQLiteSource(
      name: "meters", path: database, mapping: MeterMapping(keyring), keyring: keyring, installsTriggers: true)
    let session = try CaptureSession(
      CaptureConfiguration(workspace: folder, batchEvents: 20), sources: [source],
      log: EmbeddedLog(folder: folder + "/log"), keyring: keyring,
      vault: Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .writer), clock: { MeterWorkspace.now })
    if let stop { return try session.run(until: stop, pollMillis: 5) }
    return try session.runOnce()
  }

  /// Brings the mart to the end of the log.
  package func project(until rule: StopRule = .atEnd(nil)) throws {
    let log = try openLog()
    let writer = try MartWriter(directory, schema: MartDefinition.meters.schema, identity: identity(log.logID))
    try MartPipeline(
      definition: .meters, log: log, writer: writer, tokenizer: tokenizer(), domain: .meters,
      order: .roundRobin(readBytes: 4_096, flushEvents: 25)
    ).run(until: rule)
  }

  /// Builds the mart anew from the log, and puts it in the old one's place where both are equal.
  package func replay() throws -> ReplayOutcome {
    let log = try openLog()
    let replay = try Replay(
      Replay.Setup(
        definition: .meters, directory: directory, identity: identity(log.logID), openLog: { try openLog() },
        tokenizer: tokenizer(), domain: .meters))
    _ = try replay.prepare()
    return try replay.handOver()
  }

  /// The log, tokenized, as lines of JSON.
  package func sanitized() throws -> String {
    var text: [UInt8] = []
    _ = try Sanitizer(
      log: openLog(), topics: nil, sink: SanitizedLines { text += $0 }, domain: .meters, tokenizer: tokenizer()(),
      tokenVersion: keyring.tokenVersion
    ).run(until: .atEnd(nil))
    return String(decoding: text, as: UTF8.self)
  }

  /// What the mart's report answers: household and watt hours.
  package func usage() throws -> [String: Int64] {
    let reporter = Reporter(marts: folder + "/marts", sources: ["meters": MartDefinition.meters.sources])
    let report = try reporter.report(
      ReportRequest(.usage, asOf: CivilDate(daysSinceEpoch: 20_000)), now: MeterWorkspace.now)
    var usage: [String: Int64] = [:]
    for row in report.table.rows {
      if case .text(let household) = row[0], case .integer(let wattHours) = row[1] { usage[household] = wattHours }
    }
    return usage
  }

  /// All tables of the mart, in an order that no run decides.
  package func dump() throws -> String {
    try MartReader(directory).canonicalDump(tables: MartDefinition.meters.schema.tables)
  }

  private static var now: Timestamp { Timestamp(millis: Int64(Date().timeIntervalSince1970 * 1_000)) }
  private var directory: MartDirectory { MartDirectory(marts: folder + "/marts", name: "meters") }
  private func openLog() throws(LogError) -> EmbeddedLog { try EmbeddedLog(folder: folder + "/log", readOnly: true) }
  private func identity(_ log: String) -> GenerationIdentity {
    MartDefinition.meters.identity(logID: log, tokenVersion: keyring.tokenVersion, derivedFacts: [:])
  }

  private func tokenizer() -> @Sendable () throws(PrivacyError) -> Tokenizer {
    { () throws(PrivacyError) in
      try Tokenizer(
        keyring, version: keyring.tokenVersion,
        vault: Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .reader))
    }
  }
}
