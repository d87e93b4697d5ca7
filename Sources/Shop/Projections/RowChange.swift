package import Events

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

extension Guarded where P == PersonToken {
  /// The form in marts: what is public as it is, a natural person's as ~ and the token in hexadecimal.
  package var martText: String {
    switch self {
    case .open(let text): text
    case .personal(let token): "~" + token.hexadecimal
    }
  }

  package var openText: String? {
    if case .open(let text) = self { text } else { nil }
  }

  package var token: Token? {
    if case .personal(let token) = self { token } else { nil }
  }
}

/// SQLite's integers are signed; versions keep their bits and are compared as unsigned again when read.
extension StateVersion {
  package init(stored major: Int64, _ minor: Int64) {
    self.init(major: UInt64(bitPattern: major), minor: UInt64(bitPattern: minor))
  }
  package var storedMajor: Int64 { Int64(bitPattern: major) }
  package var storedMinor: Int64 { Int64(bitPattern: minor) }
}
