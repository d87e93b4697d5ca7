internal import EventLog
internal import Files
internal import SQLite

/// The one connection that writes a generation, and the only one that ever checkpoints it.
///
/// Calls block; use it from one thread at a time. Two things keep a second writer out: a lock file per generation, and an
/// owner epoch in the file itself that every opening raises and every commit compares, so that a writer that was paused or
/// lost its lock cannot commit.
package final class MartWriter {
  /// How much a commit waits for the disk.
  package enum Durability: Sendable {
    /// A power cut may take back the last commits, rows and positions together; the log brings them again.
    case live
    /// For a generation nobody reads yet: a power cut may damage the file, which is then deleted.
    case building
  }

  package let directory: MartDirectory
  package let generation: Int
  package let schema: MartSchema
  /// True when this opening made the file.
  package let isNew: Bool
  private let lock: LockFile
  let database: Database
  let ownerEpoch: Int64
  var isFenced = false
  private var checkpointAt = MartLimits.checkpointBytes

  var name: String { directory.name }

  /// Opens the generation, or makes it where its file is missing. `generation` nil: the current one, or the first, which
  /// then becomes current.
  ///
  /// Throws `.locked` (another writer), `.newerSchema`, `.identityDiffers` (names the parts), `.damaged` (not a mart, links,
  /// a `-wal` without its database), `.missing`.
  package init(
    _ directory: MartDirectory, generation: Int? = nil, schema: MartSchema, identity: GenerationIdentity,
    durability: Durability = .live
  ) throws(MartError) {
    try directory.create()
    let name = directory.name
    let (current, chosen, taken) = try MartWriter.choose(directory, generation)
    guard let lock = taken else {
      throw MartError(
        .locked, mart: name, operation: "write generation \(chosen)", cause: "another process writes it",
        hint: "stop the other `millrace project` or `millrace run`, then try again")
    }
    self.lock = lock
    try directory.refuseLinks(chosen)
    let path = directory.path(of: chosen)
    let isNew = FileFacts(path) == nil
    if isNew { try MartWriter.refuseLeftovers(directory, chosen, mustExist: chosen == current) }
    self.directory = directory
    self.generation = chosen
    self.schema = schema
    self.isNew = isNew
    let opened = try MartError.wrapping(name, "open generation \(chosen)") {
      let database = try Database(path, isNew ? .readWriteCreate : .readWrite, sharing: .oneThreadAtATime)
      let isEmpty = try MartWriter.examine(database, name: name)
      try database.execute("PRAGMA cache_size=-\(MartLimits.writerCacheKibibytes)")
      try database.useWriteAheadLog(durability == .building ? .off : .normal)
      let epoch = try database.write {
        if isEmpty { try MartWriter.fill(database, schema: schema, identity: identity) }
        try MartWriter.compare(identity, in: database, name: name)
        try database.execute("UPDATE millrace_owner SET owner_epoch = owner_epoch + 1")
        return try database.integer("SELECT owner_epoch FROM millrace_owner") ?? 0
      }
      return (database, epoch)
    }
    database = opened.0
    ownerEpoch = opened.1
    directory.telemetry.opened(chosen, isNew: isNew, ownerEpoch: opened.1)
    if generation == nil, current == nil {
      try checkpoint()
      try MartError.wrapping(name, "create generation \(chosen)") { try Files.syncFolder(directory.folder) }
      try directory.makeCurrent(chosen)
    }
  }

  /// Moves the write-ahead log into the database file. Called at the end of every run, so that the file is whole by itself.
  /// False: readers kept it from finishing; the file is complete together with its write-ahead log only.
  @discardableResult
  package func close() throws(MartError) -> Bool {
    try checkpoint()
  }

  /// Checkpoints when the write-ahead log has grown past its limit. Waits for readers for a moment only.
  func checkpointWhenDue() throws(MartError) {
    guard let log = FileFacts(database.path + "-wal"), log.size >= checkpointAt else { return }
    let isDone = try checkpoint()
    checkpointAt = isDone ? MartLimits.checkpointBytes : log.size + MartLimits.checkpointRetryBytes
  }

  @discardableResult
  private func checkpoint() throws(MartError) -> Bool {
    // A writer that was replaced must leave checkpoints to its successor: two that checkpoint can lose commits.
    guard try ownsGeneration() else { return false }
    return try MartError.wrapping(name, "checkpoint") {
      try database.execute("PRAGMA busy_timeout=\(MartLimits.checkpointWaitMilliseconds)")
      defer { try? database.execute("PRAGMA busy_timeout=\(SQLiteLimits.busyTimeoutMilliseconds)") }
      let isDone = try database.checkpoint()
      directory.telemetry.checkpointed(generation, isDone: isDone)
      return isDone
    }
  }

  private func ownsGeneration() throws(MartError) -> Bool {
    if isFenced { return false }
    return try MartError.wrapping(name, "read the owner") {
      try database.integer("SELECT owner_epoch FROM millrace_owner") == ownerEpoch
    }
  }
}

// MARK: Opening

extension MartWriter {
  /// The generation to write, locked. No lock: somebody else holds it.
  private static func choose(
    _ directory: MartDirectory, _ generation: Int?
  ) throws(MartError) -> (current: Int?, chosen: Int, LockFile?) {
    while true {
      let current = try directory.currentGeneration()
      let chosen = generation ?? current ?? 1
      guard chosen >= 1, chosen <= MartLimits.generations else {
        throw MartError(
          .missing, mart: directory.name, operation: "open generation \(chosen)", cause: "there is no such number",
          hint: "generations run from 1 to \(MartLimits.generations)")
      }
      let taken = try MartError.wrapping(directory.name, "lock generation \(chosen)") {
        try LockFile.tryLock(directory.lockPath(of: chosen))
      }
      // A swap between the look at CURRENT and the lock; from here on there can be none.
      if generation == nil, taken != nil, try directory.currentGeneration() != current { continue }
      return (current, chosen, taken)
    }
  }

  private static func refuseLeftovers(_ directory: MartDirectory, _ generation: Int, mustExist: Bool) throws(MartError)
  {
    let path = directory.path(of: generation)
    if mustExist {
      throw MartError(
        .missing, mart: directory.name, operation: "open generation \(generation)",
        cause: "CURRENT names it, but its file is missing", hint: "build it anew: `millrace replay \(directory.name)`"
      )
    }
    // SQLite would replay the old file's log into the new database.
    guard FileFacts(path + "-wal") == nil, FileFacts(path + "-journal") == nil else {
      throw MartError(
        .damaged, mart: directory.name, operation: "create generation \(generation)",
        cause: "a write-ahead log of another file lies beside it", hint: "move \(path)-wal (and -journal) away")
    }
  }

  /// True when the file is empty. Refuses what is no mart or too new; changes nothing.
  private static func examine(_ database: Database, name: String) throws -> Bool {
    let isEmpty = try database.integer("SELECT count(*) FROM sqlite_schema") == 0
    let application = try database.applicationID
    if isEmpty, application == 0 { return true }
    try refuseForeign(application: application, version: try database.userVersion, name: name)
    return false
  }

  static func refuseForeign(application: Int64, version: Int64, name: String) throws(MartError) {
    guard application == Int64(MartSchema.applicationID) else {
      throw MartError(
        .damaged, mart: name, operation: "open",
        cause: "the file is no mart of Millrace (application id \(application))",
        hint: "move the file away; marts are rebuilt from the log")
    }
    guard version <= Int64(MartSchema.version) else {
      throw MartError(
        .newerSchema, mart: name, operation: "open",
        cause: "it has schema version \(version), this program knows up to \(MartSchema.version)",
        hint: "use the newer Millrace that made it, or rebuild the mart with this one")
    }
    guard version == Int64(MartSchema.version) else {
      throw MartError(
        .damaged, mart: name, operation: "open", cause: "it has the unknown schema version \(version)",
        hint: "rebuild the mart from the log")
    }
  }

  /// What to do when parts of the identity have changed: a generation is never continued under another one.
  private static func hint(for differences: [String], _ identity: GenerationIdentity, _ name: String) -> String {
    let accepted = differences.compactMap { part in
      identity.parts[part].map { "\(GenerationIdentity.shortName(of: part))@\($0)" }
    }
    let isVersion = differences.allSatisfy { $0.hasPrefix("projection.") }
    return
      "reports go on with what is there; rebuild the mart beside it with `millrace replay \(name)`, look at "
      + "the differences, and put it to use with `millrace replay \(name)"
      + (isVersion ? " --accept \(accepted.joined(separator: ","))" : "") + "`"
  }

  private static func fill(_ database: Database, schema: MartSchema, identity: GenerationIdentity) throws {
    for statement in schema.statements { try database.execute(statement) }
    try database.setApplicationID(MartSchema.applicationID)
    try database.setUserVersion(MartSchema.version)
    try database.run("INSERT INTO millrace_owner (id, owner_epoch) VALUES (1, 0)")
    for (part, value) in identity.parts {
      try database.run("INSERT INTO millrace_identity (part, value) VALUES (?1, ?2)", [.text(part), .text(value)])
    }
    // SQLite looks at a view's columns at its first use only; a wrong one should never be published.
    for view in schema.views { _ = try database.prepare("SELECT * FROM \(view.name)") }
  }

  private static func compare(_ identity: GenerationIdentity, in database: Database, name: String) throws {
    var parts: [String: String] = [:]
    try database.query("SELECT part, value FROM millrace_identity") { parts[$0.text(0)] = $0.text(1) }
    let differences = identity.differences(from: GenerationIdentity(parts: parts))
    if differences.isEmpty { return }
    let list = differences.map { "\($0) was \(parts[$0] ?? "absent"), is \(identity.parts[$0] ?? "absent")" }
    let isOtherLog = differences == ["log"]
    throw MartError(
      isOtherLog ? .notThisLog : .identityDiffers, mart: name, operation: "write on in this generation",
      cause: list.joined(separator: "; "),
      hint: isOtherLog
        ? "point the workspace at the log that fed this mart, or rebuild the mart into a new generation"
        : hint(for: differences, identity, name)
    )
  }
}
