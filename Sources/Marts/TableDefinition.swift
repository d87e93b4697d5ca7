/// One table of a mart, with the words for `describe`. Becomes a STRICT table.
package struct TableDefinition: Sendable {
  package struct Column: Sendable {
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

  package var name: String
  package var meaning: String
  package var columns: [Column]
  /// Table constraints after the columns, e.g. ["PRIMARY KEY (day, country)"].
  package var constraints: [String]
  package var withoutRowID: Bool
  /// Whole statements: "CREATE INDEX orders_by_day ON orders (day)".
  package var indexes: [String]
  /// SELECT that gives the table's content independent of surrogate keys and insertion order, for the law of replay and
  /// `diff`. Empty for a table that is no function of the log.
  package var canonicalDump: String

  package init(
    _ name: String, _ meaning: String, columns: [Column], constraints: [String] = [], withoutRowID: Bool = false,
    indexes: [String] = [], canonicalDump: String
  ) {
    self.name = name
    self.meaning = meaning
    self.columns = columns
    self.constraints = constraints
    self.withoutRowID = withoutRowID
    self.indexes = indexes
    self.canonicalDump = canonicalDump
  }

  /// The statements that create the table and its indexes.
  package var statements: [String] {
    let parts = columns.map { "\($0.name) \($0.declaration)" } + constraints
    let options = withoutRowID ? "STRICT, WITHOUT ROWID" : "STRICT"
    return ["CREATE TABLE \(name) (\n  \(parts.joined(separator: ",\n  "))\n) \(options)"] + indexes
  }
}

/// A documented view for people with their own SQL tools: names, ISO dates, decimal money.
package struct ViewDefinition: Sendable {
  package var name: String
  package var meaning: String
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
