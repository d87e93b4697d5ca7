internal import Files
internal import Glibc
package import SQLite

/// A read-only look at one generation: never writes, never checkpoints. Calls block; one thread at a time.
///
/// A reader stays with the generation that it was opened on; open another one per report to see a newer `CURRENT`.
package final class MartReader {
  package let name: String
  package let generation: Int
  package let path: String
  /// For the queries of reports. Statements may only read.
  package let database: Database

  /// Opens the current generation (or the one given). `attaching`: other marts, whose current generations can be joined
  /// under their names: `SELECT … FROM sales.orders JOIN …`; this mart's own tables need no prefix.
  package init(
    _ directory: MartDirectory, generation: Int? = nil, attaching others: [MartDirectory] = []
  ) throws(MartError) {
    (self.generation, path, database) = try MartReader.connect(directory, generation)
    name = directory.name
    for other in others { try attach(other) }
  }

  /// Opens a copy that `copy(to:)` made: a file that belongs to no mart's folder. Its `generation` is 0.
  ///
  /// Throws `.missing`, `.damaged` (no mart; a second name; a write-ahead log beside it, so that somebody uses it) and
  /// `.newerSchema`.
  package init(snapshot path: String, name: String) throws(MartError) {
    guard let facts = FileFacts(path), facts.isRegular, facts.links == 1 else {
      throw MartError(
        .missing, mart: name, operation: "open the snapshot",
        cause: FileFacts(path) == nil ? "\(path) does not exist" : "\(path) is a link or no regular file",
        hint: "name a file that `millrace snapshot \(name) FILE` made")
    }
    for side in ["-wal", "-journal"] where (FileFacts(path + side)?.size ?? 0) > 0 {
      throw MartError(
        .damaged, mart: name, operation: "open the snapshot",
        cause: "\(path)\(side) lies beside it: somebody uses or has changed the file",
        hint: "make a new one: `millrace snapshot \(name) FILE`")
    }
    database = try MartError.wrapping(name, "open the snapshot \(path)") {
      let database = try Database(path, .readOnly)
      try MartWriter.refuseForeign(
        application: database.applicationID, version: database.userVersion, name: name)
      return database
    }
    self.name = name
    self.path = path
    generation = 0
  }

  private static func connect(
    _ directory: MartDirectory, _ generation: Int?
  ) throws(MartError) -> (generation: Int, path: String, database: Database) {
    while true {
      let (chosen, path) = try MartReader.find(directory, generation)
      do throws(MartError) {
        let database = try MartError.wrapping(directory.name, "open generation \(chosen)") {
          let database = try Database(path, .readOnly)
          try MartWriter.refuseForeign(
            application: database.applicationID, version: database.userVersion, name: directory.name)
          return database
        }
        return (chosen, path, database)
      } catch {
        // Swapped several times between the look at CURRENT and the opening, and deleted by now: look again.
        guard generation == nil, try directory.currentGeneration() != chosen else { throw error }
      }
    }
  }

  private static func find(_ directory: MartDirectory, _ generation: Int?) throws(MartError) -> (Int, String) {
    var chosen = generation
    if chosen == nil { chosen = try directory.currentGeneration() }
    guard let chosen else {
      throw MartError(
        .missing, mart: directory.name, operation: "read", cause: "it has not been built yet",
        hint: "run `millrace project` first")
    }
    let path = directory.path(of: chosen)
    try directory.refuseLinks(chosen)
    guard FileFacts(path) != nil else {
      if generation == nil, try directory.currentGeneration() != chosen { return try find(directory, nil) }
      throw MartError(
        .missing, mart: directory.name, operation: "read", cause: "the file of generation \(chosen) is missing",
        hint: generation == nil
          ? "rebuild it from the log: `millrace replay \(directory.name)`"
          : "`millrace generations \(directory.name)` lists what is there")
    }
    return (chosen, path)
  }

  private func attach(_ other: MartDirectory) throws(MartError) {
    // The name becomes part of a statement's text, so only plain names pass.
    guard !other.name.isEmpty, other.name.utf8.allSatisfy({ ($0 >= 97 && $0 <= 122) || $0 == 95 }) else {
      throw MartError(
        .missing, mart: other.name, operation: "attach", cause: "the name is not made of a-z and _",
        hint: "name marts in lower-case letters")
    }
    let (chosen, path) = try MartReader.find(other, nil)
    try MartError.wrapping(other.name, "attach generation \(chosen)") {
      // Flags of the connection hold for attached files too: read-only, no checkpoint, nothing from the schema trusted.
      try database.run("ATTACH DATABASE ?1 AS \(other.name)", [.text(path)])
      try MartWriter.refuseForeign(
        application: database.integer("PRAGMA \(other.name).application_id") ?? 0,
        version: database.integer("PRAGMA \(other.name).user_version") ?? 0, name: other.name)
    }
  }

  /// Lends a read transaction: everything read inside belongs to one state of the mart (of each attached one, too).
  package func snapshot<R>(_ body: (Database) throws -> R) throws -> R {
    try database.read { try body(database) }
  }

  /// Like `snapshot`, for those who know no SQL: what SQLite refuses becomes a `MartError`, what `body` throws passes.
  package func holdingSnapshot<R>(_ body: () throws -> R) throws -> R {
    do {
      return try snapshot { _ in try body() }
    } catch let error as SQLiteError {
      return try MartError.wrapping(name, "read generation \(generation)") { throw error }
    }
  }

  /// Copies the generation, as one state, into a new file that belongs to nobody: no `-wal`, free to be queried by any
  /// tool. Refuses an existing file.
  package func copy(to target: String) throws(MartError) {
    try refuseExisting(target)
    let partial = target + ".partial"
    let lock = try claim(partial, of: target)
    defer { withExtendedLifetime(lock) {} }
    do {
      try MartError.wrapping(name, "copy to \(target)") {
        let source = try Database(path, .readOnly)
        // VACUUM INTO writes to the new file only, yet SQLite refuses it under query_only; the file itself is open
        // read-only.
        try source.execute("PRAGMA query_only=0")
        try source.copy(to: partial)
      }
      try sync(partial)
      try refuseExisting(target)
    } catch {
      unlink(partial)
      throw error
    }
    guard rename(partial, target) == 0 else {
      let reason = String(cString: strerror(errno))
      unlink(partial)
      throw MartError(
        .storage, mart: name, operation: "copy to \(target)", cause: reason, hint: "check the target's folder")
    }
    try MartError.wrapping(name, "copy to \(target)") { try Files.syncFolder(Files.folder(of: target)) }
  }

  private func refuseExisting(_ target: String) throws(MartError) {
    guard FileFacts(target) != nil else { return }
    throw MartError(
      .exists, mart: name, operation: "copy to \(target)", cause: "\(target) exists already",
      hint: "give another name, or delete that file first")
  }

  /// The file that a copy is written into, empty, for its owner alone, and locked: what a killed copy left is written
  /// over. Refuses a copy under way, and a file that is none of ours.
  private func claim(_ partial: String, of target: String) throws(MartError) -> LockFile {
    let isThere = FileFacts(partial) != nil
    let lock = try MartError.wrapping(name, "copy to \(target)") { try LockFile.tryLock(partial) }
    guard let lock else {
      throw MartError(
        .exists, mart: name, operation: "copy to \(target)", cause: "another copy into it is under way",
        hint: "wait for it, or give another name")
    }
    if isThere, !Self.isDatabase(partial) { try refuseExisting(partial) }
    guard truncate(partial, 0) == 0, chmod(partial, 0o600) == 0 else {
      throw MartError(
        .storage, mart: name, operation: "copy to \(target)", cause: String(cString: strerror(errno)),
        hint: "check the target's folder")
    }
    unlink(partial + "-journal")
    return lock
  }

  /// Also one that was killed before its first page was written: pages reach a file in any order.
  private static func isDatabase(_ file: String) -> Bool {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let magic = Array("SQLite format 3\0".utf8)
    var bytes = [UInt8](repeating: 0, count: magic.count)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    return count == 0 || count == magic.count && (bytes == magic || bytes.allSatisfy { $0 == 0 })
  }

  /// The copy is nobody's database yet, so a descriptor of our own takes no lock away.
  private func sync(_ file: String) throws(MartError) {
    let descriptor = open(file, O_RDONLY | O_CLOEXEC)
    defer { if descriptor >= 0 { close(descriptor) } }
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      throw MartError(
        .storage, mart: name, operation: "sync \(file)", cause: String(cString: strerror(errno)),
        hint: "the copy was not kept; check the disk")
    }
  }
}
