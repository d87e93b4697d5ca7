package import EventLog
internal import Files
internal import SQLite

/// Moves a generation from the log that feeds it to a copy of that log, which has the same lineage and may have other
/// offsets.
///
/// From its making on it is the generation's only writer, so that nothing is absorbed meanwhile. Calls block; one
/// thread.
package final class MartRelocation {
  package let directory: MartDirectory
  package let generation: Int
  private let lock: LockFile
  private let database: Database

  /// Throws `.locked` (a projector works), `.missing`, `.newerSchema`, `.damaged`.
  package init(_ directory: MartDirectory, generation: Int) throws(MartError) {
    self.directory = directory
    self.generation = generation
    let name = directory.name
    let found: LockFile?
    do { found = try LockFile.tryLock(directory.lockPath(of: generation)) } catch {
      throw MartError(
        .storage, mart: name, operation: "lock generation \(generation)", cause: error.reason,
        hint: "check that the folder exists and that you may write to it")
    }
    guard let found else {
      throw MartError(
        .locked, mart: name, operation: "move generation \(generation) to another log",
        cause: "another process writes it", hint: "stop `millrace project` and `millrace run`, then try again")
    }
    lock = found
    try directory.refuseLinks(generation)
    let path = directory.path(of: generation)
    guard FileFacts(path) != nil else {
      throw MartError(
        .missing, mart: name, operation: "open generation \(generation)", cause: "its file is missing",
        hint: "rebuild it from the log")
    }
    database = try MartError.wrapping(name, "open generation \(generation)") {
      let database = try Database(path, .readWrite)
      try MartWriter.refuseForeign(
        application: database.applicationID, version: database.userVersion, name: name)
      // The configuration is changed after this, so this must survive power loss before.
      try database.useWriteAheadLog(.full)
      return database
    }
  }

  /// Id of the log that the generation is fed from.
  package func logID() throws(MartError) -> String? {
    try MartError.wrapping(directory.name, "read the identity") {
      try database.string("SELECT value FROM millrace_identity WHERE part = 'log'")
    }
  }

  /// Where the generation stands in the log that feeds it now.
  package func positions() throws(MartError) -> [TopicPartition: LogAnchor] {
    try MartError.wrapping(directory.name, "read positions") {
      try database.read { try MartLedger(loading: database).positions }
    }
  }

  /// Offsets of the events in quarantine.
  package func quarantined() throws(MartError) -> [TopicPartition: [Offset]] {
    try MartError.wrapping(directory.name, "read the quarantine") {
      var offsets: [TopicPartition: [Offset]] = [:]
      try database.query(
        "SELECT topic, partition, record_offset FROM millrace_quarantine ORDER BY topic, partition, record_offset"
      ) { offsets[$0.partition(0), default: []].append($0.offset(2)) }
      return offsets
    }
  }

  /// Puts other positions in the place of the generation's own, and moves events in quarantine to other offsets; all or
  /// nothing. The caller vouches that the new log holds, before and after each position, what the old one holds before
  /// and after the old position: no row is changed. The generation keeps its identity.
  package func overwritePositionsWithoutRows(
    _ positions: [TopicPartition: LogAnchor], movingQuarantine moves: [TopicPartition: [(from: Offset, to: Offset)]]
  ) throws(MartError) {
    let stored = try self.positions()
    try MartError.wrapping(directory.name, "overwrite positions") {
      try database.write {
        // A writer that was paused, or lost its lock, must not go on at a position of the old log.
        try database.execute("UPDATE millrace_owner SET owner_epoch = owner_epoch + 1")
        for (partition, position) in positions {
          try database.run(
            "UPDATE millrace_positions SET next_offset = ?3, anchor = ?4 WHERE topic = ?1 AND partition = ?2",
            [
              .text(partition.topic), .integer(Int64(partition.partition)), .integer(position.nextOffset.rawValue),
              .blob(position.proof),
            ])
        }
        for (partition, moves) in moves { try moveQuarantine(of: partition, moves) }
      }
      // The event in hand at a crash is remembered by its old offset, where another event may stand now.
      if positions.contains(where: { stored[$0.key]?.nextOffset != $0.value.nextOffset }) {
        try Files.remove(directory.trapPath(of: generation))
      }
    }
  }

  /// By way of negative offsets, since a row's new place may be the old one of another.
  private func moveQuarantine(of partition: TopicPartition, _ moves: [(from: Offset, to: Offset)]) throws {
    let place: [Value] = [.text(partition.topic), .integer(Int64(partition.partition))]
    for move in moves where move.from != move.to {
      try database.run(
        """
        UPDATE millrace_quarantine SET record_offset = -1 - ?4
        WHERE topic = ?1 AND partition = ?2 AND record_offset = ?3
        """, place + [.integer(move.from.rawValue), .integer(move.to.rawValue)])
    }
    try database.run(
      """
      UPDATE millrace_quarantine SET record_offset = -1 - record_offset
      WHERE topic = ?1 AND partition = ?2 AND record_offset < 0
      """, place)
  }
}
