internal import Capture
internal import EmbeddedLog
internal import EventLog
internal import Failures
internal import Files
internal import Foundation
internal import KafkaLog
internal import Marts
internal import Money
internal import Privacy
internal import Projections
internal import SQLite
internal import ShopMarts
package import Workspace

/// Copies a workspace into a backup folder while capture and projecting go on, in the order that restores:
///
/// 1. marts, which may stand behind the log but not beyond it;
/// 2. under the log's lock, so that nothing is appended: both outboxes, and where the log ends. Both are then what a
///    crash at one moment leaves, and capture goes on from that by its own rules: what was numbered and is not in the
///    log waits in capture.sqlite and is sent again;
/// 3. the vault: a data key is durable before anything sealed with it is captured, so this copy has every key that
///    capture.sqlite and the log need; keys destroyed in between stay destroyed;
/// 4. the log, up to the ends of step 2; its batches never change. A broker's log cannot be held still: where it ended
///    is found by the numbers that the outboxes of step 2 know, and it is copied up to there when that is asked for;
/// 5. key files, after the vault that was sealed with them; configuration; ledger;
/// 6. the manifest, which replaces the one of the backup before.
///
/// Whatever ends it, the backup that the manifest names stays whole.
package struct Backup {
  let workspace: Workspace
  let configuration: Configuration
  let target: BackupFolder
  let holdsKeys: Bool
  let holdsMarts: Bool
  /// Also a log that its broker keeps.
  let holdsLog: Bool
  let progress: (_ label: String, _ done: Int64, _ total: Int64) -> Void

  /// What came of it.
  package struct Result {
    package var manifest: BackupManifest
    /// Records that the log's copy lacked.
    package var newRecords: Int64 = 0
    package var marts: [String] = []
  }

  /// Backs up as a job of the ledger. Blocks.
  package func runAsJob() throws -> Result {
    let job = try JobRun(workspace.ledger(), .backup)
    return try job.track {
      let result = try run()
      job.count("records", result.newRecords)
      for end in result.manifest.ends { job.count("to.\(end.partition)", end.nextOffset.rawValue) }
      return result
    }
  }

  package init(
    workspace: Workspace, configuration: Configuration, target: BackupFolder, holdsKeys: Bool, holdsMarts: Bool,
    holdsLog: Bool, progress: @escaping (_ label: String, _ done: Int64, _ total: Int64) -> Void = { _, _, _ in }
  ) {
    self.workspace = workspace
    self.configuration = configuration
    self.target = target
    self.holdsKeys = holdsKeys
    self.holdsMarts = holdsMarts
    self.holdsLog = holdsLog
    self.progress = progress
  }

  /// Makes the backup, and with it replaces the one before in the same folder. Blocks for as long as it takes to copy;
  /// capture waits for an instant.
  package func run() throws -> Result {
    try refuseInside()
    guard let lineage = try CaptureStatus.logID(workspace: workspace.folder) else {
      throw Failure(
        .workspace,
        "nothing was captured in \(workspace.folder) yet; what is worth keeping are millrace.yaml and keys/ (copy them by hand)"
      )
    }
    // A backup that nobody could open would be found out at the worst moment.
    if holdsKeys { _ = try Vault(path: workspace.vaultFile, keyring: workspace.keyring(), mode: .reader) }
    let lock = try target.claim(for: lineage)
    defer { withExtendedLifetime(lock) {} }
    CrashPoint.reach("backup.claimed")
    let state = try target.makeState()
    let kind: BackupManifest.Log = configuration.log.isEmbedded ? .embedded : holdsLog ? .archived : .kafka
    var result = Result(
      manifest: BackupManifest(
        lineage: lineage, madeAt: Workspace.clock().millis, state: state, log: kind, holdsKeys: holdsKeys))
    let folder = "\(target.folder)/\(state)"

    result.marts = try copyMarts(to: folder)
    CrashPoint.reach("backup.marts")
    let outboxes = try copyOutboxes(to: folder)
    CrashPoint.reach("backup.outbox")
    var files = result.marts.map(Self.path(ofMart:)) + outboxes.names
    files += try copyDatabase(workspace.vaultFile, "vault.sqlite", to: folder)
    CrashPoint.reach("backup.vault")
    (result.manifest.ends, result.newRecords) = try copyLog(lineage, outboxes, in: folder)
    CrashPoint.reach("backup.log")
    let discards = Files.exists("\(workspace.folder)/\(Workspace.discardsFile)") ? [Workspace.discardsFile] : []
    for path in try (holdsKeys ? keyFiles() : []) + ["millrace.yaml"] + discards {
      try copyFile(path, to: folder)
      files.append(path)
    }
    files += try copyDatabase(workspace.runsFile, "runs.sqlite", to: folder)
    CrashPoint.reach("backup.files")
    result.manifest.files = try sync(files, in: folder)
    CrashPoint.reach("backup.synced")
    try Files.replace(target.manifestFile, with: Array(result.manifest.text.utf8))
    CrashPoint.reach("backup.manifest")
    try target.removeStates(but: state)
    return result
  }

  private static func path(ofMart name: String) -> String { "marts/\(name).sqlite" }

  /// Names of those that there were.
  private func copyMarts(to folder: String) throws -> [String] {
    guard holdsMarts else { return [] }
    var names: [String] = []
    for definition in Shop.marts {
      guard try workspace.mart(definition.name).currentGeneration() != nil else { continue }
      progress("marts", Int64(names.count), Int64(Shop.marts.count))
      try Files.makeFolder("\(folder)/marts")
      let path = "\(folder)/\(Self.path(ofMart: definition.name))"
      try MartReader(workspace.mart(definition.name)).copy(to: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      names.append(definition.name)
    }
    return names
  }

  /// Where the log ended, and how many records its copy lacked.
  private func copyLog(
    _ lineage: String, _ outboxes: (names: [String], ends: [LogEnd]), in folder: String
  ) throws -> (ends: [LogEnd], newRecords: Int64) {
    func tell(_ done: Int64, _ total: Int64) {
      CrashPoint.reach("backup.logging")
      progress("log", done, total)
    }
    switch configuration.log {
    case .embedded(let place):
      let log = try EmbeddedLog(folder: workspace.resolve(place), readOnly: true)
      let copy = try EmbeddedLog(
        folder: target.logFolder, lineage: lineage, copiedFrom: "embedded", logger: workspace.logger,
        metrics: workspace.metrics)
      return (outboxes.ends, try log.backUp(to: copy, upTo: outboxes.ends, progress: tell))
    case .kafka:
      let broker = try BrokerLog(workspace.openLog(configuration), lineage: lineage)
      let ends = try broker.ends(knownTo: outboxes.names.map { "\(folder)/\($0)" })
      guard holdsLog else { return (ends, 0) }
      let archived = try broker.archive(to: target.logFolder, ends, progress: tell)
      return (archived.ends, archived.records)
    }
  }

  /// Makes everything durable; answers what the manifest says of each file.
  private func sync(_ files: [String], in folder: String) throws -> [BackupManifest.File] {
    let described = try files.map { path in
      try Files.syncFile("\(folder)/\(path)")
      let found = try BackupFolder.describe("\(folder)/\(path)")
      return BackupManifest.File(path: path, bytes: found.bytes, digest: found.digest)
    }
    for part in Set(files.map { Files.folder(of: "\(folder)/\($0)") }).union([folder, target.folder]) {
      try Files.syncFolder(part)
    }
    return described
  }

  /// A backup inside the workspace goes with it.
  private func refuseInside() throws {
    func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path + "/" }
    guard !resolved(target.folder).hasPrefix(resolved(workspace.folder)) else {
      throw Failure(.usage, "\(target.folder) lies inside the workspace and would be lost with it; name another folder")
    }
  }

  /// Capture's outbox and the operator's, which append to the same log.
  private func copyOutboxes(to folder: String) throws -> (names: [String], ends: [LogEnd]) {
    func copy() throws -> [String] {
      try copyDatabase(workspace.captureFile, "capture.sqlite", to: folder)
        + copyDatabase(workspace.operatorFile, "operator.sqlite", to: folder)
    }
    guard case .embedded(let place) = configuration.log else { return (try copy(), []) }
    let log = try EmbeddedLog(folder: workspace.resolve(place), readOnly: true)
    return try EmbeddedLog.withoutAppends(folder: workspace.resolve(place)) { (try copy(), try log.ends()) }
  }

  /// As one state, through SQLite: a live file's bytes are never read otherwise. Answers the name; none where there is
  /// no such file.
  private func copyDatabase(_ path: String, _ name: String, to folder: String) throws -> [String] {
    guard Files.exists(path) else { return [] }
    // SQLite takes an empty file for a new one, and would make one that others may read.
    try Files.create("\(folder)/\(name)", with: [], mode: 0o600)
    try Database(path, .readOnly).copy(to: "\(folder)/\(name)")
    return [name]
  }

  /// Everything in keys/, and secrets of the broker elsewhere in the workspace.
  private func keyFiles() throws -> [String] {
    var files = try Files.names(in: workspace.keyFolder).map { "keys/\($0)" }
    if case .kafka(let settings) = configuration.log {
      files += settings.secretFiles.values.filter { BackupManifest.isInside($0) && !files.contains($0) }.sorted()
    }
    return try files.filter { path in
      guard !path.contains("\n") else { throw Failure(.keys, "a file in keys/ has a line end in its name; rename it") }
      return try Files.status("\(workspace.folder)/\(path)").isRegular
    }
  }

  private func copyFile(_ path: String, to folder: String) throws {
    try Files.makeFolder(Files.folder(of: "\(folder)/\(path)"))
    let bytes = try Files.read("\(workspace.folder)/\(path)", limit: 16 << 20).bytes
    try Files.create("\(folder)/\(path)", with: bytes, mode: 0o600)
  }
}

extension LogPlace {
  var isEmbedded: Bool { if case .embedded = self { true } else { false } }
}
