internal import EmbeddedLog
internal import EventLog
internal import Files
internal import Operations
internal import Text
internal import Workspace

extension Command {
  /// `millrace backup DIR`: everything that cannot be rebuilt.
  static let backup = Command(
    "backup", "copy everything that cannot be rebuilt into a folder, while capture and project go on",
    discussion: """
      Copies configuration, keys, vault, capture's positions, the log and the run ledger into DIR, as a state that a crash at
      one moment would have left; capture waits for an instant. The next backup into the same folder copies only what the
      log has got since; broken off at any moment, the backup before it stays whole, and the same command begins it anew.
      The source systems (sources/) are not part of it; marts are rebuilt from the log, or come along with --with-marts.

      A log on Kafka stays with its broker, and the backup names its identity and where it ended. Such a backup can be restored
      as long as nothing was captured after it; with --with-log, which copies the log too (and later only what is new), always.

      With its keys a backup opens all personal data: keep it as safe as the workspace. With --without-keys it opens none,
      and without the key files, kept elsewhere, nobody can ever read it. Who was forgotten after a backup was made is still in
      that backup: forget again after restoring an old one, and delete backups in time.
      """,
    arguments: [
      .init("DIR", .one, "the folder of the backup: new, empty, or with an earlier backup of this workspace")
    ],
    options: [
      .init("without-keys", "leave the key files out; restoring then needs them from elsewhere"),
      .init("with-log", "copy a log on Kafka too (one in the workspace always comes along)"),
      .init("with-marts", "copy the marts too, so that reports are back sooner"),
      .init("format", choices: ["table", "json"], "how to print the result (default: table)"),
    ],
    examples: [
      "millrace backup /backup/millrace", "millrace backup /backup/millrace --with-log",
      "millrace backup /backup/millrace --with-marts --without-keys",
    ]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let configuration = try workspace.configuration()
    let target = BackupFolder(invocation.arguments[0])
    let line = ProgressLine("backup")
    let result = try {
      defer { line.finish() }
      return try Backup(
        workspace: workspace, configuration: configuration, target: target,
        holdsKeys: !invocation.has("without-keys"), holdsMarts: invocation.has("with-marts"),
        holdsLog: invocation.has("with-log"),
        progress: { label, done, total in line.update(done: done, of: total, unit: label) }
      ).runAsJob()
    }()
    say(result, configuration, target, asJSON: invocation["format"] == "json")
    return .ok
  }

  private static func say(_ result: Backup.Result, _ configuration: Configuration, _ target: BackupFolder, asJSON: Bool)
  {
    let manifest = result.manifest
    let records = manifest.ends.reduce(Int64(0)) { $0 + $1.firstOffset.distance(to: $1.nextOffset) }
    if asJSON {
      Output.line(
        JSON.object([
          ("log", .text(manifest.lineage)), ("log_included", .bool(manifest.log != .kafka)),
          ("records", .integer(records)), ("new_records", .integer(result.newRecords)),
          ("files", .array(manifest.files.map { .text($0.path) })), ("keys", .bool(manifest.holdsKeys)),
          ("marts", .array(result.marts.map { .text($0) })), ("state", .text(manifest.state)),
        ]).text)
      return
    }
    if manifest.log == .kafka {
      Output.line(
        "Backed up to \(target.folder): \(manifest.files.count) files, and where the log with its broker ended (\(records) records)."
      )
      Output.line("It cannot be restored once more was captured; a backup made --with-log can.")
    } else {
      Output.line(
        "Backed up to \(target.folder): \(manifest.files.count) files and \(records) records of the log, \(result.newRecords) of them new."
      )
    }
    if !manifest.holdsKeys {
      Output.line("Without keys: nobody can open this backup without the files in keys/. Keep them elsewhere.")
    }
    Output.line("Restore with: millrace restore --workspace NEW --from-backup \(target.folder)")
  }
}
