internal import Entity
internal import Events
internal import Money
internal import Privacy

/// One source under way: its finisher and what is known of it between commits.
final class CaptureLane {
  let source: any CaptureSource
  /// nil: to be loaded from the outbox before the next batch, at the start and after every failure.
  var finisher: BatchFinisher?
  var state = Outbox.Source(epoch: 0, position: "", readUpTo: nil)
  var notes: Set<SourceNote>?
  /// The source had nothing more when it was last asked, and could be read.
  var isCaughtUp = false

  init(_ source: any CaptureSource) { self.source = source }
}

/// Kept rows of one source, opened on demand.
final class OutboxStateReader: SourceStateReader, @unchecked Sendable {
  private let outbox: Outbox
  private let source: String
  private let sealer: Sealer
  private let vault: Vault

  init(_ outbox: Outbox, source: String, keyring: Keyring, vault: Vault) throws {
    self.outbox = outbox
    self.source = source
    self.vault = vault
    sealer = try Sealer(keyring)
  }

  func digests() throws -> [(key: [UInt8], digest: [UInt8])] { try outbox.digests(of: source) }

  func content(of key: [UInt8]) throws -> PersonalData? {
    guard let sealed = try outbox.kept(key, of: source), let personKey = try vault.key(id: sealed.key) else {
      return nil
    }
    return try sealer.open(sealed, context: BatchFinisher.context(source, key), key: personKey)
  }
}
