import Concurrency
import EmbeddedLog
import Enrichment
import EventLog
import Foundation
import Marts
import Money
import Operations
import Pipeline
import Privacy
import Projections
import ShopDomain
import ShopMarts
import TestSupport
import Testing
import Workspace

/// The workspace that Tests/Golden/format-1-workspace keeps, unpacked into the test's folder.
struct KeptWorkspace {
  static let golden = "\(Place.root)/Tests/Golden/format-1-workspace"

  let workspace: Workspace
  let configuration: Configuration
  var folder: String { workspace.folder }

  init() throws {
    let folder = "\(TemporaryFolder.path)/kept"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let unpacked = try ChildProcess.run(
      ["/usr/bin/env", "tar", "-xzf", "\(Self.golden)/workspace.tar.gz", "--no-same-owner", "-p", "-C", folder],
      folder: TemporaryFolder.path)
    try #require(unpacked.status == 0, "\(unpacked.errors)")
    workspace = Workspace(folder: folder)
    configuration = try workspace.configuration()
  }

  @discardableResult
  func run(_ words: [String], expecting status: Int32? = 0, location: SourceLocation = #_sourceLocation) throws
    -> ChildProcess.Result
  {
    let result = try ChildProcess.run([Place.millrace] + words + ["--workspace", folder], folder: TemporaryFolder.path)
    if let status {
      #expect(
        result.status == status, "millrace \(words.joined(separator: " ")): \(result.errors)\(result.output)",
        sourceLocation: location)
    }
    return result
  }

  func status() throws -> WorkspaceStatus {
    try WorkspaceStatus(of: workspace, configuration, nowMillis: Workspace.clock().millis)
  }

  // MARK: Dumps

  /// The marts that there were; later ones begin empty.
  static let marts = Shop.marts.filter { FileManager.default.fileExists(atPath: "\(golden)/dumps/\($0.name).txt") }

  /// As the program that made the workspace had projected it.
  static func keptDump(of mart: String) throws -> MartDump {
    MartDump(text: try String(contentsOfFile: "\(golden)/dumps/\(mart).txt", encoding: .utf8))
  }

  /// Of the generation that is served.
  func dump(_ mart: MartDefinition) throws -> MartDump {
    try MartDump(MartReader(workspace.mart(mart.name)), tables: mart.schema.tables)
  }

  /// Projections that are not those which the served generation was made by, as `--accept` takes them.
  func outdated(_ mart: MartDefinition) throws -> [String] {
    let parts = try MartReader(workspace.mart(mart.name)).identity().parts
    return mart.projections().map { type(of: $0) }.filter { parts["projection.\($0.name)"] != "\($0.version)" }
      .map { "\($0.name)@\($0.version)" }
  }

  // MARK: Folding beside the marts

  /// The whole log into a mart of its own in `folder`, once for each log given: a later one may show more.
  func fold(
    _ mart: MartDefinition, into folder: String, _ logs: [any LogReader], order: ReadOrder = .roundRobin()
  ) throws -> MartDump {
    let keyring = try workspace.keyring()
    let agents = try UserAgentDatabase(regexes: workspace.resolve(configuration.userAgentData))
    let rules = SiteRules(
      ownHosts: configuration.ownHosts, signInPaths: configuration.signInPaths, healthPaths: configuration.healthPaths)
    let directory = MartDirectory(marts: folder, name: mart.name)
    let vault = try Vault(path: workspace.vaultFile, keyring: keyring, mode: .reader)
    @Sendable func tokenizer() throws(PrivacyError) -> Tokenizer { try Tokenizer(keyring, version: 1, vault: vault) }
    for log in logs {
      let identity = mart.identity(
        logID: log.logID, tokenVersion: 1,
        derivedFacts: ["weblog": Enricher(agents: agents, rules: rules).identity])
      try MartPipeline(
        definition: mart, log: log, writer: MartWriter(directory, schema: mart.schema, identity: identity),
        tokenizer: tokenizer, domain: .shop { Enricher(agents: agents, rules: rules) }, order: order, workers: 2
      ).run(until: .atEnd(nil))
    }
    return try MartDump(MartReader(directory), tables: mart.schema.tables)
  }

  func log() throws -> EmbeddedLog { try EmbeddedLog(folder: workspace.logFolder, readOnly: true) }
}

/// A log of which some partitions seem empty for now.
final class PartlyHiddenLog: LogReader {
  private let log: any LogReader
  private let shown: Set<Int32>

  init(_ log: any LogReader, showing partitions: some Sequence<Int32>) {
    self.log = log
    shown = Set(partitions)
  }

  var logID: String { log.logID }
  func topics() throws(LogError) -> [String] { try log.topics() }
  func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try log.partitions(of: topic) }

  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds {
    let bounds = try log.bounds(of: partition)
    return shown.contains(partition.partition) ? bounds : LogBounds(earliest: bounds.earliest, next: bounds.earliest)
  }

  func read(
    _ partition: TopicPartition, from offset: Offset, maximumBytes: Int
  ) throws(LogError) -> RecordBatch {
    let isShown = shown.contains(partition.partition)
    return try log.read(
      partition, from: isShown ? offset : log.bounds(of: partition).next, maximumBytes: maximumBytes)
  }

  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try log.anchor(of: partition, at: nextOffset)
  }

  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try log.check(anchor, of: partition)
  }
}
