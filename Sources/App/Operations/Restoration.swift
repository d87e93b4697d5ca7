internal import EmbeddedLog
internal import Failures
internal import Files
internal import Foundation
internal import Glibc
internal import Marts
internal import Privacy
internal import Projections
internal import ShopMarts
package import Workspace

/// Makes a workspace from a backup, in a folder that holds nothing of one yet. millrace.yaml, which makes a folder a
/// workspace, comes last; until then the same command begins anew.
package struct Restoration {
  let source: BackupFolder
  let workspace: Workspace
  /// Folder with the key files, for a backup that has none.
  let keyFolder: String?
  /// Go on with the backup's own copy of a log that a broker kept.
  let takesLog: Bool
  let progress: (_ label: String, _ done: Int64, _ total: Int64) -> Void

  /// What came of it.
  package struct Result {
    package var manifest: BackupManifest
    package var records: Int64 = 0
    package var marts: [String] = []
    /// The log is in the workspace.
    package var ownsLog = false
    package var movedLog = false
  }

  package init(
    source: BackupFolder, workspace: Workspace, keyFolder: String? = nil, takesLog: Bool = false,
    progress: @escaping (_ label: String, _ done: Int64, _ total: Int64) -> Void = { _, _, _ in }
  ) {
    self.source = source
    self.workspace = workspace
    self.keyFolder = keyFolder
    self.takesLog = takesLog
    self.progress = progress
  }

  private var unfinished: String { "\(workspace.folder)/millrace.yaml.restoring" }
  private static let own = [
    "keys", "log", "marts", "vault.sqlite", "capture.sqlite", "operator.sqlite", "runs.sqlite", Workspace.discardsFile,
  ]

  /// Makes the workspace; throws, and leaves nothing behind, where it could not go on. Blocks.
  package func run() throws -> Result {
    // Before the lock, which would leave its file in a folder that is no backup.
    _ = try source.manifest()
    let lock = try source.lock()
    defer { withExtendedLifetime(lock) {} }
    let manifest = try source.manifest()
    guard !takesLog || manifest.log != .kafka else {
      throw Failure(
        .usage, "the backup holds no log: it was made without --with-log. Leave --log-from-backup out")
    }
    try source.check(manifest)
    let keys = try keyFiles(manifest)
    let keyring = try Keyring(masterKeyFile: keys.master)
    try claim()
    do {
      return try restore(manifest, keys.files, keyring)
    } catch {
      // So that the next attempt, also one with another backup, finds what this one found.
      try? clear()
      try? Files.remove(unfinished)
      throw error
    }
  }

  /// Where the key files are, by their paths in the workspace.
  private func keyFiles(_ manifest: BackupManifest) throws -> (master: String, files: [(path: String, from: String)]) {
    let wanted = "keys/master.key"
    if let keyFolder {
      guard !manifest.holdsKeys else {
        throw Failure(.usage, "the backup holds the keys; leave --keys out")
      }
      let files = try Files.names(in: keyFolder).filter { try Files.status("\(keyFolder)/\($0)").isRegular }
        .map { (path: "keys/\($0)", from: "\(keyFolder)/\($0)") }
      guard files.contains(where: { $0.path == wanted }) else {
        throw Failure(.keys, "\(keyFolder) has no master.key; name the folder that held the workspace's keys")
      }
      return ("\(keyFolder)/master.key", files)
    }
    guard manifest.holdsKeys else {
      throw Failure(
        .keys, "the backup was made without keys; name the folder with the workspace's key files: --keys DIR")
    }
    let inside = manifest.files.map(\.path).filter { !Self.isPlain($0) }
    guard inside.contains(wanted) else {
      throw Failure(.keys, "the backup names no \(wanted); use another one")
    }
    return (path(wanted, manifest), inside.map { ($0, path($0, manifest)) })
  }

  /// Not a key.
  private static func isPlain(_ path: String) -> Bool {
    path.hasPrefix("marts/") || path == "millrace.yaml" || path == Workspace.discardsFile
      || (own.contains(path) && path.hasSuffix(".sqlite"))
  }

  private func path(_ path: String, _ manifest: BackupManifest) -> String {
    "\(source.folder)/\(manifest.state)/\(path)"
  }

  /// Refuses a folder with anything in it but sources, which no backup holds.
  private func claim() throws {
    try Files.makeFolder(workspace.folder)
    let names = try Files.names(in: workspace.folder)
    if names.contains("millrace.yaml") {
      throw Failure(.usage, "\(workspace.folder) is a workspace already; name another folder, or move it away")
    }
    if names.contains("millrace.yaml.restoring") { try clear() }
    let odd = try Files.names(in: workspace.folder).first { !["sources", "millrace.yaml.restoring"].contains($0) }
    if let odd {
      throw Failure(
        .usage, "\(workspace.folder) is not empty (\(printable(odd))); only sources/ may be there. Name another folder")
    }
  }

  /// Deletes what an attempt has made.
  private func clear() throws {
    let made = Self.own + ["vault.sqlite-wal", "vault.sqlite-shm"]
    for name in made where Files.exists("\(workspace.folder)/\(name)") {
      try FileManager.default.removeItem(atPath: "\(workspace.folder)/\(name)")
    }
  }

  private func restore(
    _ manifest: BackupManifest, _ keys: [(path: String, from: String)], _ keyring: Keyring
  ) throws -> Result {
    var result = Result(manifest: manifest)
    result.ownsLog = takesLog || manifest.log == .embedded
    let configuration = try Configuration(file: path("millrace.yaml", manifest))
    result.movedLog = try restoreConfiguration(configuration, manifest, ownsLog: result.ownsLog)
    CrashPoint.reach("restore.claimed")
    try restoreFiles(manifest, keys, keyring)
    CrashPoint.reach("restore.files")
    if result.ownsLog {
      result.records = try restoreLog(manifest)
    } else {
      // Before anything of a mart: a workspace that could not go on is not made.
      let archive =
        manifest.log == .archived ? try EmbeddedLog(folder: source.logFolder, readOnly: true) : nil
      try BrokerLog(workspace.openLog(configuration), lineage: manifest.lineage).refuseOther(than: manifest, archive)
    }
    CrashPoint.reach("restore.log")
    result.marts = try restoreMarts(manifest)
    try Files.makeFolder(workspace.sourcesFolder)
    try Files.makeFolder(workspace.martsFolder)
    CrashPoint.reach("restore.marts")
    try Files.syncFolder(workspace.folder)
    guard rename(unfinished, workspace.configurationFile) == 0 else {
      throw FileError(path: unfinished, operation: "rename", reason: String(cString: strerror(errno)))
    }
    try Files.syncFolder(workspace.folder)
    return result
  }

  /// Under its unfinished name. Answers whether the log got another place.
  private func restoreConfiguration(
    _ configuration: Configuration, _ manifest: BackupManifest, ownsLog: Bool
  ) throws -> Bool {
    var text = String(
      decoding: try Files.read(path("millrace.yaml", manifest), limit: 1 << 20).bytes, as: UTF8.self)
    let place = LogPlace.embedded(folder: LogPlace.ownFolder)
    let isMoved = ownsLog && configuration.log != place
    // Where the lost workspace had it, another log may stand; this one belongs to the new workspace.
    if isMoved { text = LogBlock.replacing(in: text, with: place.block) }
    try Files.replace(unfinished, with: Array(text.utf8))
    guard try !ownsLog || Configuration(file: unfinished).log == place else {
      throw Failure(
        .configuration,
        "millrace.yaml in the backup has a log: block that is written in an unusual way, so it cannot be replaced")
    }
    return isMoved
  }

  /// Keys, and databases that are neither log nor mart.
  private func restoreFiles(
    _ manifest: BackupManifest, _ keys: [(path: String, from: String)], _ keyring: Keyring
  ) throws {
    for file in keys {
      let bytes = try Files.read(file.from, limit: 16 << 20).bytes
      try Files.makeFolder(Files.folder(of: "\(workspace.folder)/\(file.path)"))
      try Files.create("\(workspace.folder)/\(file.path)", with: bytes, mode: 0o600)
    }
    for file in manifest.files where Self.isPlain(file.path) && !file.path.hasPrefix("marts/") {
      if file.path != "millrace.yaml" { try copy(file.path, manifest, to: "\(workspace.folder)/\(file.path)") }
    }
    if manifest.files.contains(where: { $0.path == "vault.sqlite" }) {
      _ = try Vault(path: workspace.vaultFile, keyring: keyring, mode: .reader)
    }
  }

  /// Those that the backup holds; answers their names.
  private func restoreMarts(_ manifest: BackupManifest) throws -> [String] {
    var names: [String] = []
    for definition in Shop.marts {
      guard manifest.files.contains(where: { $0.path == "marts/\(definition.name).sqlite" }) else { continue }
      let mart = workspace.mart(definition.name)
      try mart.create()
      try copy("marts/\(definition.name).sqlite", manifest, to: mart.path(of: 1))
      try mart.makeCurrent(1)
      names.append(definition.name)
    }
    return names
  }

  /// Every batch is hashed anew on its way, up to the ends that the manifest names.
  private func restoreLog(_ manifest: BackupManifest) throws -> Int64 {
    let copy = try EmbeddedLog(folder: source.logFolder, readOnly: true)
    guard copy.logID == manifest.lineage else {
      throw Failure(
        .workspace, "\(source.logFolder) is another log (\(copy.logID)) than the manifest names (\(manifest.lineage))")
    }
    let log = try EmbeddedLog(
      folder: workspace.logFolder, lineage: manifest.lineage, copiedFrom: "backup", logger: workspace.logger,
      metrics: workspace.metrics)
    let records = try copy.backUp(to: log, upTo: manifest.ends) { progress("log", $0, $1) }
    try log.adopt()
    return records
  }

  /// A file that nobody has open.
  private func copy(_ name: String, _ manifest: BackupManifest, to target: String) throws {
    try FileManager.default.copyItem(atPath: path(name, manifest), toPath: target)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: target)
    try Files.syncFile(target)
    try Files.syncFolder(Files.folder(of: target))
  }
}
