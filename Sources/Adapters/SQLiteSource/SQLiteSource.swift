package import Capture
internal import Entity
internal import Files
package import Money
package import Privacy
internal import SQLite
package import Telemetry

/// An SQLite database that others write to: one snapshot of all captured tables, then their changes in commit order.
/// Which tables, and what their rows are, a `RowMapping` says.
///
/// The snapshot is read in short transactions; each row carries the newest change number that its transaction saw, so a
/// change that happened meanwhile and comes again later is superseded or newer, never lost. Afterwards every change
/// counts from the snapshot's start on.
///
/// What was delivered of each row is kept (`KnownRows`). Where changes were missed, the tables concerned are read again
/// and held against it, so that rows that are new, changed or gone become ordinary changes.
///
/// Unchecked: the session calls a source from one thread at a time.
package final class SQLiteSource: CaptureSource, @unchecked Sendable {
  package let name: String
  /// The database's file.
  package let place: String
  package let topics: [String]
  package let readsAhead = true

  let mapping: any RowMapping
  /// The mapping's, asked once.
  let tables: [SourceTable]
  private let installsTriggers: Bool
  private let changeMargin: Int64
  private let triggers: ChangeTriggers
  /// How often all tables are compared though nothing seems to be missing, in milliseconds; nil: never.
  let comparesEvery: Int64?
  private var database: Database?
  /// Of the file that `database` has open.
  private var identity: FileIdentity?
  /// What the tables look like under the schema version seen last.
  private var layout: TableLayout?
  var position: SQLitePosition?
  var historyNotes: Set<SourceNote> = []
  private var prunedUpTo: Int64 = 0
  var referred: [ReferredValues] = []
  /// For each table, which of `referred` its rows ask.
  private(set) var referredOf: [Int?] = []
  var known: KnownRows
  /// What is in the log, to fill `known` from.
  var deliveredRecords: DeliveredRecords?
  /// Rows whose newest change, taken so far, says otherwise than they stand, by their plain key. They may have newer
  /// changes that were not taken yet.
  var unsettled: [[UInt8]: UnsettledRow] = [:]
  /// Since the last `resume`, whether `unsettled` holds all of them.
  var knowsUnsettled = false
  /// What the comparison that is under way has found.
  var findings = ComparisonFindings()
  /// Where the sweep of a table goes on; kept in memory only, since a table that is swept anew does no harm.
  var sweptUpTo: [UInt8]?
  /// The keys of the table that is being swept, where only reading all of it tells them.
  var sweptKeys: Set<Token>?
  /// Whether the comparison that goes round is brought to its end now: as at a start, since nobody knows for how long
  /// the process lives.
  var isRoundHurried = false
  var isFirstLook = true
  /// The last key that a round has read of a table without row ids, and of which table; such a table is begun anew
  /// after a restart.
  var roundKey: (table: Int, values: [SourceValue])?
  /// By how many rows a table differs from what is known of it, when it was looked through last.
  var surplus: [Int: Int] = [:]
  /// Rows that were rejected.
  var rejections = RowRejections()
  let rowsRead: Counter
  let changesRead: Counter

  /// `name` stands in every record, and is never changed. `path`: the database, which need not be there yet.
  /// `installsTriggers`: whether triggers that are missing are installed; otherwise that is an error when the source is
  /// read. `changeMargin`: delivered changes that stay in the change table. Throws `.configuration` where the mapping's
  /// tables cannot be captured. `detail`: what triggers write down of a change. `keptChanges`: how many the change
  /// table holds at most. `comparesEvery`: how often all tables are compared though nothing seems to be missing, in
  /// milliseconds; nil: never. `keyring`: for the digests of rows; `PrivacyError` where keys cannot be derived.
  /// `metrics` counts rows and changes read.
  package init(
    name: String, path: String, mapping: any RowMapping, keyring: Keyring, installsTriggers: Bool,
    detail: ChangeDetail = .every, keptChanges: Int64 = SQLiteSourceLimits.keptChanges,
    comparesEvery: Int64? = SQLiteSourceLimits.dayOfRoundMillis,
    changeMargin: Int64 = SQLiteSourceLimits.changeMargin, metrics: Metrics = Metrics()
  ) throws {
    self.name = name
    place = path
    self.mapping = mapping
    self.installsTriggers = installsTriggers
    self.changeMargin = changeMargin
    tables = mapping.tables
    topics = mapping.topics
    self.comparesEvery = comparesEvery
    triggers = ChangeTriggers(on: tables, title: mapping.title, detail: detail, keptChanges: keptChanges)
    known = try KnownRows(keyring, mapping)
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
    known.resume(from: checkpoint.state)
    deliveredRecords = checkpoint.delivered
    rejections.resume(from: checkpoint.rejected)
    unsettled = [:]
    knowsUnsettled = false
    findings = ComparisonFindings()
    sweptUpTo = nil
    sweptKeys = nil
    isRoundHurried = false
    isFirstLook = true
    roundKey = nil
    surplus = [:]
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
    known.discard()
    for table in layout.hidesReplacedRows { try known.beginCounting(table) }
    if let broken = try breakOfHistory(in: database, layout), try !goOn(after: broken, in: database, layout) {
      return try beginAnew(after: broken, in: database, layout)
    }
    guard var position else { throw noPosition }
    var events: [PendingEvent] = []
    if case .snapshot = position.phase { events.reserveCapacity(limit.events) }
    var progress = Progress()
    var bytes = 0
    while events.count < limit.events, bytes < limit.bytes, progress.goesOn {
      let count = events.count
      try step(in: database, layout, now, &position, &events, &progress)
      bytes += (events.count - count) * Self.estimatedEventBytes
    }
    self.position = position
    var batch = SourceBatch(
      events: events, state: known.takeWrites(), position: position.text, beginsEpoch: progress.beginsEpoch,
      isCaughtUp: progress.isCaughtUp, notes: try notes(layout, position))
    batch.settled = rejections.takeSettled()
    return batch
  }

  /// What the reads of one batch have come to.
  private struct Progress {
    var isCaughtUp = false
    var beginsEpoch = false
    /// Reads that need not bring events.
    var sweeps = 0
    var goesOn: Bool { !isCaughtUp && sweeps < SQLiteSource.sweepsPerBatch }
  }

  /// One read.
  private func step(
    in database: Database, _ layout: TableLayout, _ now: Timestamp, _ position: inout SQLitePosition,
    _ events: inout [PendingEvent], _ progress: inout Progress
  ) throws {
    switch position.phase {
    case .snapshot(let table, let row):
      try readSnapshot(table, from: row, in: database, layout, now, &position, &events)
    case .changes:
      guard try readChanges(in: database, layout, now, &position, &events) else { return }
      progress.sweeps += 1
      progress.isCaughtUp =
        try !beginComparing(layout, &position)
        && goRound(in: database, layout, now, &position, &events, &progress.beginsEpoch)
    case .comparing(let row):
      let isFirst = findings.isEmpty
      try compare(from: row, in: database, layout, now, &position, &events)
      if position.purpose == .fill, isFirst, !findings.isEmpty { progress.beginsEpoch = true }
      progress.sweeps += 1
    case .sweeping where position.purpose != .fill:
      try sweep(in: database, layout, now, &position, &events)
      progress.sweeps += 1
    case .sweeping:
      // What was noted is found when it is committed: after this batch.
      guard sweptUpTo != nil || known.isCommitted else {
        progress.sweeps = Self.sweepsPerBatch
        return
      }
      if try sweepLogged(now, &position, &events) { progress.beginsEpoch = true }
      progress.sweeps += 1
    }
  }

  /// Reads that bring no events, in one batch: some tenths of a second.
  private static let sweepsPerBatch = 50

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
  /// commits, whether or not we ever checkpoint. No lock that both sides know would keep the two apart, so there the
  /// change table is bounded by its own trigger alone, in commits that the source makes anyway.
  package func delivered() throws { try CaptureError.naming(place, mapping.title) { try prune() } }

  private func prune() throws {
    guard let database, let position, position.phase == .changes else { return }
    // Numbers in the change table are the source's, and anything may stand there.
    let newest = position.unsettledFrom > 0 ? min(position.sequence, position.unsettledFrom) : position.sequence
    let (keepFrom, isOutOfRange) = newest.subtractingReportingOverflow(changeMargin)
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
}
