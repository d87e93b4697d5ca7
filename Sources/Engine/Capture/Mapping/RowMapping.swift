package import Entity
package import Money

/// What a domain says of the tables of a database: which are captured, and what their rows are to the log. Whoever
/// reads the database (an adapter, for one kind of database each) knows snapshots, changes and positions, and asks the
/// mapping what each row means; so a mapping names no kind of database.
///
/// A mapping is asked from one thread at a time, that of its source.
package protocol RowMapping {
  /// What people call the database, without an article: "platform database".
  var title: String { get }
  /// The captured tables, in the order in which a first look reads them: what others refer to comes first. Positions
  /// name tables by their place here, so a table that is added goes to the end, or a new snapshot is needed.
  var tables: [SourceTable] { get }
  /// Every topic that events of these rows go to.
  var topics: [String] { get }

  /// What a person should know about a table's shape, given the columns that the database has (none: there is no such
  /// table). The database is read all the same; what cannot be read then is rejected row by row.
  func notes(on table: SourceTable, having columns: [String]) -> Set<SourceNote>
  /// A key column's value as events hold it, where a value may be written in several ways (01 and 1): two rows with the
  /// same texts are one row to the log.
  func keyText(_ column: String, of row: SourceRow) -> String?
  /// The event that a row that was made, changed or deleted stands for.
  func event(of change: RowChange) throws(RowFault) -> MappedEvent
  /// Where a row goes that does not parse, from what is readable of it.
  func place(ofRejected row: SourceRow, referred: String) -> (topic: String, route: Token)
}

extension RowMapping {
  /// Missing tables and columns that are not rare, and columns that are not captured, by name.
  package func notes(on table: SourceTable, having columns: [String]) -> Set<SourceNote> {
    guard !columns.isEmpty else { return table.isRare ? [] : [SourceNote(.missingTable, table.name)] }
    var notes: Set<SourceNote> = []
    for column in columns where table.place(of: column) == nil && !table.ignored.contains(column) {
      notes.insert(SourceNote(.droppedColumn, "\(table.name).\(column)"))
    }
    for column in table.columns where !columns.contains(column) && !table.rare.contains(column) {
      notes.insert(SourceNote(.missingColumn, "\(table.name).\(column)"))
    }
    return notes
  }

  /// The value as text.
  package func keyText(_ column: String, of row: SourceRow) -> String? { row.optionalText(column) }

  /// Whether both rows are one row to the log. As a delete and a create of one version two of one key would supersede
  /// each other.
  package func isSameKey(_ row: SourceRow, _ other: SourceRow) -> Bool {
    row.table.key.allSatisfy { place in
      if row.values[place] == other.values[place] { return true }
      let column = row.table.columns[place]
      return keyText(column, of: row) == keyText(column, of: other)
    }
  }

  /// The event of a changed row at its place in the source; where the row does not parse, a rejected one. `time` stands
  /// where the row tells none of its own.
  package func pendingEvent(
    of change: RowChange, _ operation: EventOperation, at position: SourcePosition, version: PendingVersion,
    time: Timestamp
  ) -> PendingEvent {
    do {
      let event = try event(of: change)
      let findings = change.row.findings
      return PendingEvent(
        topic: event.topic, route: event.route, operation: operation, position: position, version: version,
        occurredAt: event.time ?? time, flags: findings.isEmpty ? event.flags : event.flags + findings, key: event.key,
        content: event.content, subjects: event.subjects)
    } catch {
      let (topic, route) = place(ofRejected: change.row, referred: change.referred)
      return .rejected(
        RowFault(reason: error.reason, detail: "\(change.row.table.name).\(error.detail)"), raw: change.row.dump(),
        topic: topic, route: route, position: position, version: version, occurredAt: time)
    }
  }
}

/// A row that was made, read in a snapshot, changed or deleted.
package struct RowChange: Sendable {
  /// The row as it is, or as it was before it was deleted.
  package let row: SourceRow
  /// The value that the table's `refersTo` asks for; "" where nobody knows it, or nothing is asked for.
  package let referred: String
  @usableFromInline let old: SourceRow?
  @usableFromInline let isDeleted: Bool

  /// A row that is there now. `before`: as it was; nil: it was made, or read in a snapshot.
  package init(_ row: SourceRow, before: SourceRow? = nil, referred: String = "") {
    self.row = row
    self.referred = referred
    old = before
    isDeleted = false
  }

  /// A row that is gone.
  package init(deleted row: SourceRow, referred: String = "") {
    self.row = row
    self.referred = referred
    old = nil
    isDeleted = true
  }

  /// nil: it was made, or read in a snapshot.
  package var before: SourceRow? { isDeleted ? row : old }
  /// nil: it was deleted.
  package var after: SourceRow? { isDeleted ? nil : row }

  /// Reads both rows as what they describe. The row before only has to parse when it is all there is, and then only its
  /// key: what else does not parse of it is empty.
  @inlinable package func read<Described: Sendable & Equatable>(
    _ read: (SourceRow) throws(RowFault) -> Described
  ) throws(RowFault) -> (change: Change<Described>, row: SourceRow, described: Described) {
    if !isDeleted {
      let described = try read(row)
      var before: Described?
      if let old { before = try? read(old) }
      return (Change(before: before, after: described), row, described)
    }
    var gone = row
    gone.isLenient = true
    let described = try read(gone)
    return (Change(before: described, after: nil), gone, described)
  }
}
