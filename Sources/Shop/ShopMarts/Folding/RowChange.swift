internal import Entity
internal import Events
internal import Projections

/// What a change event says about one row.
struct RowChange<Row> {
  /// System and key.
  var name: RowName
  /// The row after the change; for a delete the row that went, where the event tells.
  var row: Row?
  var isDelete: Bool

  /// The row's new state; nil: it was deleted.
  var state: Row? { isDelete ? nil : row }
}

extension RowsProjection {
  /// Folds the newest state of one row into the table with this index. Throws what the change lacks, and what `values`
  /// throws.
  func fold<Row>(
    _ event: Event<PersonToken>, _ change: Change<Row>, into table: Int = 0,
    _ values: (Row) throws(QuarantineReason) -> [RowValue]
  ) throws(QuarantineReason) {
    let newest = try event.rowChange(change)
    rows.fold(
      VersionedRows.Key(table: table, name: newest.name),
      VersionedRows.State(version: event.version, values: try newest.state.map(values), flags: event.flags))
  }
}

extension Event where P == PersonToken {
  /// Reads operation, key and payload together. A change that lacks the row it is about is a data error; a delete needs
  /// no row, only a key.
  @inline(__always)
  func rowChange<Row>(_ change: Change<Row>) throws(QuarantineReason) -> RowChange<Row> {
    let key = try changedKey(change)
    let isDelete = operation == .delete
    return RowChange(
      name: RowName(system: source, key: key), row: isDelete ? change.before : change.after, isDelete: isDelete)
  }

  /// The key of the row that is changed, where the change says all that it must. For the rows that are most of a log:
  /// they are taken out of the change as they lie.
  @inline(__always)
  func changedKey<Row>(_ change: Change<Row>) throws(QuarantineReason) -> RowKey<PersonToken> {
    switch operation {
    case .create, .update, .snapshot:
      guard change.hasAfter else { throw QuarantineReason("event.incomplete", "after") }
    case .delete: break
    default:
      throw QuarantineReason("event.unknownOperation", "operation \(operation.rawValue)")
    }
    guard let key else { throw QuarantineReason("event.incomplete", "key") }
    return key
  }
}
