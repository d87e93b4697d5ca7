import EmbeddedLog
import Entity
import EventLog
import Events
import Marts
import Privacy
import Projections
import ShopDomain
import ShopMarts
import TestSupport
import Testing

@testable import Pipeline

/// The toy lines under their next version: quantity 66 is no longer refused.
final class ToyLinesTwo: ShopProjection {
  static let name = ToyLines.name
  static let version = 2
  static let topics = ToyLines.topics
  static let personalFields = ToyLines.personalFields
  static let tables = ToyLines.tables
  static let views = ToyLines.views
  private let inner = ToyLines()

  func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    var input = input
    if case .orderLine(var change) = input.event.payload, change.after?.quantity == 66 {
      change.after?.quantity = 6
      input.event.payload = .orderLine(change)
    }
    try inner.fold(input)
  }

  var pendingCount: Int { inner.pendingCount }
  func flush(into transaction: MartTransaction) throws { try inner.flush(into: transaction) }
  func discard() { inner.discard() }
}

extension MartDefinition {
  static let toyTwo = MartDefinition(
    name: "toy", meaning: "for tests", sources: MartDefinition.toy.sources,
    projections: { [ToyLinesTwo(), ToyVisits()] })
}

extension World {
  func setup(_ definition: MartDefinition = .toy, log other: (any LogReader)? = nil) -> Replay.Setup {
    let folder = folder
    let keyring = keyring
    @Sendable func tokenizer() throws(PrivacyError) -> Tokenizer {
      let vault = try Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .reader)
      return try Tokenizer(keyring, version: keyring.tokenVersion, vault: vault)
    }
    return Replay.Setup(
      definition: definition, directory: directory(definition.name),
      identity: definition.identity(logID: log.logID, tokenVersion: keyring.tokenVersion, derivedFacts: [:]),
      openLog: { try other ?? EmbeddedLog(folder: folder + "/log", readOnly: true) }, tokenizer: tokenizer,
      domain: .shop())
  }

  /// Random lines and requests with duplicates, deletes, late versions and a refused one now and then.
  func fill(_ count: Int, _ random: inout SeededGenerator) throws {
    for step in 0..<count {
      let isRequest = step.isMultiple(of: 4)
      let place = (isRequest ? weblog : orders)[Int.random(in: 0..<Int(World.partitions), using: &random)]
      let payload =
        isRequest
        ? request("203.0.113.\(Int.random(in: 0..<9, using: &random))")
        : line(
          Int64.random(in: 0..<40, using: &random), product: Int64.random(in: 0..<5, using: &random),
          quantity: step % 97 == 5 ? 66 : Int64.random(in: 1..<9, using: &random))
      let event = event(payload, on: place, version: UInt64.random(in: 1...1_000_000, using: &random))
      try add(event, to: place)
      if step.isMultiple(of: 13) { try add(event, to: place) }
      if Int.random(in: 0..<6, using: &random) == 0 { try cut(place) }
    }
    try cutAll()
  }
}

/// Tests that replay the toy mart.
protocol ReplaySuite {}

extension ReplaySuite {
  func filled(_ events: Int = 400, seed: UInt64 = 3) throws -> World {
    let world = try World()
    var random = SeededGenerator(seed: seed)
    try world.fill(events, &random)
    return world
  }

  func replay(_ setup: Replay.Setup) throws -> ReplayOutcome {
    let replay = try Replay(setup)
    _ = try replay.prepare()
    return try replay.handOver()
  }

  func failure(_ setup: Replay.Setup) throws -> ReplayError {
    try #require(throws: ReplayError.self) { try replay(setup) }
  }
}
