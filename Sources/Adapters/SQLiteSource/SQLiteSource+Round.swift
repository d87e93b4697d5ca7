internal import Capture
internal import Entity
internal import Money
internal import SQLite

/// Finding what no trigger saw in tables that look whole: a tool that switches triggers off, one that drops them and
/// puts them back between two looks. All tables are compared in turn, one part at each look that finds no more changes.
extension SQLiteSource {
  /// Reads the next part, where a round is due or under way. Answers whether that was all for now. `beginsEpoch`: what
  /// was found is as new as the newest change, which may be one of the same row: a new epoch makes it newer.
  func goRound(
    in database: Database, _ layout: TableLayout, _ now: Timestamp, _ position: inout SQLitePosition,
    _ events: inout [PendingEvent], _ beginsEpoch: inout Bool
  ) throws -> Bool {
    guard position.due.isEmpty, try known.fact(.isWhole) != nil, let before = try roundUnderWay(now) else {
      return true
    }
    var round = before
    if layout.snapshots[round.table] == nil || layout.lookups[round.table] == nil {
      round.goTo(.rows, of: round.table + 1)
    } else {
      let count = events.count
      switch round.stage {
      case .rows: try goOnWithRows(&round, in: database, layout, now, &position, &events)
      case .gone: try goOnWithGone(&round, in: database, layout, now, position, &events)
      }
      if events.count > count {
        beginsEpoch = beginsEpoch || !before.hasFound
        if round.stage == before.stage, round.table == before.table { round.hasFound = true }
        if round.new + round.changed + round.gone > 0 { known.set(.lastFindings, round.findings(at: now)) }
      }
    }
    if round != before { known.set(.round, round.text) }
    let isOver = round.table >= tables.count
    if isOver { isRoundHurried = false }
    return isOver || !isRoundHurried
  }

  /// nil: none is due. The first one is due a day after the snapshot, which has just read everything.
  private func roundUnderWay(_ now: Timestamp) throws -> ComparisonRound? {
    guard let comparesEvery else { return nil }
    let isStart = isFirstLook
    isFirstLook = false
    guard var round = try known.fact(.round).flatMap({ ComparisonRound($0) }) else {
      var round = ComparisonRound(startedAt: now)
      round.goTo(.rows, of: tables.count)
      known.set(.round, round.text)
      return nil
    }
    // Also after a clock that went ahead was put right.
    var age = abs(now.millis - round.startedAt.millis)
    if round.table >= tables.count {
      guard age >= comparesEvery else { return nil }
      round = ComparisonRound(startedAt: now)
      age = 0
    }
    if isStart || age >= SQLiteSourceLimits.longestRoundMillis { isRoundHurried = true }
    return round
  }

  // MARK: Rows that are there

  private func goOnWithRows(
    _ round: inout ComparisonRound, in database: Database, _ layout: TableLayout, _ now: Timestamp,
    _ position: inout SQLitePosition, _ events: inout [PendingEvent]
  ) throws {
    let table = round.table
    guard let lookup = layout.lookups[table] else { return }
    if try !lookup.isIndexed && rowCount(of: table, in: database) > SQLiteSourceLimits.rowsWithoutIndex {
      return round.goTo(.rows, of: table + 1)
    }
    var rows: [ComparedRow] = []
    let next = try readPart(round, in: database, layout, &position, &rows)
    // What the shop wrote meanwhile is read first.
    guard rows.allSatisfy({ $0.version == UInt64(clamping: position.sequence) }) else { return }
    if let last = rows.last, layout.snapshots[table]?.parts != nil {
      roundKey = (table, layout.snapshots[table]?.parts?.key.map { last.change.row.values[$0] } ?? [])
    }
    for row in rows {
      if try isAmbiguous(row, of: table, lookup, in: database, now) { continue }
      guard let (event, isNew) = try differing(row, of: table, now) else { continue }
      if event.operation != .rejected {
        round.new += isNew ? 1 : 0
        round.changed += isNew ? 0 : 1
      }
      events.append(event)
    }
    if let next { round.fromRow = next } else { round.goTo(.gone, of: table) }
  }

  /// Answers where the next part begins; nil: there are no more.
  private func readPart(
    _ round: ComparisonRound, in database: Database, _ layout: TableLayout, _ position: inout SQLitePosition,
    _ rows: inout [ComparedRow]
  ) throws -> Int64? {
    let table = round.table
    guard let snapshot = layout.snapshots[table], let parts = snapshot.parts else {
      return try readRows(table, from: round.fromRow, in: database, layout, &position) {
        rows.append(ComparedRow(change: $0, place: $1, version: $2))
      }
    }
    let before = roundKey.flatMap { round.fromRow > .min && $0.table == table ? $0.values : nil }
    try database.read {
      let version = UInt64(clamping: try HistoryBreak.newestChange(in: database).sequence)
      let statement = try database.statement(before == nil ? parts.firstSQL : parts.nextSQL)
      for (index, value) in (before ?? []).enumerated() { statement.bind(Int32(index + 1), value) }
      statement.bind(Int32((before?.count ?? 0) + 1), SQLiteSourceLimits.rowsPerRead)
      defer { statement.reset() }
      while try statement.step() {
        rows.append(
          ComparedRow(
            change: RowChange(
              SourceRow(tables[table], in: statement, at: snapshot.places), referred: statement.text(1)),
            place: SourcePosition(stream: tables[table].name, record: 0), version: version))
      }
    }
    // Only its being there counts.
    return rows.count == SQLiteSourceLimits.rowsPerRead ? max(round.fromRow, 0) + 1 : nil
  }

  /// Whether the row differs and others have the same key, as in a table whose key nothing keeps unique: then each of
  /// them would be told anew in each round.
  private func isAmbiguous(
    _ row: ComparedRow, of table: Int, _ lookup: TableLayout.Lookup, in database: Database, _ now: Timestamp
  ) throws -> Bool {
    if lookup.isUnique { return false }
    let event = mapping.pendingEvent(
      of: row.change, .update, at: row.place, version: .state(row.version), time: now)
    guard try known.compare(row.change.row, event, of: table) == .hasChanged else { return false }
    let statement = try database.statement(lookup.countSQL)
    for (index, place) in tables[table].key.enumerated() {
      statement.bind(Int32(index + 1), row.change.row.values[place])
    }
    defer { statement.reset() }
    return try statement.step() && statement.int64(0) > 1
  }

  private func rowCount(of table: Int, in database: Database) throws -> Int64 {
    try database.integer("SELECT count(*) FROM main.\(SQLName.quoted(tables[table].name))") ?? 0
  }

  // MARK: Rows that are gone

  private func goOnWithGone(
    _ round: inout ComparisonRound, in database: Database, _ layout: TableLayout, _ now: Timestamp,
    _ position: SQLitePosition, _ events: inout [PendingEvent]
  ) throws {
    let table = round.table
    guard let lookup = layout.lookups[table] else { return }
    let limit = lookup.isIndexed ? SQLiteSourceLimits.rowsPerRead : Int.max
    let (rows, next) = try known.rows(of: table, after: round.after, limit: limit)
    var gone: [KnownRows.Known] = []
    let newest = try database.read {
      let keys = lookup.isIndexed ? nil : try allKeys(of: table, in: database, layout)
      for delivered in rows {
        guard let stub = delivered.stub else { continue }
        if let keys {
          if !keys.contains(known.mark(of: stub, table)) { gone.append(delivered) }
        } else {
          let (canTell, row) = try standing(stub, of: table, in: database, layout)
          if canTell, row == nil { gone.append(delivered) }
        }
      }
      return try HistoryBreak.newestChange(in: database).sequence
    }
    guard newest == position.sequence else { return }
    for row in gone {
      guard let event = try end(of: row, table, UInt64(clamping: newest), now) else { continue }
      round.gone += 1
      events.append(event)
    }
    if let next { round.after = next } else { round.goTo(.rows, of: table + 1) }
  }
}
