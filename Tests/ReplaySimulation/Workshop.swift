import Enrichment
import Files
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

  static func loadAgents() throws -> UserAgentDatabase {
    try UserAgentDatabase(regexes: "/usr/share/uap-core/regexes.yaml")
  }
}
