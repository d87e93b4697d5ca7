internal import Failures
internal import Files
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
    let made = try workspace.create(
      kafka: try invocation["kafka"].map {
        try Workspace.KafkaPlace(bootstrap: $0, topicPrefix: invocation["topic-prefix"])
      })
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
