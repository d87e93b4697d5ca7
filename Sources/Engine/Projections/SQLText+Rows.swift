package import Marts

// Numbers of rows (`RowNumbers`) in SQL: what they stand for, and in which order. Plain SQL, since people open marts
// with tools of their own. Each takes a column or expression with its table's name or alias before it: "o.order_id".

extension SQLText {
  /// The name of the system that the row with this number belongs to. `schema`: where marts are attached, that of the
  /// number's mart.
  package static func system(_ number: String, in schema: String = "main") -> String {
    "(SELECT name FROM \(place(schema))systems WHERE systems.number = \(systemNumber(number)))"
  }

  /// The row's key: an integer where it is one from 0 to 2^48 − 1, else its text; NULL for NULL.
  package static func key(_ number: String, in schema: String = "main") -> String {
    "CASE WHEN \(number) >= 0 THEN \(number) & \(RowNumbers.keyMask) ELSE "
      + "(SELECT text FROM \(place(schema))row_keys WHERE row_keys.number = \(number)) END"
  }

  /// Terms of an ORDER BY: by the system's name, then by key, in the order of `RowName`.
  package static func order(by number: String, in schema: String = "main") -> String {
    "\(system(number, in: schema)), \(keyOrder(number, in: schema))"
  }

  /// Terms of an ORDER BY: by key alone.
  static func keyOrder(_ number: String, in schema: String = "main") -> String {
    func stored(_ column: String) -> String {
      "(SELECT \(column) FROM \(place(schema))row_keys WHERE row_keys.number = \(number))"
    }
    // Keys that begin with an integer come first, by that integer; then the bytes decide, of which a plain integer has
    // none more.
    return "CASE WHEN \(number) >= 0 THEN \(number) & \(RowNumbers.keyMask) ELSE \(stored("leading")) END NULLS LAST, "
      + "CASE WHEN \(number) >= 0 THEN x'' ELSE \(stored("row_keys.key")) END"
  }

  /// Condition: the rows with these numbers belong to one system.
  package static func isSameSystem(_ left: String, _ right: String) -> String {
    "\(systemNumber(left)) = \(systemNumber(right))"
  }

  /// The number of a row's system, as in the table `systems`.
  package static func systemNumber(_ number: String) -> String { "((\(number) >> 48) & \(RowNumbers.lastSystem))" }

  /// The number of one row where several systems may have one of the same meaning: of the rows of `table` that fulfil
  /// `condition` the first by system and key, and before them one of the system of the row `beside`. So joining it
  /// never doubles anything.
  package static func one(
    _ number: String, from table: String, where condition: String, beside: String? = nil
  ) -> String {
    func first(_ condition: String) -> String {
      "(SELECT \(number) FROM \(table) WHERE \(condition) ORDER BY \(order(by: number)) LIMIT 1)"
    }
    // An ORDER BY in a subquery cannot name the row outside (SQLite 3.40).
    guard let beside else { return first(condition) }
    return "coalesce(\(first("\(condition) AND \(isSameSystem(number, beside))")), \(first(condition)))"
  }

  /// A view in a file that is attached may not name a schema, and needs none: names are looked up in its own file
  /// first.
  private static func place(_ schema: String) -> String { schema == "main" ? "" : schema + "." }
}

extension TableDefinition {
  /// A table with one row for each row of a source, under its number.
  ///
  /// - number: the column of the number, and what a row is: ("order_id", "the order").
  /// - columns: behind the number and the state version.
  /// - referring: those of them that hold numbers of other rows.
  /// - dumped: columns that only the dump has, as SQL over the table, whose rows are `t`.
  ///
  /// The dump has the system and the key in place of each number.
  package static func ofRows(
    _ name: String, _ meaning: String, number: (name: String, row: String), columns: [Column],
    referring: Set<String> = [], dumped: [(name: String, sql: String)] = [], indexes: [String] = [],
    references: [TableReference] = [], month: MonthColumn? = nil
  ) -> TableDefinition {
    let columns = Column.version + columns
    let shown =
      columns.map { referring.contains($0.name) ? "\(SQLText.key("t.\($0.name)")) AS \($0.name)" : "t.\($0.name)" }
      + dumped.map { "\($0.sql) AS \($0.name)" }
    return TableDefinition(
      name, meaning,
      columns: [.init(number.name, "INTEGER PRIMARY KEY", "Number of \(number.row) in this mart, see row_keys.")]
        + columns,
      indexes: indexes, references: references, canonicalDump: "", month: month
    ).dumpingRows([], number: number.name, shown)
  }

  /// With a dump for a table that holds something about rows: columns `before` the system and the key, and `after`
  /// them, as SQL over the table, whose rows are `t`. In the order of the former, of system and key, and of the first
  /// of the latter.
  package func dumpingRows(_ before: [String], number: String, _ after: [String]) -> TableDefinition {
    var table = self
    let row = "t.\(number)"
    let columns = before + ["s.name AS system", "\(SQLText.key(row)) AS \(number)"] + after
    let terms = (1...(before.count + 1)).map(String.init) + [SQLText.keyOrder(row), "\(before.count + 3)"]
    // Joined in this order: a subquery for each row takes longer.
    table.canonicalDump =
      "SELECT \(columns.joined(separator: ", ")) FROM \(name) t CROSS JOIN systems s ON s.number = "
      + SQLText.systemNumber(row)
    table.dumpOrder = terms.joined(separator: ", ")
    return table
  }
}
