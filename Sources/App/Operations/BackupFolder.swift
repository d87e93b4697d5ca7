internal import Crypto
internal import Failures
internal import Files
internal import Foundation
internal import Glibc
internal import Text
internal import Workspace

/// A folder with a backup of one workspace.
///
///     millrace-backup        says whose backup this is; made first
///     backup.lock            held by who writes here
///     log/                   copy of the embedded log; it grows with every backup
///     state-000007/          configuration, keys, vault, capture.sqlite, ledger, marts of the newest backup
///     manifest               what belongs to the newest backup, up to where of the log; replaced last
package struct BackupFolder {
  /// Absolute.
  package let folder: String

  /// A path as it was typed: relative to the process's folder, or absolute.
  package init(_ word: String) {
    var path = word.hasPrefix("/") ? word : FileManager.default.currentDirectoryPath + "/" + word
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    folder = path
  }

  private static let markLine = "millrace backup of log "
  var markFile: String { "\(folder)/millrace-backup" }
  var manifestFile: String { "\(folder)/\(BackupManifest.name)" }
  var logFolder: String { "\(folder)/log" }

  // MARK: Writing

  /// Makes the folder one for backups of this log. Refuses a folder with anything else in it.
  func claim(for lineage: String) throws -> LockFile {
    try Files.makeFolder(folder)
    let names = try Files.names(in: folder)
    // What an attempt that was broken off in its first moment leaves is no other's.
    let own = ["millrace-backup", "millrace-backup.tmp", "backup.lock"]
    guard names.contains("millrace-backup") || names.allSatisfy(own.contains) else {
      throw Failure(
        .usage,
        "\(folder) holds other things (\(printable(names.first { !own.contains($0) } ?? ""))); name an empty or a new folder"
      )
    }
    let writer = try lock()
    if Files.exists(markFile) {
      let found = try self.lineage()
      guard found == lineage else {
        throw Failure(
          .workspace,
          "\(folder) holds the backup of another workspace (log \(found), here \(lineage)); name another folder")
      }
    } else {
      try Files.replace(markFile, with: Array("\(Self.markLine)\(lineage)\n".utf8))
    }
    return writer
  }

  /// Keeps others from writing here, and from deleting what is read.
  func lock() throws -> LockFile {
    guard let lock = try LockFile.tryLock("\(folder)/backup.lock") else {
      throw Failure(.locked, "another 'millrace backup' or 'restore' works on \(folder); let it finish, or stop it")
    }
    return lock
  }

  private func lineage() throws -> String {
    let text = String(decoding: try Files.read(markFile, limit: 4_096).bytes, as: UTF8.self)
    guard text.hasPrefix(Self.markLine), text.hasSuffix("\n") else {
      throw Failure(.workspace, "\(markFile) is not what Millrace wrote; name another folder")
    }
    return String(text.dropFirst(Self.markLine.count).dropLast())
  }

  /// A folder for the files of a new backup. Those of attempts that were broken off go.
  func makeState() throws -> String {
    let kept = Files.exists(manifestFile) ? try manifest().state : nil
    try removeStates(but: kept)
    let number = (kept.flatMap { Int($0.dropFirst("state-".count)) } ?? 0) + 1
    let digits = String(number)
    let name = "state-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    try Files.makeFolder("\(folder)/\(name)")
    return name
  }

  func removeStates(but kept: String?) throws {
    for name in try Files.names(in: folder) where name.hasPrefix("state-") && name != kept {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  // MARK: Reading

  /// Throws where the folder holds no whole backup.
  func manifest() throws -> BackupManifest {
    guard Files.exists(manifestFile) else {
      throw Failure(
        .workspace,
        Files.exists(markFile)
          ? "\(folder) holds no finished backup (it has no \(BackupManifest.name)); run 'millrace backup' on it again"
          : "\(folder) is no backup (it has no \(BackupManifest.name)); name the folder that 'millrace backup' made")
    }
    let bytes = try Files.read(manifestFile, limit: BackupManifest.limitBytes).bytes
    guard let manifest = BackupManifest(text: String(decoding: bytes, as: UTF8.self)) else {
      throw Failure(
        .workspace, "\(manifestFile) is not as it was written: it was cut or altered; use another copy of this backup")
    }
    return manifest
  }

  /// Every file must be there, as it was written. Reads all of them.
  func check(_ manifest: BackupManifest) throws {
    for file in manifest.files {
      let path = "\(folder)/\(manifest.state)/\(file.path)"
      guard Files.exists(path) else {
        throw Failure(.workspace, "\(path) is missing from the backup; use another copy of it. Nothing was changed")
      }
      let found = try BackupFolder.describe(path)
      guard found.bytes == file.bytes else {
        throw Failure(
          .workspace,
          "\(path) has \(found.bytes) bytes, not the \(file.bytes) that were written; use another copy of the backup. "
            + "Nothing was changed")
      }
      guard found.digest == file.digest else {
        throw Failure(
          .workspace, "\(path) was altered since it was written; use another copy of the backup. Nothing was changed")
      }
    }
  }

  /// Size and SHA-256 of a file that nobody has open.
  static func describe(_ path: String) throws -> (bytes: Int64, digest: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      throw FileError(path: path, operation: "read", reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var hasher = SHA256Hasher()
    var bytes: Int64 = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw FileError(path: path, operation: "read", reason: String(cString: strerror(errno)))
      }
      if count == 0 { break }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      bytes += Int64(count)
    }
    let digest = Hexadecimal.text(hasher.finish())
    return (bytes, digest)
  }
}
