/// One table of a mart, with the words for `describe`. Becomes a STRICT table.
package struct TableDefinition: Sendable {
  /// A column, as SQL and in words.
  package struct Column: Sendable {
    /// The column's name, without quotes.
    package var name: String
    /// SQL type and constraints, e.g. "INTEGER NOT NULL".
    package var declaration: String
    /// Meaning, unit, range.
    package var meaning: String

    package init(_ name: String, _ declaration: String, _ meaning: String) {
      self.name = name
      self.declaration = declaration
      self.meaning = meaning
    }
  }

  /// The table's name; unique among all tables and views of the mart.
  package var name: String
  /// What a row is, as a sentence for `describe`.
  package var meaning: String
  /// In the order of the table.
  package var columns: [Column]
  /// Table constraints after the columns, e.g. ["PRIMARY KEY (day, country)"].
  package var constraints: [String]
  /// Whether the table is a WITHOUT ROWID one; it then needs a primary key.
  package var withoutRowID: Bool
  /// Whole statements: "CREATE INDEX orders_by_day ON orders (day)".
  package var indexes: [String]
  /// Columns that name rows of other tables of the mart. For documents: SQLite does not enforce them, because what a
  /// row refers to may arrive later.
  package var references: [TableReference]
  /// SELECT that gives the table's content independent of surrogate keys and insertion order, for the law of replay and
  /// `diff`. Empty for a table that is no function of the log. In order, or `dumpOrder` says in which.
  package var canonicalDump: String
  /// Terms of an ORDER BY over the dump's own tables, for whoever writes the dump out; empty: it is in order. Comparing
  /// rows as a set needs none, and sorting by what columns stand for takes longer than reading them.
  package var dumpOrder: String
  /// What tells the month of a row of the dump, so that differences can be shown per month; nil: the table knows no
  /// time.
  package var month: MonthColumn?

  package init(
    _ name: String, _ meaning: String, columns: [Column], constraints: [String] = [], withoutRowID: Bool = false,
    indexes: [String] = [], references: [TableReference] = [], canonicalDump: String, dumpOrder: String = "",
    month: MonthColumn? = nil
  ) {
    self.name = name
    self.meaning = meaning
    self.columns = columns
    self.constraints = constraints
    self.withoutRowID = withoutRowID
    self.indexes = indexes
    self.references = references
    self.canonicalDump = canonicalDump
    self.dumpOrder = dumpOrder
    self.month = month
  }

  /// The dump, in its order.
  var orderedDump: String { dumpOrder.isEmpty ? canonicalDump : "\(canonicalDump) ORDER BY \(dumpOrder)" }

  /// The statements that create the table and its indexes.
  package var statements: [String] {
    let parts = columns.map { "\($0.name) \($0.declaration)" } + constraints
    let options = withoutRowID ? "STRICT, WITHOUT ROWID" : "STRICT"
    return ["CREATE TABLE \(name) (\n  \(parts.joined(separator: ",\n  "))\n) \(options)"] + indexes
  }
}

/// Columns of a table that together name a row of another table, or of the same.
package struct TableReference: Sendable, Equatable {
  /// In the order of the other table's key.
  package var columns: [String]
  /// The table referred to.
  package var table: String

  package init(_ columns: String..., to table: String) {
    self.columns = columns
    self.table = table
  }
}

/// SQL over the columns of a table's canonical dump (as `d`) that gives the moment a row belongs to.
package enum MonthColumn: Sendable {
  /// Days since 1970-01-01.
  case day(String)
  /// Milliseconds since 1970-01-01T00:00:00Z.
  case millis(String)

  /// Days since 1970-01-01; NULL where the row knows none.
  var daySQL: String {
    switch self {
    case .day(let sql): sql
    case .millis(let sql): "(\(sql)) / 86400000"
    }
  }
}

/// What must hold in a generation whatever events it was made of. A rebuilt one that breaks it is not put to use.
package struct MartInvariant: Sendable {
  /// Short, for findings: "ledger.gross".
  package var name: String
  /// What holds, as a sentence.
  package var meaning: String
  /// SELECT of one number: how often it is broken.
  package var violations: String

  package init(_ name: String, _ meaning: String, violations: String) {
    self.name = name
    self.meaning = meaning
    self.violations = violations
  }
}

/// A documented view for people with their own SQL tools: names, ISO dates, decimal money.
package struct ViewDefinition: Sendable {
  /// The view's name.
  package var name: String
  /// What a row is, as a sentence for `describe`.
  package var meaning: String
  /// The SELECT behind the view; its columns in the order of `columns`.
  package var select: String
  /// In the order of `select`'s result columns.
  package var columns: [(name: String, meaning: String)]

  package init(_ name: String, _ meaning: String, select: String, columns: [(name: String, meaning: String)]) {
    self.name = name
    self.meaning = meaning
    self.select = select
    self.columns = columns
  }

  /// The documented names stand in the statement, so that documentation and result cannot differ.
  package var statement: String {
    "CREATE VIEW \(name) (\(columns.map(\.name).joined(separator: ", "))) AS \(select)"
  }
}
