internal import Capture
internal import Entity
internal import Money
internal import SQLite
internal import Telemetry

/// Reading rows as they stand, and whether history goes on.
extension SQLiteSource {
  /// Of the source now: what its tables lack, and what was missed of it.
  func notes(_ layout: TableLayout, _ position: SQLitePosition) throws -> Set<SourceNote> {
    var notes = layout.notes.union(historyNotes)
    let isAsked = position.purpose == .compare || position.purpose == .sweep
    if isAsked, !position.due.isEmpty {
      let missing = position.due.filter { layout.snapshots[$0] == nil }
      for table in missing {
        notes.insert(
          SourceNote(
            .comparing,
            "\(tables[table].name) is gone from the \(mapping.title), and its rows stay in the marts as they were; put it "
              + "back, or, if it was dropped for good, put an empty table in its place, and its rows go, too"))
      }
      let there = position.due.filter { layout.snapshots[$0] != nil }.map { tables[$0].name }.sorted()
      if !there.isEmpty {
        notes.insert(
          SourceNote(
            .comparing,
            "changes of \(there.joined(separator: ", ")) may have been missed, and are being found by comparison"))
      }
    } else if let found = try known.fact(.lastFindings) {
      notes.insert(SourceNote(.mended, found))
    }
    return notes
  }

  /// Nothing says which changes were not seen, so all rows are read again.
  func beginAnew(after broken: HistoryBreak, in database: Database, _ layout: TableLayout) throws -> SourceBatch {
    let wasWhole = try known.fact(.isWhole) != nil
    var newest = try database.read { try HistoryBreak.newestChange(in: database) }
    // What the change table did see, deletes above all, is still to be read: after the snapshot, which it is older
    // than.
    if let position, let behind = broken.goesOnBehind {
      newest = (behind, behind == position.sequence ? position.mark : "")
    }
    var start = SQLitePosition(
      installID: layout.installID, phase: .snapshot(table: 0, fromRow: .min), sequence: newest.sequence,
      mark: newest.mark, schemaVersion: layout.schemaVersion)
    if position != nil, wasWhole {
      start.due = Array(tables.indices)
      start.purpose = .sweep
      findings.begin(broken.cause)
      historyNotes = []
    } else {
      historyNotes = broken.reason.isEmpty ? [] : [SourceNote(.historyBroken, broken.reason)]
      known.set(.isWhole, "since the snapshot")
    }
    position = start
    unsettled = [:]
    knowsUnsettled = true
    return SourceBatch(
      state: known.takeWrites(), position: start.text, beginsEpoch: true, isCaughtUp: false,
      notes: try notes(layout, start))
  }

  func breakOfHistory(in database: Database, _ layout: TableLayout) throws -> HistoryBreak? {
    try HistoryBreak.find(in: database, under: layout.installID, since: position, title: mapping.title)
  }

  func readSnapshot(
    _ index: Int, from row: Int64, in database: Database, _ layout: TableLayout, _ now: Timestamp,
    _ position: inout SQLitePosition, _ events: inout [PendingEvent]
  ) throws {
    if row == .min { rejections.begin(index) }
    let next = try readRows(index, from: row, in: database, layout, &position) { row, place, version in
      events.append(mapping.pendingEvent(of: row, .snapshot, at: place, version: .state(version), time: now))
      try known.keep(row.row, events[events.count - 1], of: index)
      book(&events[events.count - 1], row.row, of: index)
    }
    if next == nil { rejections.end(index) }
    if let next {
      position.phase = .snapshot(table: index, fromRow: next)
    } else if index + 1 < tables.count {
      position.phase = .snapshot(table: index + 1, fromRow: .min)
    } else {
      position.phase = .changes
    }
  }

  /// One read of a table's rows in one transaction. Answers where the next one begins; nil: there are no more.
  /// `version`: the newest change that the transaction saw.
  func readRows(
    _ index: Int, from row: Int64, in database: Database, _ layout: TableLayout, _ position: inout SQLitePosition,
    _ take: (RowChange, SourcePosition, _ version: UInt64) throws -> Void
  ) throws -> Int64? {
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
        defer { statement.reset() }
        while try statement.step() {
          last = statement.int64(0)
          count += 1
          try take(
            RowChange(SourceRow(table, in: statement, at: query.places), referred: statement.text(1)),
            SourcePosition(stream: table.name, record: UInt64(bitPattern: last)), version)
        }
      }
      rowsRead.add(Int64(count))
      if count == SQLiteSourceLimits.rowsPerRead, !query.isWhole, last < .max { next = last + 1 }
    }
    position.schemaVersion = layout.schemaVersion
    return next
  }

  /// The row that has the key of this one, as it stands; nil: there is none, or nobody can tell. `isThere`: whether
  /// that can be told.
  func standing(
    _ row: SourceRow, of table: Int, in database: Database, _ layout: TableLayout
  ) throws -> (canTell: Bool, row: RowChange?) {
    guard let lookup = layout.lookups[table] else { return (false, nil) }
    let key = tables[table].key.map { row.values[$0] }
    guard !key.contains(.null) else { return (false, nil) }
    let statement = try database.statement(lookup.sql)
    for (index, value) in key.enumerated() { statement.bind(Int32(index + 1), value) }
    defer { statement.reset() }
    while try statement.step() {
      let found = SourceRow(tables[table], in: statement, at: lookup.places)
      // A key may be found under another spelling of it.
      if mapping.isSameKey(found, row) { return (true, RowChange(found, referred: statement.text(1))) }
    }
    return (true, nil)
  }
}
