internal import Entity
internal import Events
internal import Files
internal import Glibc
package import Money
package import Privacy
internal import SQLite

/// The platform database: one snapshot of all tables, then their changes in commit order.
///
/// The snapshot is read in short transactions; each row carries the newest change number that its transaction saw, so a
/// change that happened meanwhile and comes again later is superseded or newer, never lost. Afterwards every change counts
/// from the snapshot's start on.
package final class PlatformSource: CaptureSource, @unchecked Sendable {
  package let name = SourceName.platform
  /// The database's file.
  package var place: String { path }
  package let topics = [Topic.orders, Topic.catalog, Topic.inventory, Topic.shipments]
  package let readsAhead = true

  private let path: String
  private let installsTriggers: Bool
  private let changeMargin: Int64
  private let decoder: PlatformDecoder
  private var database: Database?
  /// Of the file that `database` has open.
  private var identity: FileIdentity?
  /// What the tables look like under the schema version seen last.
  private var layout: PlatformLayout?
  private var position: PlatformPosition?
  private var historyNotes: Set<SourceNote> = []
  private var prunedUpTo: Int64 = 0
  private var channels = OrderChannels()

  /// `changeMargin`: delivered changes that stay in the change table.
  package init(
    path: String, installsTriggers: Bool, keyring: Keyring, changeMargin: Int64 = CaptureLimits.changeMargin
  ) throws {
    self.path = path
    self.changeMargin = changeMargin
    self.installsTriggers = installsTriggers
    decoder = PlatformDecoder(router: try Router(keyring))
  }

  package func resume(from checkpoint: SourceCheckpoint) throws {
    database = nil
    layout = nil
    position = checkpoint.position.flatMap(PlatformPosition.init)
  }

  package func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    try CaptureError.naming(path) { try readBatch(limit: limit, now: now) }
  }

  private func readBatch(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    guard Files.exists(path) else {
      database = nil
      layout = nil
      return SourceBatch(
        position: position?.text ?? "", isCaughtUp: true, isReadable: false,
        notes: [
          SourceNote(
            .unread, "the platform database, \(path), is not there yet; put it there, or mend the path in millrace.yaml"
          )
        ])
    }
    // A file that was put in its place (a restored backup) is another one; the connection would stay with the old.
    if database != nil, identity != fileIdentity {
      self.database = nil
      self.layout = nil
    }
    let database = try openDatabase()
    let layout = try currentLayout(of: database)
    if let broken = try breakOfHistory(in: database, layout) {
      // Nothing says which changes were not seen, so all rows are read again.
      historyNotes = broken.reason.isEmpty ? [] : [SourceNote(.historyBroken, broken.reason)]
      var newest = try database.read { try newestChange(in: database) }
      // What the change table did see, deletes above all, is still to be read: after the snapshot, which it is older than.
      if broken.keepsChanges, let position { newest = (position.sequence, position.mark) }
      let start = PlatformPosition(
        installID: layout.installID, phase: .snapshot(table: 0, fromRow: .min), sequence: newest.sequence,
        mark: newest.mark, schemaVersion: layout.schemaVersion)
      position = start
      return SourceBatch(
        position: start.text, beginsEpoch: true, isCaughtUp: false, notes: layout.notes.union(historyNotes))
    }
    guard var position else { throw noPosition }
    var events: [PendingEvent] = []
    var isCaughtUp = false
    var bytes = 0
    while events.count < limit.events, bytes < limit.bytes, !isCaughtUp {
      let count = events.count
      switch position.phase {
      case .snapshot(let table, let row):
        try readSnapshot(table, from: row, in: database, layout, now, &position, &events)
      case .changes:
        isCaughtUp = try readChanges(in: database, layout, now, &position, &events)
      }
      bytes += (events.count - count) * Self.estimatedEventBytes
    }
    self.position = position
    return SourceBatch(
      events: events, position: position.text, isCaughtUp: isCaughtUp, notes: layout.notes.union(historyNotes))
  }

  /// Most events are order lines of about 150 bytes; customers have about 800.
  private static let estimatedEventBytes = 400

  /// Removes delivered changes, except from a database in WAL mode under a library with the WAL-reset bug: the platform's
  /// own application checkpoints there at a moment of its own, and a commit of ours in that moment could cost it commits.
  /// No lock that both sides know would keep the two apart, so there the change table grows until its owner empties it.
  package func delivered() throws { try CaptureError.naming(path) { try prune() } }

  private func prune() throws {
    guard let database, let position, position.phase == .changes else { return }
    // Numbers in the change table are the platform's, and anything may stand there.
    let (keepFrom, isOutOfRange) = position.sequence.subtractingReportingOverflow(changeMargin)
    guard !isOutOfRange, keepFrom >= prunedUpTo &+ CaptureLimits.prunedPerTransaction else { return }
    do {
      // Asked each time: an application may change the mode while capture runs.
      if Database.hasWALResetBug, try database.string("PRAGMA main.journal_mode") == "wal" { return }
      repeat {
        try database.run(
          """
          DELETE FROM main.millrace_changes
          WHERE seq IN (SELECT seq FROM main.millrace_changes WHERE seq < ? ORDER BY seq LIMIT ?)
          """, [.integer(keepFrom), .integer(CaptureLimits.prunedPerTransaction)])
      } while database.changes == CaptureLimits.prunedPerTransaction
      prunedUpTo = keepFrom
    } catch let error as SQLiteError where error.isBusy {
      // The platform is writing; what is not pruned now is pruned after the next delivery.
    }
  }

  // MARK: The database

  private var noPosition: CaptureError {
    CaptureError(
      .source, operation: "read the platform database", cause: "its position is missing",
      hint: "this is a defect in Millrace; please report it")
  }

  /// By name: opening and closing the file would drop the locks that SQLite holds on it for this process.
  private var fileIdentity: FileIdentity? {
    var raw = stat()
    guard stat(path, &raw) == 0 else { return nil }
    return FileIdentity(device: UInt64(raw.st_dev), inode: UInt64(raw.st_ino))
  }

  private func openDatabase() throws -> Database {
    if let database { return database }
    // Before it is opened: a file exchanged in between is noticed at the next look.
    identity = fileIdentity
    let opened = try Database(path, .readWrite)
    try requireTriggers(in: opened)
    database = opened
    return opened
  }

  /// A table whose triggers are gone, as after a migration that made it anew, has changed unseen: the installation that puts
  /// them back is another one, so that history breaks.
  private func requireTriggers(in database: Database) throws {
    if try TriggerInstaller.isInstalled(in: database) { return }
    guard installsTriggers else {
      throw CaptureError(
        .source, operation: "read the platform database", cause: "its change triggers are missing or outdated",
        hint: "install them, or allow capture to do so in the configuration")
    }
    try TriggerInstaller.install(in: database, known: position?.installID)
  }

  private func currentLayout(of database: Database) throws -> PlatformLayout {
    let schema = try database.integer("PRAGMA main.schema_version") ?? 0
    if let layout, layout.schemaVersion == schema { return layout }
    try requireTriggers(in: database)
    let made = try PlatformLayout(of: database)
    layout = made
    return made
  }

  private struct Break {
    /// "": nothing to tell, as at the very first start.
    var reason: String
    /// The change table is the same as before and only lacks some changes.
    var keepsChanges = false
  }

  /// nil: the stored position goes on. Otherwise why it does not.
  private func breakOfHistory(in database: Database, _ layout: PlatformLayout) throws -> Break? {
    guard let position else { return Break(reason: "") }
    guard position.installID == layout.installID else {
      guard let beginning = try TriggerInstaller.beginning(of: layout.installID, in: database) else {
        return Break(reason: "the platform's change triggers were installed anew: a new snapshot was taken")
      }
      // A table that was not there before has nothing to miss; its rows come with the snapshot.
      if beginning.broken.isEmpty { return Break(reason: "", keepsChanges: true) }
      return Break(
        reason:
          "changes of \(beginning.broken.joined(separator: ", ")) may have been missed (made anew, dropped, or without "
          + "its change triggers for a while): a new snapshot was taken; rows deleted meanwhile may still be in the marts. "
          + "Compare, then run `millrace capture --once --acknowledge-breaks`",
        keepsChanges: true)
    }
    return try database.read {
      let newest = try newestChange(in: database).sequence
      if newest < position.sequence {
        return Break(reason: "the platform database is older than what was captured from it: a new snapshot was taken")
      }
      let mark = try database.string(
        "SELECT at FROM main.millrace_changes WHERE seq = ?", [.integer(position.sequence)])
      if let mark, mark != position.mark {
        return Break(
          reason: "the platform database has another history than what was captured from it: a new snapshot was taken")
      }
      let next = try database.integer(
        "SELECT min(seq) FROM main.millrace_changes WHERE seq > ?", [.integer(position.sequence)])
      if let next, next != position.sequence + 1 {
        return Break(
          reason: "the platform's change table no longer reaches back to what was captured: a new snapshot was taken")
      }
      return nil
    }
  }

  private func newestChange(in database: Database) throws -> (sequence: Int64, mark: String) {
    try database.first("SELECT seq, at FROM main.millrace_changes ORDER BY seq DESC LIMIT 1") {
      ($0.int64(0), $0.text(1))
    } ?? (0, "")
  }

  // MARK: Snapshot

  private func readSnapshot(
    _ index: Int, from row: Int64, in database: Database, _ layout: PlatformLayout, _ now: Timestamp,
    _ position: inout PlatformPosition, _ events: inout [PendingEvent]
  ) throws {
    let table = PlatformTable.all[index]
    var next: Int64?
    if let query = layout.snapshots[table.name] {
      // Row ids that are not the key may move when the schema counter moves; rows read twice do no harm.
      let start = position.schemaVersion == layout.schemaVersion || query.rowIDIsKey ? row : .min
      var count = 0
      var last = start
      try database.read {
        let version = try newestChange(in: database).sequence
        let statement = try database.statement(query.sql)
        statement.bind(1, start)
        statement.bind(2, query.isWhole ? -1 : CaptureLimits.rowsPerRead)
        while try statement.step() {
          last = statement.int64(0)
          count += 1
          events.append(
            event(
              table, before: nil, after: PlatformRow(statement: statement, columns: query.columns),
              routing: statement.text(1), operation: .snapshot, record: UInt64(bitPattern: last), index: 0,
              version: UInt64(clamping: version), at: now))
        }
        statement.reset()
      }
      if count == CaptureLimits.rowsPerRead, !query.isWhole, last < .max { next = last + 1 }
    }
    position.schemaVersion = layout.schemaVersion
    if let next {
      position.phase = .snapshot(table: index, fromRow: next)
    } else if index + 1 < PlatformTable.all.count {
      position.phase = .snapshot(table: index + 1, fromRow: .min)
    } else {
      position.phase = .changes
    }
  }

  // MARK: Changes

  /// Answers whether there were no more.
  private func readChanges(
    in database: Database, _ layout: PlatformLayout, _ now: Timestamp, _ position: inout PlatformPosition,
    _ events: inout [PendingEvent]
  ) throws -> Bool {
    var count = 0
    channels.beginRead()
    try database.read {
      let statement = try database.statement(PlatformLayout.changesSQL)
      statement.bind(1, position.sequence)
      statement.bind(2, CaptureLimits.rowsPerRead)
      while try statement.step() {
        count += 1
        position.sequence = statement.int64(0)
        position.mark = statement.text(1)
        try append(statement, database, layout, now, position, &events)
      }
      statement.reset()
    }
    return count < CaptureLimits.rowsPerRead
  }

  private func append(
    _ statement: Statement, _ database: Database, _ layout: PlatformLayout, _ now: Timestamp,
    _ position: PlatformPosition, _ events: inout [PendingEvent]
  ) throws {
    // Rows in the change table that no trigger of ours wrote say nothing.
    guard let table = PlatformTable.named(statement.text(2)), let columns = layout.changes[table.name] else { return }
    let before = PlatformRow(statement: statement, columns: columns.before)
    let after = PlatformRow(statement: statement, columns: columns.after)
    var routing = ""
    if table.channel != nil {
      let row = statement.text(3) == "D" ? columns.before : columns.after
      // What a trigger of an older version has looked up stays what it was.
      routing =
        statement.isNull(4)
        ? try channels.channel(
          of: row["order_id"].map { statement.value($0) } ?? .null, near: position.sequence, in: database, layout)
        : statement.text(4)
    }
    let time = Timestamp(position.mark) ?? now
    let sequence = UInt64(clamping: position.sequence)
    func add(_ old: PlatformRow?, _ new: PlatformRow?, _ operation: Operation, _ index: UInt32) {
      events.append(
        event(
          table, before: old, after: new, routing: routing, operation: operation, record: sequence, index: index,
          version: sequence, at: time))
    }
    switch statement.text(3) {
    case "I": add(nil, after, .create, 0)
    case "D": add(before, nil, .delete, 0)
    case "U":
      if before.equals(after, table) { return }
      if before.hasSameKey(after, table) { return add(before, after, .update, 0) }
      add(before, nil, .delete, 0)
      add(nil, after, .create, 1)
    default: return
    }
  }

  // MARK: Events

  private func event(
    _ table: PlatformTable, before: PlatformRow?, after: PlatformRow?, routing: String, operation: Operation,
    record: UInt64, index: UInt32, version: UInt64, at time: Timestamp
  ) -> PendingEvent {
    let position = SourcePosition(stream: table.name, record: record, index: index)
    do {
      let row = try decoder.decode(table, before: before, after: after, routing: routing)
      return PendingEvent(
        topic: row.topic, route: row.route, operation: operation, position: position, version: .state(version),
        occurredAt: row.time ?? time, flags: row.flags, payload: row.payload, subjects: row.subjects)
    } catch {
      let row = after ?? before
      let (topic, route) =
        row.map { decoder.rejectedRoute(table, $0, routing: routing) }
        ?? (Topic.catalog, Token(high: 0, low: 0))
      return PendingEvent(
        topic: topic, route: route, operation: .rejected, position: position, version: .state(version),
        occurredAt: time,
        payload: .rejected(
          Rejected(
            reason: error.reason, detail: "\(table.name).\(error.detail)",
            raw: row.map { PersonalData(bytes: $0.dump(table)) })),
        subjects: .unparsed)
    }
  }
}
