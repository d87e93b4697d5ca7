internal import Entity
internal import Privacy
internal import SQLite

/// Kept rows of one source, opened on demand.
///
/// Unchecked: the session asks its source, and so this, from one thread at a time; outbox and vault have locks of their
/// own.
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

  func digests() throws -> [(key: [UInt8], digest: [UInt8])] { try owned { try outbox.digests(of: source) } }

  func digest(of key: [UInt8]) throws -> [UInt8]? { try owned { try outbox.digest(of: key, of: source) } }

  func digests(in keys: Range<KeptKey>, limit: Int) throws -> [(key: [UInt8], digest: [UInt8])] {
    try owned { try outbox.digests(of: source, in: keys, limit: limit) }
  }

  func count(in keys: Range<KeptKey>) throws -> Int { try owned { try outbox.count(of: source, in: keys) } }

  func content(of key: [UInt8]) throws -> PersonalData? {
    guard let sealed = try owned({ try outbox.kept(key, of: source) }), let personKey = try vault.key(id: sealed.key)
    else { return nil }
    return try sealer.open(sealed, context: BatchFinisher.context(source, key), key: personKey)
  }

  /// A source that asks must not be blamed for capture's own file.
  private func owned<R>(_ body: () throws -> R) throws -> R {
    do { return try body() } catch let error as SQLiteError { throw CaptureError(ofOutbox: error) }
  }
}
