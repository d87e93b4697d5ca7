package import Capture
internal import Entity
internal import Files
package import Money
internal import SQLite
package import Telemetry

/// An SQLite database that others write to: one snapshot of all captured tables, then their changes in commit order.
/// Which tables, and what their rows are, a `RowMapping` says.
///
/// The snapshot is read in short transactions; each row carries the newest change number that its transaction saw, so a
/// change that happened meanwhile and comes again later is superseded or newer, never lost. Afterwards every change
/// counts from the snapshot's start on.
///
/// Unchecked: the session calls a source from one thread at a time.
package final class SQLiteSource: CaptureSource, @unchecked Sendable {
  package let name: String
  /// The database's file.
  package let place: String
  package let topics: [String]
  package let readsAhead = true

  private let mapping: any RowMapping
  /// The mapping's, asked once.
  private let tables: [SourceTable]
  private let installsTriggers: Bool
  private let changeMargin: Int64
  private let triggers: ChangeTriggers
  private var database: Database?
  /// Of the file that `database` has open.
  private var identity: FileIdentity?
  /// What the tables look like under the schema version seen last.
  private var layout: TableLayout?
  private var position: SQLitePosition?
  private var historyNotes: Set<SourceNote> = []
  private var prunedUpTo: Int64 = 0
  private var referred: [ReferredValues] = []
  /// For each table, which of `referred` its rows ask.
  private var referredOf: [Int?] = []
  private let rowsRead: Counter
  private let changesRead: Counter

  /// `name` stands in every record, and is never changed. `path`: the database, which need not be there yet.
  /// `installsTriggers`: whether triggers that are missing are installed; otherwise that is an error when the source is
  /// read. `changeMargin`: delivered changes that stay in the change table. Throws `.configuration` where the mapping's
  /// tables cannot be captured. `metrics` counts rows and changes read.
  package init(
    name: String, path: String, mapping: any RowMapping, installsTriggers: Bool,
    changeMargin: Int64 = SQLiteSourceLimits.changeMargin, metrics: Metrics = Metrics()
  ) throws(CaptureError) {
    self.name = name
    place = path
    self.mapping = mapping
    self.installsTriggers = installsTriggers
    self.changeMargin = changeMargin
    tables = mapping.tables
    topics = mapping.topics
    triggers = ChangeTriggers(on: tables, title: mapping.title)
    rowsRead = metrics.counter(
      "millrace_sqlite_source_rows_total", help: "Rows that snapshots have read.", labels: ["source": name])
    changesRead = metrics.counter(
      "millrace_sqlite_source_changes_total", help: "Changes read from the change table, also those of no consequence.",
      labels: ["source": name])
    for table in tables {
      if let fault = fault(of: table) {
        throw CaptureError(
          .configuration, operation: "capture the \(mapping.title)",
          cause: "the mapping's table \(table.name) \(fault)",
          hint: "mend the mapping")
      }
    }
    for wanted in tables.map(\.refersTo) {
      let known = tables.compactMap(\.refersTo).firstIndex { $0 == wanted }
      referredOf.append(wanted == nil ? nil : known)
    }
    referred = tables.compactMap(\.refersTo).map { ReferredValues($0) }
  }

  private func fault(of table: SourceTable) -> String? {
    if !table.hasKey { return "has no key, or one that is not among its columns" }
    if table.columns.count > SQLiteSourceLimits.changeColumns {
      return "has more than \(SQLiteSourceLimits.changeColumns) columns"
    }
    if tables.filter({ $0.name == table.name }).count > 1 { return "stands there twice" }
    if let referred = table.refersTo, !tables.contains(where: { $0.name == referred.table }) {
      return "refers to \(referred.table), which is not captured"
    }
    return nil
  }

  /// Goes on from there; the database is opened by the next `poll`, not here.
  package func resume(from checkpoint: SourceCheckpoint) throws {
    database = nil
    layout = nil
    position = checkpoint.position.flatMap { SQLitePosition($0, tables: tables.count) }
  }

  /// Blocks while the database is locked, at most as long as a statement waits. Throws `SQLiteError` and
  /// `CaptureError`.
  package func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    try CaptureError.naming(place, mapping.title) { try readBatch(limit: limit, now: now) }
  }

  private func readBatch(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    guard Files.exists(place) else {
      database = nil
      layout = nil
      return SourceBatch(
        position: position?.text ?? "", isCaughtUp: true, isReadable: false,
        notes: [
          SourceNote(
            .unread,
            "the \(mapping.title), \(place), is not there yet; put it there, or mend the path in millrace.yaml")
        ])
    }
    // A file that was put in its place (a restored backup) is another one; the connection would stay with the old.
    if database != nil, identity != FileIdentity(of: place) {
      self.database = nil
      self.layout = nil
    }
    let database = try openDatabase()
    let layout = try currentLayout(of: database)
    if let broken = try breakOfHistory(in: database, layout) {
      return try beginAnew(after: broken, in: database, layout)
    }
    guard var position else { throw noPosition }
    var events: [PendingEvent] = []
    if case .snapshot = position.phase { events.reserveCapacity(limit.events) }
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

  /// Most events of a database are short rows of about 150 bytes; those with personal data have about 800.
  private static let estimatedEventBytes = 400

  // MARK: The database

  private var noPosition: CaptureError {
    CaptureError(
      .source, operation: "read the \(mapping.title)", cause: "its position is missing",
      hint: "this is a defect in Millrace; please report it")
  }

  private func openDatabase() throws -> Database {
    if let database { return database }
    // Before it is opened: a file exchanged in between is noticed at the next look.
    identity = FileIdentity(of: place)
    // A source is asked by one thread at a time, and nobody else has its connection.
    let opened = try Database(place, .readWrite, sharing: .oneThreadAtATime)
    try requireTriggers(in: opened)
    database = opened
    return opened
  }

  /// A table whose triggers are gone, as after a migration that made it anew, has changed unseen: the installation that
  /// puts them back is another one, so that history breaks.
  private func requireTriggers(in database: Database) throws {
    if try triggers.isInstalled(in: database) { return }
    guard installsTriggers else {
      throw CaptureError(
        .source, operation: "read the \(mapping.title)", cause: "its change triggers are missing or outdated",
        hint: "install them, or allow capture to do so in the configuration")
    }
    try triggers.install(in: database, known: position?.installID)
  }

  private func currentLayout(of database: Database) throws -> TableLayout {
    let schema = try database.integer("PRAGMA main.schema_version") ?? 0
    if let layout, layout.schemaVersion == schema { return layout }
    try requireTriggers(in: database)
    let made = try TableLayout(of: database, mapping)
    layout = made
    return made
  }

  // MARK: Tidying up

  /// Removes delivered changes, except from a database in WAL mode under a library with the WAL-reset bug: the source's
  /// own application checkpoints there at a moment of its own, and a commit of ours in that moment could cost it
  /// commits. No lock that both sides know would keep the two apart, so there the change table grows until its owner
  /// empties it.
  package func delivered() throws { try CaptureError.naming(place, mapping.title) { try prune() } }

  private func prune() throws {
    guard let database, let position, position.phase == .changes else { return }
    // Numbers in the change table are the source's, and anything may stand there.
    let (keepFrom, isOutOfRange) = position.sequence.subtractingReportingOverflow(changeMargin)
    guard !isOutOfRange, keepFrom >= prunedUpTo &+ SQLiteSourceLimits.prunedPerTransaction else { return }
    do {
      // Asked each time: an application may change the mode while capture runs.
      if Database.hasWALResetBug, try database.string("PRAGMA main.journal_mode") == "wal" { return }
      repeat {
        try database.run(
          """
          DELETE FROM main.millrace_changes
          WHERE seq IN (SELECT seq FROM main.millrace_changes WHERE seq < ? ORDER BY seq LIMIT ?)
          """, [.integer(keepFrom), .integer(SQLiteSourceLimits.prunedPerTransaction)])
      } while database.changes == SQLiteSourceLimits.prunedPerTransaction
      prunedUpTo = keepFrom
    } catch let error as SQLiteError where error.isBusy {
      // The source is writing; what is not pruned now is pruned after the next delivery.
    }
  }

  // MARK: Whether history goes on

  /// Nothing says which changes were not seen, so all rows are read again.
  private func beginAnew(after broken: HistoryBreak, in database: Database, _ layout: TableLayout) throws -> SourceBatch
  {
    historyNotes = broken.reason.isEmpty ? [] : [SourceNote(.historyBroken, broken.reason)]
    var newest = try database.read { try HistoryBreak.newestChange(in: database) }
    // What the change table did see, deletes above all, is still to be read: after the snapshot, which it is older
    // than.
    if broken.keepsChanges, let position { newest = (position.sequence, position.mark) }
    let start = SQLitePosition(
      installID: layout.installID, phase: .snapshot(table: 0, fromRow: .min), sequence: newest.sequence,
      mark: newest.mark, schemaVersion: layout.schemaVersion)
    position = start
    return SourceBatch(
      position: start.text, beginsEpoch: true, isCaughtUp: false, notes: layout.notes.union(historyNotes))
  }

  private func breakOfHistory(in database: Database, _ layout: TableLayout) throws -> HistoryBreak? {
    try HistoryBreak.find(in: database, under: layout.installID, since: position, title: mapping.title)
  }

  // MARK: Snapshot

  private func readSnapshot(
    _ index: Int, from row: Int64, in database: Database, _ layout: TableLayout, _ now: Timestamp,
    _ position: inout SQLitePosition, _ events: inout [PendingEvent]
  ) throws {
    let table = tables[index]
    var next: Int64?
    if let query = layout.snapshots[index] {
      // Row ids that are not the key may move when the schema counter moves; rows read twice do no harm.
      let start = position.schemaVersion == layout.schemaVersion || query.rowIDIsKey ? row : .min
      var count = 0
      var last = start
      try database.read {
        let version = UInt64(clamping: try HistoryBreak.newestChange(in: database).sequence)
        let statement = try database.statement(query.sql)
        statement.bind(1, start)
        statement.bind(2, query.isWhole ? -1 : SQLiteSourceLimits.rowsPerRead)
        while try statement.step() {
          last = statement.int64(0)
          count += 1
          events.append(
            mapping.pendingEvent(
              of: RowChange(SourceRow(table, in: statement, at: query.places), referred: statement.text(1)), .snapshot,
              at: SourcePosition(stream: table.name, record: UInt64(bitPattern: last)), version: .state(version),
              time: now))
        }
        statement.reset()
      }
      rowsRead.add(Int64(count))
      if count == SQLiteSourceLimits.rowsPerRead, !query.isWhole, last < .max { next = last + 1 }
    }
    position.schemaVersion = layout.schemaVersion
    if let next {
      position.phase = .snapshot(table: index, fromRow: next)
    } else if index + 1 < tables.count {
      position.phase = .snapshot(table: index + 1, fromRow: .min)
    } else {
      position.phase = .changes
    }
  }

  // MARK: Changes

  /// Answers whether there were no more.
  private func readChanges(
    in database: Database, _ layout: TableLayout, _ now: Timestamp, _ position: inout SQLitePosition,
    _ events: inout [PendingEvent]
  ) throws -> Bool {
    var count = 0
    for index in referred.indices { referred[index].beginRead() }
    try database.read {
      let statement = try database.statement(TableLayout.changesSQL)
      statement.bind(1, position.sequence)
      statement.bind(2, SQLiteSourceLimits.rowsPerRead)
      while try statement.step() {
        count += 1
        position.sequence = statement.int64(0)
        position.mark = statement.text(1)
        try append(statement, database, layout, now, position, &events)
      }
      statement.reset()
    }
    changesRead.add(Int64(count))
    return count < SQLiteSourceLimits.rowsPerRead
  }

  private func append(
    _ statement: Statement, _ database: Database, _ layout: TableLayout, _ now: Timestamp, _ position: SQLitePosition,
    _ events: inout [PendingEvent]
  ) throws {
    // Rows in the change table that no trigger of ours wrote say nothing.
    guard let columns = layout.changes[statement.text(2)] else { return }
    let table = tables[columns.table]
    let code = statement.text(3)
    let referred = try referredValue(
      for: columns, code == "D" ? columns.before : columns.after, statement, position.sequence, database, layout)
    let time = Timestamp(position.mark) ?? now
    let record = UInt64(clamping: position.sequence)
    func add(_ change: RowChange, _ operation: EventOperation, _ index: UInt32 = 0) {
      events.append(
        mapping.pendingEvent(
          of: change, operation, at: SourcePosition(stream: table.name, record: record, index: index),
          version: .state(record), time: time))
    }
    switch code {
    case "I":
      add(RowChange(SourceRow(table, in: statement, at: columns.after), referred: referred), .create)
    case "D":
      add(RowChange(deleted: SourceRow(table, in: statement, at: columns.before), referred: referred), .delete)
    case "U":
      let before = SourceRow(table, in: statement, at: columns.before)
      let after = SourceRow(table, in: statement, at: columns.after)
      if before.values == after.values { return }
      if mapping.isSameKey(before, after) {
        return add(RowChange(after, before: before, referred: referred), .update)
      }
      add(RowChange(deleted: before, referred: referred), .delete)
      add(RowChange(after, referred: referred), .create, 1)
    default: return
    }
  }

  /// What a trigger of an older version has looked up stays what it was.
  private func referredValue(
    for columns: TableLayout.Changes, _ places: TableLayout.Places, _ statement: Statement, _ sequence: Int64,
    _ database: Database, _ layout: TableLayout
  ) throws -> String {
    guard let index = referredOf[columns.table], let wanted = tables[columns.table].refersTo else { return "" }
    if !statement.isNull(4) { return statement.text(4) }
    guard layout.knowsReferred[columns.table], let own = tables[columns.table].place(of: wanted.column),
      places[own] >= 0
    else { return "" }
    return try referred[index].value(
      for: statement.value(places[own]), near: sequence, in: database,
      tables.first { $0.name == wanted.table }, layout.changes[wanted.table])
  }
}
