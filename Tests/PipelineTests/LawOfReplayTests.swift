import Capture
import EmbeddedLog
import Enrichment
import EventLog
import Marts
import Money
import Privacy
import Projections
import ShopDomain
import ShopMarts
import Simulator
import TestSupport
import Testing
import Workspace

@testable import Pipeline

@Suite("The law of replay")
struct LawOfReplayTests {
  static let interleavings = Place.long ? 1_000 : 100

  /// Goal: a mart is a function of the log's prefixes only. Method: a simulated business with faults, captured in small
  /// batches; the real projections fold the same log under random interleavings of partitions, random batch borders and
  /// different numbers of workers, and the ordered dumps of all tables and books are equal.
  @Test("random interleavings, batch sizes and numbers of workers give equal marts", .temporaryFolder)
  func interleavings() throws {
    let folder = TemporaryFolder.path
    let until = try #require(CivilDate("2026-10-31"))
    try Simulator(
      plan: SimulationPlan(until: until, days: 120, seed: 5, orders: 150, weblogLines: 500, leads: 60, faultRate: 0.05),
      countryRanges: CountryRanges(v4Path: CountryRanges.debianPaths.v4, v6Path: CountryRanges.debianPaths.v6)
    ).build(into: "\(folder)/sources", truthFile: "\(folder)/truth.json")
    try Keyring.create(at: "\(folder)/master.key")
    let keyring = try Keyring(masterKeyFile: "\(folder)/master.key")
    do {
      let kinds = SourceRegistry.shop { nil }
      let session = try CaptureSession(
        CaptureConfiguration(
          workspace: folder,
          sources: kinds.kinds.map { SourceDescription($0, at: "\(folder)/\($0.defaultPlace)") }, batchEvents: 60),
        kinds: kinds, log: EmbeddedLog(folder: "\(folder)/log"), keyring: keyring,
        vault: Vault(path: "\(folder)/vault.sqlite", keyring: keyring, mode: .writer),
        clock: { Timestamp(millis: 1_793_500_000_000) })
      _ = try session.runOnce()
    }
    let agents = try UserAgentDatabase(regexes: "/usr/share/uap-core/regexes.yaml")
    var expected: [String: String] = [:]
    for seed in 0...Self.interleavings {
      for definition in Shop.marts {
        let dump = try fold(definition, keyring, agents, seed: UInt64(seed))
        if seed == 0 {
          #expect(dump.utf8.count > 1_000, "\(definition.name) is empty, which proves nothing")
          expected[definition.name] = dump
        } else {
          try #require(dump == expected[definition.name], "\(definition.name) differs under interleaving \(seed)")
        }
      }
    }
  }

  private func fold(_ definition: MartDefinition, _ keyring: Keyring, _ agents: UserAgentDatabase, seed: UInt64) throws
    -> String
  {
    let folder = TemporaryFolder.path
    let log = try EmbeddedLog(folder: "\(folder)/log", readOnly: true)
    let vault = try Vault(path: "\(folder)/vault.sqlite", keyring: keyring, mode: .reader)
    let directory = MartDirectory(marts: "\(folder)/marts-\(seed)", name: definition.name)
    let writer = try MartWriter(
      directory, schema: definition.schema,
      identity: definition.identity(logID: log.logID, tokenVersion: 1, derivedFacts: [:]))
    @Sendable func tokenizer() throws(PrivacyError) -> Tokenizer { try Tokenizer(keyring, version: 1, vault: vault) }
    try MartPipeline(
      definition: definition, log: log, writer: writer, tokenizer: tokenizer,
      domain: .shop { Enricher(agents: agents, rules: SiteRules()) },
      order: seed == 0 ? .roundRobin() : .seeded(seed, readBytes: 30_000, flushEvents: 300),
      workers: [1, 2, 3, 5][Int(seed % 4)]
    ).run(until: .atEnd(nil))
    return try MartReader(directory).canonicalDump(tables: definition.schema.tables)
  }
}
