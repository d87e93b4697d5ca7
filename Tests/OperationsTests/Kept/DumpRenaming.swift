/// How what a mart said before is said today. What no rule names must be the same to the letter: every table, column and
/// row.
struct DumpRenaming {
  /// A row by its columns; values as a dump writes them: 385, "platform" with its quotes, NULL.
  typealias Row = [String: String]

  /// What became of the rows of one table.
  struct Rule {
    /// Its name today; nil: as before.
    var table: String?
    /// Old column → what a value of it is today; none: it is gone.
    var columns: [String: @Sendable (String) -> Row] = [:]
    /// What every row has now that none had before.
    var added: Row = [:]
    /// Columns of today, hashes say, of which only this must be as before: equal where equal, different where different.
    var equalWhereEqual: Set<String> = []
    /// Columns of today that say what other tables say, too, and nobody said here before.
    var ignored: Set<String> = []
    /// For what depends on several columns of the renamed row.
    var row: @Sendable (inout Row) -> Void = { _ in }
  }

  /// Tables that have a rule, by their old names.
  var rules: [String: Rule] = [:]
  /// Tables of today that say nothing which was said before.
  var newTables: Set<String> = []

  /// Where `new` is not `old` in today's words, as sentences; at most one for each table.
  func differences(from old: MartDump, to new: MartDump) -> [String] {
    var found: [String] = []
    var expected: [String: [Row]] = [:]
    for (name, table) in old.tables {
      expected[rules[name]?.table ?? name] = table.rows.map { today(Self.row(table.columns, $0), of: name) }
    }
    for name in Set(expected.keys).union(new.tables.keys).subtracting(newTables).sorted() {
      guard let wanted = expected[name], let table = new.tables[name] else {
        found.append("\(name): the table is \(expected[name] == nil ? "new" : "gone")")
        continue
      }
      let loose = rules.values.filter { $0.table == name }.first ?? rules[name]
      let rows = table.rows.map { row in
        Self.row(table.columns, row).filter { loose?.ignored.contains($0.key) != true }
      }
      if let difference = Self.difference(wanted, rows, loose?.equalWhereEqual ?? []) {
        found.append("\(name): \(difference)")
      }
    }
    return found
  }

  private static func row(_ columns: [String], _ values: [String]) -> Row {
    Row(zip(columns, values), uniquingKeysWith: { first, _ in first })
  }

  private func today(_ old: Row, of table: String) -> Row {
    guard let rule = rules[table] else { return old }
    var row = rule.added
    for (column, value) in old {
      row.merge(rule.columns[column]?(value) ?? [column: value]) { first, _ in first }
    }
    rule.row(&row)
    return row
  }

  /// Rows are a set: their order follows from their keys, which may have been renamed.
  private static func difference(_ wanted: [Row], _ found: [Row], _ loose: Set<String>) -> String? {
    func sorted(_ rows: [Row]) -> [(key: String, row: Row)] {
      rows.map { (key: text($0.filter { !loose.contains($0.key) }), row: $0) }.sorted { $0.key < $1.key }
    }
    let (wanted, found) = (sorted(wanted), sorted(found))
    for (left, right) in zip(wanted, found) where left.key != right.key {
      return "expected \(left.key), found \(right.key)"
    }
    if wanted.count != found.count { return "expected \(wanted.count) rows, found \(found.count)" }
    for column in loose.sorted() {
      var there: [String: String] = [:]
      var back: [String: String] = [:]
      for (left, right) in zip(wanted, found) {
        guard let before = left.row[column], let now = right.row[column] else {
          return "expected a column \(column) in both"
        }
        guard there.updateValue(now, forKey: before) ?? now == now,
          back.updateValue(before, forKey: now) ?? before == before
        else { return "\(column) is no longer equal where it was equal, at \(left.key)" }
      }
    }
    return nil
  }

  private static func text(_ row: Row) -> String {
    row.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }
}

extension DumpRenaming.Rule {
  /// For `millrace_identity`: projections that have another version by now.
  /// `rules`: of the enrichment.
  static func versions(_ versions: [String: Int], rules: Int? = nil) -> Self {
    Self(row: { row in
      if let rules, row["part"] == "\"enrichment_rules\"" { row["value"] = "\"\(rules)\"" }
      for (projection, version) in versions where row["part"] == "\"projection.\(projection)\"" {
        row["value"] = "\"\(version)\""
      }
    })
  }
}
