import Enrichment
import Files
import Foundation
import Privacy

/// What the seeds of one thread share: keys, a vault and the data of enrichment, so that a seed costs milliseconds.
final class Workshop: @unchecked Sendable {
  let folder: String
  let keyring: Keyring
  let vault: Vault
  /// nil: no mart here reads requests.
  let agents: UserAgentDatabase?

  /// Makes what is missing.
  init(folder: String, agents: UserAgentDatabase?) throws {
    self.folder = folder
    self.agents = agents
    try Files.makeFolder(folder)
    // Always the same key, so that a seed's records always go to the same partitions.
    if !Files.exists(folder + "/master.key") {
      try Files.create(folder + "/master.key", with: (0..<32).map { $0 &* 37 &+ 11 }, mode: 0o600)
    }
    keyring = try Keyring(masterKeyFile: folder + "/master.key")
    vault = try Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .writer)
  }

  // NSLock, since ThreadSanitizer reports false races on Synchronization.Mutex.
  private let lock = NSLock()
  private var tokenizers: [Tokenizer] = []
  private var enrichers: [Enricher] = []

  /// One that nobody else uses now: making one costs as much as a whole seed's events, and no answer depends on its past.
  func tokenizer() throws(PrivacyError) -> Tokenizer {
    lock.lock()
    defer { lock.unlock() }
    for index in tokenizers.indices where isKnownUniquelyReferenced(&tokenizers[index]) { return tokenizers[index] }
    let made = try Tokenizer(keyring, version: keyring.tokenVersion, vault: vault)
    tokenizers.append(made)
    return made
  }

  /// Likewise. nil: no mart here reads requests.
  func enricher() -> Enricher? {
    lock.lock()
    defer { lock.unlock() }
    guard let agents else { return nil }
    for index in enrichers.indices where isKnownUniquelyReferenced(&enrichers[index]) { return enrichers[index] }
    let made = Enricher(agents: agents, rules: SiteRules())
    enrichers.append(made)
    return made
  }

  static func loadAgents() throws -> UserAgentDatabase {
    try UserAgentDatabase(regexes: "/usr/share/uap-core/regexes.yaml")
  }
}
