package import Files
internal import SQLite

/// Deleting generations. Callers hold the mart's replay lock.
extension MartDirectory {
  /// Deletes all but the newest `keeping` of those that are, or were, served; the current one is never deleted. Returns
  /// what was deleted. One that somebody still reads or writes stays, and is deleted another time.
  package func retire(keeping: Int) throws(MartError) -> [Int] {
    let list = try GenerationList(self)
    // Without CURRENT nobody can say which one people should see.
    guard list.current != nil else { return [] }
    var deleted: [Int] = []
    for generation in list.kept.dropLast(max(keeping - 1, 0)) where try delete(generation) {
      deleted.append(generation)
    }
    return deleted
  }

  /// Deletes what crashes left behind and what is provably nobody's: building generations from before the machine's
  /// last start, side files without a generation, a half-written `CURRENT`, the state file of a generation that is
  /// current.
  package func cleanLeftovers(bootID: String) throws(MartError) {
    guard Files.exists(folder) else { return }
    let current = try currentGeneration()
    let files = try filesByGeneration()
    for generation in files.keys.sorted() {
      let state = try state(of: generation)
      if generation == current {
        if state != nil { try removeState(of: generation) }
      } else if FileFacts(path(of: generation)) == nil {
        // The first generation may be in the making by a projector, which needs no replay lock.
        if generation > 1 || current != nil { try delete(generation) }
      } else if let state, !state.isSound(bootID: bootID) {
        try delete(generation)
      }
    }
    if current != nil {
      try MartError.wrapping(name, "clean its folder") { try Files.remove("\(folder)/CURRENT.tmp") }
    }
  }

  /// Deletes a generation with everything beside it. False: somebody reads or writes it; nothing was deleted.
  ///
  /// A reader that has the file open must not lose the write-ahead log's part of it, so the log is first moved into the
  /// file and given up, which SQLite does only where no other connection is left. A reader that comes between that and
  /// the deletion has a file that is whole by itself.
  @discardableResult
  package func delete(_ generation: Int) throws(MartError) -> Bool {
    guard try currentGeneration() != generation else { return false }
    guard let lock = try tryLock(lockPath(of: generation)) else { return false }
    let path = path(of: generation)
    let isNewest = try filesByGeneration().keys.max() == generation
    try refuseLinks(generation)
    if FileFacts(path) != nil, try isInUse(path) {
      telemetry.stays(generation)
      return false
    }
    return try MartError.wrapping(name, "delete generation \(generation)") {
      for file in [
        path, path + "-wal", path + "-shm", path + "-journal", path + ".partial", trapPath(of: generation),
      ] {
        try Files.remove(file)
      }
      // Last but one, so that what a crash leaves behind is still known as no generation to serve.
      try Files.remove(statePath(of: generation))
      try Files.remove(statePath(of: generation) + ".tmp")
      // Numbers are not given twice: the newest one's lock file remembers how far they went. For the others the lock is
      // no longer of use, since nobody makes a generation under a number that was given.
      if !isNewest { try Files.remove(lockPath(of: generation)) }
      withExtendedLifetime(lock) {}
      telemetry.deleted(generation)
      return true
    }
  }

  private func isInUse(_ path: String) throws(MartError) -> Bool {
    do {
      let database = try Database(path, .readWrite)
      try database.execute("PRAGMA busy_timeout=0")
      return try database.string("PRAGMA journal_mode=DELETE") != "delete"
    } catch let error as SQLiteError where error.isBusy {
      return true
    } catch {
      // Damaged, or no database: nothing to be lost for anybody.
      return false
    }
  }
}

extension MartDirectory {
  /// Makes a generation's file survive power loss. No connection of this process may be open on it.
  package func sync(_ generation: Int) throws(MartError) {
    try MartError.wrapping(name, "sync generation \(generation)") {
      try Files.syncFile(path(of: generation))
      try Files.syncFolder(folder)
    }
  }

  /// Bytes of a generation, its write-ahead log included; 0: there is none.
  package func size(of generation: Int) -> Int64 {
    (FileFacts(path(of: generation))?.size ?? 0) + (FileFacts(path(of: generation) + "-wal")?.size ?? 0)
  }

  /// The lock of all who build, swap or delete generations; nil: another one is at it.
  package func lockForReplay() throws(MartError) -> LockFile? {
    try create()
    return try tryLock(replayLockPath)
  }

  /// nil: somebody else holds it.
  func tryLock(_ path: String) throws(MartError) -> LockFile? {
    try MartError.wrapping(name, "lock \(path)") { try LockFile.tryLock(path) }
  }
}
