/// Rows under named columns.
package struct ReportTable: Sendable, Equatable {
  /// Key in JSON: "rows", "base_rows", "purchases".
  package var key: String
  /// Heading for people; nil for the main table.
  package var title: String?
  /// In the order of the rows' cells.
  package var columns: [ReportColumn]
  /// Each as long as `columns`.
  package var rows: [[ReportCell]]

  package init(key: String = "rows", title: String? = nil, columns: [ReportColumn], rows: [[ReportCell]]) {
    self.key = key
    self.title = title
    self.columns = columns
    self.rows = rows
  }

  /// Whether it has no row, or nothing but zeros under its columns of numbers.
  var isWithoutFigures: Bool {
    rows.allSatisfy { row in
      zip(row, columns).allSatisfy { cell, column in
        switch column.kind {
        case .text, .identifier: true
        case .count, .money, .basisPoints: cell.integer == 0
        }
      }
    }
  }
}

/// A column of a table.
package struct ReportColumn: Sendable, Equatable {
  /// What its values are, and so how people see them.
  package enum Kind: Sendable, Equatable {
    case text
    /// A number that names something: not grouped, not summed.
    case identifier
    case count
    /// Minor units of the row's column `currency`; its name ends in `_minor`.
    case money
    /// Hundredths of a percent; its name ends in `_bp`.
    case basisPoints
  }

  /// Key in JSON and head in CSV, snake_case.
  package var name: String
  /// What its values are.
  package var kind: Kind

  package init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// One value of a row.
package enum ReportCell: Sendable, Equatable {
  case text(String)
  case integer(Int64)

  var integer: Int64 { if case .integer(let value) = self { value } else { 0 } }
  var text: String { if case .text(let value) = self { value } else { "" } }
}

extension ReportCell: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  /// A text.
  package init(stringLiteral value: String) { self = .text(value) }
  /// A number.
  package init(integerLiteral value: Int64) { self = .integer(value) }
}
