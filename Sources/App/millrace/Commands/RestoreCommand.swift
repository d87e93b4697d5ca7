internal import Failures
internal import Files
internal import Operations
internal import Projections
internal import Text
internal import Workspace

extension Command {
  /// `millrace restore`: a mart from its snapshot, or a workspace from its backup.
  static let restore = Command(
    "restore", "bring a mart back from a snapshot, or a whole workspace from a backup",
    discussion: """
      millrace restore MART FILE is the same as millrace replay MART --from-snapshot FILE: the snapshot becomes a new
      generation, is brought up to date from the log, compared and verified, and takes the old one's place; the live file is
      never touched. A snapshot that is damaged, of another mart or log, made by other versions, or ahead of the log is
      refused, and what differs is named.

      millrace restore --workspace NEW --from-backup DIR makes a workspace from a backup, in a folder that is empty or holds
      sources/ only. Every file of the backup is held against its SHA-256, every batch of the log against its hash. Broken off,
      the same command begins anew. Then capture goes on where the backup ends and reads again what came after.

      A log on Kafka must hold what the backup saw, and nothing that was captured later; otherwise the restoration is refused.
      --log-from-backup takes the log from a backup made --with-log instead, into the workspace; the broker's topics are left
      as they are, and millrace log copy --to kafka --adopt brings the log to a broker again, under another topic_prefix.
      """,
    arguments: [
      .optionalMart, .init("FILE", .optional, "what millrace snapshot made"),
    ],
    options: [
      .init("from-backup", "DIR", "make the workspace from this backup"),
      .init("log-from-backup", "with --from-backup: use the backup's copy of a log that was on Kafka"),
      .init("keys", "DIR", "with --from-backup: the folder with the key files, for a backup made --without-keys"),
    ] + rebuildOptions,
    examples: [
      "millrace restore sales sales-copy.sqlite",
      "millrace restore --workspace /srv/millrace --from-backup /backup/millrace",
    ]
  ) { invocation in
    if let folder = invocation["from-backup"] {
      guard invocation.arguments.isEmpty else {
        throw Failure(.usage, "--from-backup restores the whole workspace; name no mart")
      }
      for option in rebuildOptions where invocation.has(option.name) && option.name != "format" {
        throw Failure(.usage, "--\(option.name) belongs to the restoring of a mart")
      }
      return try restoreWorkspace(BackupFolder(folder), invocation)
    }
    guard invocation.arguments.count == 2 else {
      throw Failure(
        .usage, "'millrace restore' needs MART and FILE (what millrace snapshot made), or --from-backup DIR")
    }
    for option in ["keys", "log-from-backup"] where invocation.has(option) {
      throw Failure(.usage, "--\(option) belongs to --from-backup")
    }
    return try rebuild(
      [Workspace.definition(named: invocation.arguments[0])], invocation, snapshot: invocation.arguments[1])
  }

  private static func restoreWorkspace(_ source: BackupFolder, _ invocation: Invocation) throws -> ExitCode {
    let workspace = Workspace(perhaps: invocation)
    let line = ProgressLine("restore")
    let result = try Restoration(
      source: source, workspace: workspace, keyFolder: invocation["keys"], takesLog: invocation.has("log-from-backup"),
      progress: { label, done, total in line.update(done: done, of: total, unit: label) }
    ).run()
    line.finish()
    if invocation["format"] == "json" {
      Output.line(
        JSON.object([
          ("log", .text(result.manifest.lineage)), ("records", .integer(result.records)),
          ("marts", .array(result.marts.map { .text($0) })), ("made_at_millis", .integer(result.manifest.madeAt)),
        ]).text)
      return .ok
    }
    if result.ownsLog {
      Output.line("Restored \(workspace.folder): \(result.records) records of the log \(result.manifest.lineage).")
    } else {
      Output.line(
        "Restored \(workspace.folder) on the log \(result.manifest.lineage) at its broker, which stands as backed up.")
    }
    if result.movedLog {
      Output.line("millrace.yaml named another place for the log; the restored one is in \(workspace.logFolder).")
    }
    if result.ownsLog, result.manifest.log == .archived {
      Output.line("To bring it to Kafka again: millrace log copy --from embedded --to kafka --topic-prefix NEW --adopt")
      Output.line(
        "with --kafka-file FILE, a file with the former log: block, which stands in millrace.yaml as a comment.")
    }
    Output.line(
      result.marts.isEmpty
        ? "Next: millrace project --once builds the marts from the log; then millrace run."
        : "Next: millrace project --once brings the marts up to date; then millrace run.")
    return .ok
  }
}
