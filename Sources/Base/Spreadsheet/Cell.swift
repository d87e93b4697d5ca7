/// One cell of a table.
package enum Cell: Sendable, Equatable {
  case empty
  case text(String)
  /// Decimal text as it stands, e.g. "-12.50"; never through a floating-point value.
  case number(String)
  /// ISO 8601 text: "2026-11-21", or "2026-11-21T09:30:00Z". A spreadsheet's times have no zone and count as UTC.
  case date(String)
  /// What a formula gave in place of a value: "#N/A"; "#NONE" where nobody has worked it out yet.
  case error(String)

  /// The cell's content as text; "" for an empty one.
  package var string: String {
    switch self {
    case .empty: ""
    case .text(let text), .number(let text), .date(let text), .error(let text): text
    }
  }
}

/// A table with one header line, as the writers take it.
package struct SheetTable: Sendable, Equatable {
  package var header: [String]
  package var rows: [[Cell]]

  package init(header: [String], rows: [[Cell]]) {
    self.header = header
    self.rows = rows
  }
}
