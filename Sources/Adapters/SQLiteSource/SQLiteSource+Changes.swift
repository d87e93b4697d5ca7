internal import Capture
internal import Entity
internal import Money
internal import SQLite
internal import Telemetry

/// Reading the change table.
extension SQLiteSource {
  /// Answers whether there were no more.
  func readChanges(
    in database: Database, _ layout: TableLayout, _ now: Timestamp, _ position: inout SQLitePosition,
    _ events: inout [PendingEvent]
  ) throws -> Bool {
    for index in referred.indices { referred[index].beginRead() }
    let before = position.sequence
    var changes: [RecordedChange] = []
    let (isEnd, counts) = try database.read {
      try recallUnsettled(in: database, layout, &position)
      let count = try records(after: position.sequence, in: database, layout) { change, slot in
        position.sequence = slot.sequence
        position.mark = slot.mark
        changes += change
      }
      changesRead.add(Int64(count))
      let isEnd =
        try count < SQLiteSourceLimits.rowsPerRead
        || database.integer("SELECT 1 FROM main.millrace_changes WHERE seq > ? LIMIT 1", [.integer(position.sequence)])
          == nil
      try settle(&changes, isEnd: isEnd, in: database, layout, position)
      return (isEnd, isEnd ? try rowCounts(after: changes, in: database, layout) : [:])
    }
    let isWhole = try known.fact(.isWhole) != nil
    for change in changes { try deliver(change, isWhole: isWhole, now, &events) }
    try lookThrough(counts, &position)
    if unsettled.count > SQLiteSourceLimits.unsettledRows {
      position.due = Set(position.due).union(unsettled.values.map(\.table)).sorted()
      position.purpose = .compare
      unsettled = [:]
    }
    if isEnd || unsettled.isEmpty {
      position.unsettledFrom = 0
    } else if position.unsettledFrom == 0 {
      position.unsettledFrom = before == .max ? before : max(before + 1, 1)
    }
    return isEnd
  }

  /// Reads on behind a change; answers how many lines of the change table that were.
  private func records(
    after sequence: Int64, in database: Database, _ layout: TableLayout,
    _ take: ([RecordedChange], RecordedChange.Slot) throws -> Void
  ) throws -> Int {
    var count = 0
    let statement = try database.statement(TableLayout.changesSQL)
    statement.bind(1, sequence)
    statement.bind(2, SQLiteSourceLimits.rowsPerRead)
    defer { statement.reset() }
    while try statement.step() {
      count += 1
      let slot = RecordedChange.Slot(sequence: statement.int64(0), mark: statement.text(1))
      try take(try record(statement, slot, database, layout), slot)
    }
    return count
  }

  /// Empty: it says nothing.
  private func record(
    _ statement: Statement, _ slot: RecordedChange.Slot, _ database: Database, _ layout: TableLayout
  ) throws -> [RecordedChange] {
    // Rows in the change table that no trigger of ours wrote say nothing.
    guard let columns = layout.changes[statement.text(2)] else { return [] }
    let table = tables[columns.table]
    let code = statement.text(3)
    let operation = code.uppercased()
    guard ["I", "U", "D"].contains(operation) else { return [] }
    var change = RecordedChange(table: columns.table, referred: "", isKeyOnly: operation != code, slot: slot)
    if operation != "I" { change.before = SourceRow(table, in: statement, at: columns.before) }
    if operation != "D" { change.after = SourceRow(table, in: statement, at: columns.after) }
    if !change.isKeyOnly {
      change.referred = try referredValue(
        for: columns, operation == "D" ? columns.before : columns.after, statement, slot.sequence, database, layout)
    }
    guard let before = change.before, let after = change.after else { return [change] }
    if before.values == after.values, !change.isKeyOnly { return [] }
    if mapping.isSameKey(before, after) { return [change] }
    var made = change
    change.after = nil
    made.before = nil
    made.slot.index = 1
    return [change, made]
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

  // MARK: The last state

  /// Holds the newest change of each row against the row as it stands in the same transaction. While there are newer
  /// changes to read, a row that differs may have one among them: it waits.
  private func settle(
    _ changes: inout [RecordedChange], isEnd: Bool, in database: Database, _ layout: TableLayout,
    _ position: SQLitePosition
  ) throws {
    var places: [[UInt8]: [Int]] = [:]
    for index in changes.indices {
      guard let row = changes[index].row else { continue }
      let isFound = layout.lookups[changes[index].table]?.isIndexed ?? false
      guard isFound || changes[index].isKeyOnly else { continue }
      places[known.plainKey(row, of: changes[index].table), default: []].append(index)
    }
    for (key, places) in places {
      guard let last = places.last, let row = changes[last].row else { continue }
      let (canTell, standing) = try standing(row, of: changes[last].table, in: database, layout)
      unsettled[key] = nil
      // Of a recorded key nothing is known but that the row was written.
      for place in places where changes[place].isKeyOnly { changes[place].take(standing, canTell: canTell) }
      guard canTell else { continue }
      if changes[last].isKeyOnly || isEnd {
        if isEnd { ChangeOrder.settle(&changes, at: places, standing: standing) }
      } else if changes[last].after?.values != standing?.row.values {
        unsettled[key] = UnsettledRow(table: changes[last].table, row: row)
      }
    }
    guard isEnd else { return }
    // Their newest change is older than the newest of all: that one's number makes them newer.
    let slot = RecordedChange.Slot(sequence: position.sequence, mark: position.mark, index: 2)
    for (key, waiting) in unsettled.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      unsettled[key] = nil
      let (canTell, standing) = try standing(waiting.row, of: waiting.table, in: database, layout)
      guard canTell else { continue }
      changes.append(
        RecordedChange(
          table: waiting.table, before: waiting.row, after: standing?.row, referred: standing?.referred ?? "",
          slot: slot))
    }
  }

  /// After a restart amid changes: reads again which rows waited. Where their changes are no longer there, all tables
  /// are compared.
  private func recallUnsettled(
    in database: Database, _ layout: TableLayout, _ position: inout SQLitePosition
  ) throws {
    if knowsUnsettled { return }
    knowsUnsettled = true
    guard position.unsettledFrom > 0 else { return }
    if let oldest = try database.integer("SELECT min(seq) FROM main.millrace_changes"),
      oldest > position.unsettledFrom
    {
      position.due = Array(tables.indices)
      position.purpose = .compare
      return
    }
    var sequence = position.unsettledFrom - 1
    var isDone = false
    while !isDone {
      let count = try records(after: sequence, in: database, layout) { changes, slot in
        sequence = slot.sequence
        if sequence > position.sequence { isDone = true }
        for change in changes where !isDone {
          guard let row = change.row, layout.lookups[change.table]?.isIndexed == true else { continue }
          unsettled[known.plainKey(row, of: change.table)] = UnsettledRow(table: change.table, row: row)
        }
      }
      if count < SQLiteSourceLimits.rowsPerRead { isDone = true }
    }
  }

  // MARK: Events

  private func deliver(
    _ change: RecordedChange, isWhole: Bool, _ now: Timestamp, _ events: inout [PendingEvent]
  ) throws {
    let record = UInt64(clamping: change.slot.sequence)
    let place = SourcePosition(stream: tables[change.table].name, record: record, index: change.slot.index)
    let time = Timestamp(change.slot.mark) ?? now
    func event(_ row: RowChange, _ operation: EventOperation) -> PendingEvent {
      mapping.pendingEvent(of: row, operation, at: place, version: .state(record), time: time)
    }
    guard let after = change.after else {
      guard let before = change.before else { return }
      bookGone(before, of: change.table)
      var gone = event(RowChange(deleted: before, referred: change.referred), .delete)
      if change.isKeyOnly {
        // It may have come and gone unseen, or its end was told already. What it referred to is known from before.
        let delivered = try known.find(before, gone, of: change.table)
        if delivered == nil, isWhole { return }
        if let delivered, let stub = delivered.stub {
          gone = event(RowChange(deleted: stub), .delete)
          gone.route = delivered.route
        }
      }
      try known.forget(before, gone, of: change.table)
      if !isWhole { noteGone(gone, of: change.table) }
      events.append(gone)
      return
    }
    let before = change.isKeyOnly ? nil : change.before
    if let before, before.values == after.values { return }
    var made = event(
      RowChange(after, before: before, referred: change.referred), change.before == nil ? .create : .update)
    if change.isKeyOnly, try known.compare(after, made, of: change.table) == .isSame { return }
    try known.keep(after, made, of: change.table)
    book(&made, after, of: change.table)
    events.append(made)
  }
}
