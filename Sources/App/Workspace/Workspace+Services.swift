package import Capture
package import Concurrency
internal import EmbeddedLog
internal import Enrichment
internal import Entity
package import EventLog
internal import Events
internal import Failures
internal import Files
internal import Foundation
internal import KafkaLog
internal import Marts
package import Money
package import Pipeline
package import Privacy
package import Projections
package import Runs
internal import ShopDomain
internal import ShopMarts

/// Puts the modules together: the only place where a log meets capture and the pipeline.
extension Workspace {
  /// Reads millrace.yaml. Throws `.configuration` with line and column.
  package func configuration() throws -> Configuration { try Configuration(file: configurationFile) }
  /// Reads the master key; throws where it is missing or others may read it.
  package func keyring() throws -> Keyring { try Keyring(masterKeyFile: masterKeyFile) }
  /// Opens the ledger of runs; makes it where it is missing.
  package func ledger() throws -> RunLedger { try RunLedger(path: runsFile) }

  /// The current moment, in the form that modules take it.
  package static let clock: @Sendable () -> Timestamp = {
    Timestamp(millis: Int64(Date().timeIntervalSince1970 * 1_000))
  }

  /// Capture of the configured sources into the log. Takes the workspace's capture lock. `waits`: for a broker that is
  /// down. A capture that cannot begin stands in the ledger as a run that failed.
  package func captureSession(
    _ configuration: Configuration, stop: StopFlag, waits: Bool, accepting: Set<String> = []
  ) throws -> CaptureSession {
    do {
      return try whenReachable(stop, waits: waits) { try captureSession(configuration, stop, accepting) }
    } catch {
      if !stop.isAsked { JobRun.noteFailure(of: .capture, error, in: try ledger()) }
      throw error
    }
  }

  private func captureSession(
    _ configuration: Configuration, _ stop: StopFlag, _ accepting: Set<String>
  ) throws -> CaptureSession {
    let keyring = try keyring()
    let sources = configuration.sources.map { source in
      var located = source
      located.place = resolve(source.place)
      located.folders = source.folders.mapValues { resolve($0) }
      return located
    }
    try refuseSharedPlaces(sources)
    var settings = CaptureConfiguration(
      workspace: folder, sources: sources, partitions: configuration.partitions,
      batchEvents: configuration.captureBatch)
    settings.accepted = accepting
    settings.switchedOff = configuration.switchedOff.map(\.name)
    let log = try openWritableLog(configuration, stop: stop)
    return try CaptureSession(
      settings,
      kinds: .shop(placeholders: configuration.placeholders) {
        try CountryDatabase(paths: configuration.countryData.map(resolve))
      },
      log: log, keyring: keyring,
      vault: Vault(
        path: vaultFile, keyring: keyring, mode: .writer, expected: vaultMark(beside: log), metrics: metrics),
      clock: Workspace.clock, logger: logger, metrics: metrics)
  }

  /// Two names for one file or folder are not always told by their paths.
  private func refuseSharedPlaces(_ sources: [SourceDescription]) throws {
    var places: [FileIdentity: SourceDescription] = [:]
    for source in sources {
      guard let identity = FileIdentity(of: source.place) else { continue }
      if let other = places.updateValue(source, forKey: identity) {
        throw Failure(
          .configuration,
          "the sources '\(other.name)' and '\(source.name)' in millrace.yaml read the same place, \(source.place); "
            + "its records would be in the log twice; list it once")
      }
    }
  }

  /// One job per mart: from the log's reader to the mart's writer. User agent data are loaded once, and only for marts
  /// that read web requests. `waits`: for a broker that is down.
  package func projectJobs(
    _ definitions: [MartDefinition], _ configuration: Configuration, stop: StopFlag, waits: Bool,
    workers: Int = PipelineLimits.workers,
    progress: @escaping @Sendable (PipelineProgress) -> Void
  ) throws -> [MartRuntime.Job] {
    let keyring = try keyring()
    let facts = try derivedFacts(for: definitions, configuration)
    let shares = WorkShares()
    var jobs: [MartRuntime.Job] = []
    for definition in definitions {
      let directory = mart(definition.name)
      cleanLeftovers(of: directory)
      jobs.append(
        MartRuntime.Job(
          mart: definition.name, handOver: HandOver(directory), logger: logger, metrics: metrics
        ) {
          let log = try whenReachable(stop, waits: waits) {
            try openLog(configuration, progressOf: definition.name, stop: stop)
          }
          return try pipeline(
            definition, log, keyring, facts.identities, facts.domain, order(configuration), workers,
            shares, progress)
        })
    }
    return jobs
  }

  /// What a crash left in the mart's folder goes before work begins; while a replay is at work, its things are its own.
  private func cleanLeftovers(of directory: MartDirectory) {
    guard let lock = try? directory.lockForReplay() else { return }
    // Of no consequence for the work to come, which names its own faults.
    try? directory.cleanLeftovers(bootID: BootID.current)
    withExtendedLifetime(lock) {}
  }

  /// What web requests are enriched with, loaded once for all marts that read them.
  private struct DerivedFacts: Sendable {
    /// By the topic whose events the facts enter.
    var identities: [String: [String: String]] = [:]
    var domain = Domain.shop()
  }

  private func derivedFacts(
    for definitions: [MartDefinition], _ configuration: Configuration
  ) throws -> DerivedFacts {
    guard definitions.contains(where: { $0.topics.contains(Topic.weblog) }) else { return DerivedFacts() }
    let agents = try UserAgentDatabase(
      regexes: resolve(configuration.userAgentData), robots: configuration.robots)
    let rules = SiteRules(
      ownHosts: configuration.ownHosts, signInPaths: configuration.signInPaths, healthPaths: configuration.healthPaths,
      channels: configuration.channels)
    return DerivedFacts(
      identities: [Topic.weblog: Enricher(agents: agents, rules: rules).identity],
      domain: .shop { Enricher(agents: agents, rules: rules) })
  }

  /// What a replay of each mart needs. `archive`: folder of a copy of the log that reaches further back.
  package func replaySetups(
    _ definitions: [MartDefinition], _ configuration: Configuration, archive: String?, workers: Int, stop: StopFlag
  ) throws -> [Replay.Setup] {
    let keyring = try keyring()
    let version = keyring.tokenVersion
    let facts = try derivedFacts(for: definitions, configuration)
    let logID = try openLog().logID
    let mark = try CaptureStatus.vaultMark(workspace: folder)
    @Sendable func makeTokenizer() throws(PrivacyError) -> Tokenizer {
      try Tokenizer(
        keyring, version: version,
        vault: Vault(path: vaultFile, keyring: keyring, mode: .reader, expected: mark, metrics: metrics))
    }
    return definitions.map { definition in
      var setup = Replay.Setup(
        definition: definition, directory: mart(definition.name),
        identity: definition.identity(logID: logID, tokenVersion: version, derivedFacts: facts.identities),
        openLog: {
          let log = try openLog()
          guard let archive else { return log }
          return try ArchivedLog(archive: EmbeddedLog(folder: archive, readOnly: true), log: log)
        },
        tokenizer: makeTokenizer,
        domain: facts.domain, order: order(configuration), workers: workers, stop: stop)
      setup.logger = logger
      setup.metrics = metrics
      return setup
    }
  }

  /// Partitions in turn. A batch ends between two reads, so small batches need small reads.
  private func order(_ configuration: Configuration) -> ReadOrder {
    let largestRecord = 1_024
    return .roundRobin(
      readBytes: min(PipelineLimits.readBytes, configuration.projectBatch * largestRecord),
      flushEvents: configuration.projectBatch)
  }

  /// Called on the mart's own thread: the mart's writer and the vault are opened there.
  private func pipeline(
    _ definition: MartDefinition, _ log: any LogReader, _ keyring: Keyring, _ derived: [String: [String: String]],
    _ domain: Domain, _ order: ReadOrder, _ workers: Int,
    _ shares: WorkShares, _ progress: @escaping @Sendable (PipelineProgress) -> Void
  ) throws -> MartPipeline {
    let version = keyring.tokenVersion
    let writer = try MartWriter(
      mart(definition.name), schema: definition.schema,
      identity: definition.identity(logID: log.logID, tokenVersion: version, derivedFacts: derived))
    let vault = try vaultToRead(keyring)
    @Sendable func makeTokenizer() throws(PrivacyError) -> Tokenizer {
      try Tokenizer(keyring, version: version, vault: vault)
    }
    return MartPipeline(
      definition: definition, log: log, writer: writer, tokenizer: makeTokenizer, domain: domain, order: order,
      workers: workers, shares: shares, logger: logger, metrics: metrics, progress: progress)
  }

  /// A tokenizer under the token version in force, which it answers too. For one thread.
  package func tokenizer() throws -> (Tokenizer, version: Int) {
    let keyring = try keyring()
    let version = keyring.tokenVersion
    let vault = try vaultToRead(keyring)
    return (try Tokenizer(keyring, version: version, vault: vault), version)
  }

  /// Where tokenized copies go: a log of its own in another folder, or the workspace's log itself where that takes
  /// copies.
  package func copyTarget(of log: any LogReader, folder: String?) throws -> any LogCopyTarget {
    guard let folder else {
      guard case .kafka(let settings) = try configuration().log else {
        throw Failure(
          .usage,
          "an embedded log keeps no copies beside its own topics; name another folder (--to-folder) or use --stdout")
      }
      return try openKafka(settings, lineage: nil)
    }
    return try EmbeddedLog(
      folder: folder, lineage: log.logID, copiedFrom: "embedded, tokenized", logger: logger, metrics: metrics)
  }

  /// Every anchor that capture and the marts keep, for `log verify`.
  package func anchors() throws -> [TopicPartition: [LogAnchor]] {
    var anchors = try CaptureStatus.anchors(workspace: folder)
    for definition in Shop.marts {
      guard try mart(definition.name).currentGeneration() != nil else { continue }
      for (partition, position) in try MartReader(mart(definition.name)).positions() where !position.proof.isEmpty {
        anchors[partition, default: []].append(position)
      }
    }
    return anchors
  }
}
