internal import Capture
internal import Entity
internal import Money
internal import SQLite

/// Finding what changes do not tell: tables are read again and held against what was delivered of them.
///
/// First the rows of a table, then what was delivered of it: both in parts of bounded size, each row by its key. What
/// is found is an ordinary change, newer than all that the change table tells.
extension SQLiteSource {
  /// Whether the break needs no new epoch: the change table goes on, and what was missed is found by comparison.
  func goOn(after broken: HistoryBreak, in database: Database, _ layout: TableLayout) throws -> Bool {
    guard var position, let sequence = broken.goesOnBehind, try known.fact(.isWhole) != nil else { return false }
    if case .snapshot = position.phase { return false }
    let names = Set(broken.tables ?? tables.map(\.name))
    position.installID = layout.installID
    let hasMissed = !broken.cause.isEmpty || !position.due.isEmpty && position.purpose != .appeared
    position.purpose = hasMissed ? .compare : .appeared
    position.due = tables.indices.filter { names.contains(tables[$0].name) || position.due.contains($0) }
    position.phase = .changes
    if position.sequence != sequence {
      position.sequence = sequence
      position.mark = ""
    }
    findings.begin(hasMissed ? broken.cause : "")
    sweptUpTo = nil
    historyNotes = []
    self.position = position
    return true
  }

  /// Called when all changes were read. Answers whether a comparison began.
  func beginComparing(_ layout: TableLayout, _ position: inout SQLitePosition) throws -> Bool {
    if position.due.isEmpty {
      guard try known.fact(.isWhole) == nil else { return false }
      guard try noteLogged() else { return true }
      findings.begin("this version keeps what it delivers, an earlier one did not")
      position.due = Array(tables.indices)
      position.purpose = .fill
    }
    return try beginNextTable(layout, &position)
  }

  /// Goes to the next table that is due and there. Of tables that are not there those are forgotten that never gave a
  /// row.
  private func beginNextTable(_ layout: TableLayout, _ position: inout SQLitePosition) throws -> Bool {
    sweptUpTo = nil
    sweptKeys = nil
    position.due = try position.due.filter { table in
      if layout.snapshots[table] != nil { return true }
      return try position.purpose != .fill && !known.rows(of: table, after: nil, limit: 1).rows.isEmpty
    }
    position.phase = .changes
    guard let next = position.due.firstIndex(where: { layout.snapshots[$0] != nil }) else { return false }
    // The first one is at work; a sorted list would do as well, but for tables that are waited for.
    position.due.swapAt(0, next)
    switch position.purpose {
    case .compare, .appeared, .fill: position.phase = .comparing(fromRow: .min)
    case .sweep, .replaced: position.phase = .sweeping
    }
    return true
  }

  private func finishTable(_ layout: TableLayout, _ now: Timestamp, _ position: inout SQLitePosition) throws {
    position.due.removeFirst()
    if try beginNextTable(layout, &position) { return }
    switch position.purpose {
    case .fill: break
    case .compare, .sweep: known.set(.lastFindings, findings.text(at: now))
    case .appeared, .replaced: break
    }
    findings = ComparisonFindings()
  }

  // MARK: Rows that are there

  func compare(
    from row: Int64, in database: Database, _ layout: TableLayout, _ now: Timestamp,
    _ position: inout SQLitePosition, _ events: inout [PendingEvent]
  ) throws {
    let table = position.due[0]
    guard layout.snapshots[table] != nil else {
      _ = try beginNextTable(layout, &position)
      return
    }
    var rows: [(change: RowChange, place: SourcePosition, version: UInt64)] = []
    if row == .min, position.purpose != .fill { rejections.begin(table) }
    // What was kept is asked after the read: a lock of ours must not hold up the source.
    let next = try readRows(table, from: row, in: database, layout, &position) { rows.append(($0, $1, $2)) }
    for (change, place, version) in rows {
      let row = ComparedRow(change: change, place: place, version: version)
      if position.purpose == .fill {
        guard let event = try fill(row, of: table, now) else { continue }
        findings.new += 1
        events.append(event)
      } else if let (event, isNew) = try differing(row, of: table, now) {
        if event.operation != .rejected {
          findings.new += isNew ? 1 : 0
          findings.changed += isNew ? 0 : 1
        }
        events.append(event)
      }
    }
    if next == nil { rejections.end(table) }
    if let next {
      position.phase = .comparing(fromRow: next)
    } else if position.purpose == .fill, position.due.count > 1 {
      try finishTable(layout, now, &position)
    } else {
      position.phase = .sweeping
    }
  }

  /// A row as a comparison has read it. `version`: the newest change that its transaction saw.
  struct ComparedRow {
    var change: RowChange
    var place: SourcePosition
    var version: UInt64
  }

  func event(of row: ComparedRow, _ operation: EventOperation, _ now: Timestamp) -> PendingEvent {
    mapping.pendingEvent(of: row.change, operation, at: row.place, version: .state(row.version), time: now)
  }

  /// What is to be delivered of a row that stands otherwise than it was delivered, and is known from now on; nil:
  /// nothing.
  func differing(
    _ row: ComparedRow, of table: Int, _ now: Timestamp
  ) throws -> (event: PendingEvent, isNew: Bool)? {
    var event = event(of: row, .update, now)
    let comparison = try known.compare(row.change.row, event, of: table)
    if comparison == .isSame {
      bookGone(row.change.row, of: table)
      return nil
    }
    // It was rejected before, and nothing has come of it since.
    if event.operation == .rejected, rejections.isKnown(known.mark(of: row.change.row, table).bytes, of: table) {
      return nil
    }
    if comparison == .isNew, event.operation != .rejected { event = self.event(of: row, .create, now) }
    try known.keep(row.change.row, event, of: table)
    book(&event, row.change.row, of: table)
    return (event, comparison == .isNew)
  }

  /// What is to be delivered of a row that is gone, and is forgotten now; nil: nothing.
  func end(of row: KnownRows.Known, _ table: Int, _ version: UInt64, _ now: Timestamp) throws -> PendingEvent? {
    guard let stub = row.stub else { return nil }
    var event = mapping.pendingEvent(
      of: RowChange(deleted: stub), .delete,
      at: SourcePosition(stream: tables[table].name, record: version, index: 3), version: .state(version), time: now)
    try known.forget(row.key, of: table)
    guard event.operation != .rejected else { return nil }
    event.route = row.route
    return event
  }

  // MARK: Rows that are gone

  func sweep(
    in database: Database, _ layout: TableLayout, _ now: Timestamp, _ position: inout SQLitePosition,
    _ events: inout [PendingEvent]
  ) throws {
    let table = position.due[0]
    guard layout.snapshots[table] != nil, let lookup = layout.lookups[table] else {
      position.due.removeAll { $0 == table && layout.snapshots[table] != nil }
      _ = try beginNextTable(layout, &position)
      return
    }
    let (rows, next) = try known.rows(of: table, after: sweptUpTo, limit: SQLiteSourceLimits.rowsPerRead)
    var gone: [KnownRows.Known] = []
    let version = try database.read {
      if !lookup.isIndexed, sweptKeys == nil { sweptKeys = try allKeys(of: table, in: database, layout) }
      for delivered in rows {
        guard let stub = delivered.stub else { continue }
        if let sweptKeys {
          if !sweptKeys.contains(known.mark(of: stub, table)) { gone.append(delivered) }
        } else {
          let (canTell, row) = try standing(stub, of: table, in: database, layout)
          if canTell, row == nil { gone.append(delivered) }
        }
      }
      return UInt64(clamping: try HistoryBreak.newestChange(in: database).sequence)
    }
    for row in gone {
      guard let event = try end(of: row, table, version, now) else { continue }
      findings.gone += 1
      events.append(event)
    }
    sweptUpTo = next
    if next == nil { try finishTable(layout, now, &position) }
  }

  /// Of a table that nothing finds a row in but reading all of it.
  func allKeys(of table: Int, in database: Database, _ layout: TableLayout) throws -> Set<Token> {
    guard let query = layout.snapshots[table] else { return [] }
    var keys: Set<Token> = []
    let statement = try database.statement(query.sql)
    statement.bind(1, Int64.min)
    statement.bind(2, -1)
    defer { statement.reset() }
    while try statement.step() {
      keys.insert(known.mark(of: SourceRow(tables[table], in: statement, at: query.places), table))
    }
    return keys
  }

  // MARK: Rows that were replaced

  /// How many rows the tables have in which a row may go unseen, of those that were just written to.
  func rowCounts(
    after changes: [RecordedChange], in database: Database, _ layout: TableLayout
  ) throws -> [Int: Int] {
    var counts: [Int: Int] = [:]
    for change in changes where layout.hidesReplacedRows.contains(change.table) {
      guard counts[change.table] == nil else { continue }
      let name = SQLName.quoted(tables[change.table].name)
      counts[change.table] = Int(try database.integer("SELECT count(*) FROM main.\(name)") ?? 0)
    }
    return counts
  }

  /// A table that has fewer rows than are known of it, or more, is to be looked through. Rows that were rejected are
  /// not known, so a difference that stays says nothing.
  func lookThrough(_ counts: [Int: Int], _ position: inout SQLitePosition) throws {
    guard !counts.isEmpty, position.purpose != .fill || position.due.isEmpty, try known.fact(.isWhole) != nil else {
      return
    }
    for (table, count) in counts.sorted(by: { $0.key < $1.key }) {
      guard let kept = known.count(of: table), count - kept != surplus[table, default: 0] else { continue }
      surplus[table] = count - kept
      if position.due.isEmpty { position.purpose = .replaced }
      if !position.due.contains(table) { position.due.append(table) }
    }
  }
}
