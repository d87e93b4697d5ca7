internal import Files
internal import Privacy

extension Command {
  /// `millrace init`: a workspace with configuration, keys and folders.
  static let initialize = Command(
    "init", "make a workspace: millrace.yaml, a master key, folders",
    discussion: """
      Makes the folder DIR with millrace.yaml (all settings, explained), keys/master.key (readable by you alone) and the
      folders for sources. Back the key up apart from the data: without it the personal data in the log cannot be read again.
      Run on an existing workspace, it only adds what is missing and never replaces a key.
      """,
    examples: ["millrace init", "millrace init --workspace /srv/millrace"]
  ) { invocation in
    let workspace = Workspace(folder: Workspace.folder(invocation))
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
      try Files.create(workspace.configurationFile, with: Array(Configuration.template.utf8), mode: 0o600)
      made.append("millrace.yaml")
    }
    _ = try Keyring(masterKeyFile: workspace.masterKeyFile)
    _ = try Configuration(file: workspace.configurationFile)
    if made.isEmpty {
      Output.line("\(workspace.folder) is a workspace already; nothing to do.")
    } else {
      Output.line("Made \(made.joined(separator: " and ")) in \(workspace.folder).")
      Output.line("Next: millrace simulate (or name your own systems in millrace.yaml), then millrace capture --once.")
    }
    return .ok
  }
}
