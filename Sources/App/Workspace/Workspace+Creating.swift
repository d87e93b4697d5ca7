internal import Capture
internal import Failures
internal import Files
internal import KafkaLog
internal import Privacy

/// Making a workspace.
extension Workspace {
  /// A log on Kafka, as `create` is told of it.
  package struct KafkaPlace: Sendable {
    let bootstrap: String
    let topicPrefix: String?

    /// Throws `.usage` for what can be neither. `bootstrap`: HOST:PORT, several with commas.
    package init(bootstrap: String, topicPrefix: String? = nil) throws(Failure) {
      if let topicPrefix, !KafkaLog.isTopicPrefix(topicPrefix) {
        throw Failure(.usage, "--topic-prefix takes up to 100 letters, digits, '.', '_' and '-'")
      }
      guard !bootstrap.isEmpty, !bootstrap.contains(where: { $0.isWhitespace }) else {
        throw Failure(.usage, "--kafka takes HOST:PORT, several with commas and no spaces")
      }
      self.bootstrap = bootstrap
      self.topicPrefix = topicPrefix
    }
  }

  /// Makes folders, master key and millrace.yaml where they are missing, also the folders that sources are read from by
  /// default, of every kind that reads one; answers which files it made. Never replaces a
  /// key, and makes none where something was sealed with a lost one.
  @discardableResult
  package func create(kafka: KafkaPlace? = nil) throws -> [String] {
    for folder in [folder, keyFolder, sourcesFolder, martsFolder] { try Files.makeFolder(folder) }
    var made: [String] = []
    if !Files.exists(masterKeyFile) {
      let held = [vaultFile, logFolder].filter(Files.exists)
      guard held.isEmpty else {
        throw Failure(
          .keys,
          "\(masterKeyFile) is missing, but \(held[0]) was sealed with it; restore the key file from your backup (a new key could not open the old data)"
        )
      }
      try Keyring.create(at: masterKeyFile)
      made.append("keys/master.key")
    }
    if !Files.exists(configurationFile) {
      var text = Configuration.template
      if let kafka { text += Configuration.kafkaBlock(bootstrap: kafka.bootstrap, topicPrefix: kafka.topicPrefix) }
      try Files.create(configurationFile, with: Array(text.utf8), mode: 0o600)
      made.append("millrace.yaml")
    } else if kafka != nil {
      throw Failure(.usage, "\(configurationFile) exists and is not changed; write the log block into it by hand")
    }
    _ = try keyring()
    try makeSourceFolders(of: try configuration())
    return made
  }

  /// An empty folder is a source with nothing in it, none at all is a fault. Somebody else's folders are left to them.
  private func makeSourceFolders(of configuration: Configuration) throws {
    for kind in SourceRegistry.shop.kinds where kind.place == .folder {
      guard configuration.sources.contains(where: { $0.kind == kind.name && $0.place == kind.defaultPlace }) else {
        continue
      }
      try Files.makeFolder(resolve(kind.defaultPlace))
    }
  }
}
