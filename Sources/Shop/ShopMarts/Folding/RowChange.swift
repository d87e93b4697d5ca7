package import Entity
package import Events
package import Projections

/// What a change event says about one row.
package struct RowChange<Row> {
  /// The row after the change; for a delete the row that went.
  package var row: Row
  package var isDelete: Bool
}

extension Event {
  /// Reads operation and payload together. A change that lacks the row it is about is a data error.
  package func rowChange<Row>(_ change: Change<Row>) throws(QuarantineReason) -> RowChange<Row> {
    switch operation {
    case .create, .update, .snapshot:
      guard let row = change.after else { throw QuarantineReason("event.incomplete", "after") }
      return RowChange(row: row, isDelete: false)
    case .delete:
      guard let row = change.before else { throw QuarantineReason("event.incomplete", "before") }
      return RowChange(row: row, isDelete: true)
    default:
      throw QuarantineReason("event.unknownOperation", "operation \(operation.rawValue)")
    }
  }
}
