internal import Failures
internal import Files
internal import KafkaLog
internal import Privacy
internal import Workspace

extension Command {
  /// `millrace init`: a workspace with configuration, keys and folders.
  static let initialize = Command(
    "init", "make a workspace: millrace.yaml, a master key, folders",
    discussion: """
      Makes the folder DIR with millrace.yaml (all settings, explained), keys/master.key (readable by you alone) and the
      folders for sources. Back the key up apart from the data: without it the personal data in the log cannot be read again.
      Run on an existing workspace, it only adds what is missing and never replaces a key.
      """,
    options: [
      .init("kafka", "HOST:PORT", "keep the log on Apache Kafka instead of in the workspace"),
      .init("topic-prefix", "TEXT", "with --kafka: begins every topic's name, for clusters that others use too"),
    ],
    examples: [
      "millrace init", "millrace init --workspace /srv/millrace", "millrace init --kafka 127.0.0.1:9092",
    ]
  ) { invocation in
    let workspace = Workspace(perhaps: invocation)
    if invocation.has("topic-prefix"), !invocation.has("kafka") {
      throw Failure(.usage, "--topic-prefix needs --kafka HOST:PORT")
    }
    if let prefix = invocation["topic-prefix"], !KafkaLog.isTopicPrefix(prefix) {
      throw Failure(.usage, "--topic-prefix takes up to 100 letters, digits, '.', '_' and '-'")
    }
    if let bootstrap = invocation["kafka"], bootstrap.isEmpty || bootstrap.contains(where: { $0.isWhitespace }) {
      throw Failure(.usage, "--kafka takes HOST:PORT, several with commas and no spaces")
    }
    for folder in [
      workspace.folder, workspace.keyFolder, workspace.sourcesFolder, workspace.spendFolder, workspace.martsFolder,
    ] {
      try Files.makeFolder(folder)
    }
    var made: [String] = []
    if !Files.exists(workspace.masterKeyFile) {
      let held = [workspace.vaultFile, workspace.logFolder].filter(Files.exists)
      guard held.isEmpty else {
        throw Failure(
          .keys,
          "\(workspace.masterKeyFile) is missing, but \(held[0]) was sealed with it; restore the key file from your backup (a new key could not open the old data)"
        )
      }
      try Keyring.create(at: workspace.masterKeyFile)
      made.append("keys/master.key")
    }
    if !Files.exists(workspace.configurationFile) {
      var text = Configuration.template
      if let bootstrap = invocation["kafka"] {
        text += Configuration.kafkaBlock(bootstrap: bootstrap, topicPrefix: invocation["topic-prefix"])
      }
      try Files.create(workspace.configurationFile, with: Array(text.utf8), mode: 0o600)
      made.append("millrace.yaml")
    } else if invocation.has("kafka") {
      throw Failure(
        .usage, "\(workspace.configurationFile) exists and is not changed; write the log block into it by hand")
    }
    _ = try Keyring(masterKeyFile: workspace.masterKeyFile)
    _ = try Configuration(file: workspace.configurationFile)
    if made.isEmpty {
      Output.line("\(workspace.folder) is a workspace already; nothing to do.")
    } else {
      Output.line("Made \(made.joined(separator: " and ")) in \(workspace.folder).")
      if invocation.has("kafka") { Output.line("Make the topics with: millrace log create") }
      Output.line("Next: millrace simulate (or name your own systems in millrace.yaml), then millrace capture --once.")
    }
    return .ok
  }
}
