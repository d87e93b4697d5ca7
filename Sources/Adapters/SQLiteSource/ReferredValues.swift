internal import Capture
internal import SQLite

/// Values of other tables' rows that a table's rows refer to, looked up when capture reads their changes. What the
/// other row is now decides; of a row that is gone, what the change table tells of its deletion, which a cascade puts
/// close to those of the rows that refer to it.
struct ReferredValues {
  private let referred: ReferredValue
  private let presentSQL: String
  /// By the other row's key as text.
  private var deleted: [String: String] = [:]
  /// Up to where deletions were looked for.
  private var searched: ClosedRange<Int64>?
  /// What was found last in this read; rows that refer to one row mostly come together.
  private var latest: (key: Value, value: String)?

  init(_ referred: ReferredValue) {
    self.referred = referred
    presentSQL =
      "SELECT \(SQLName.quoted(referred.value)) FROM main.\(SQLName.quoted(referred.table)) "
      + "WHERE \(SQLName.quoted(referred.key)) = ?"
  }

  /// Another read begins: what was not found may be there now.
  mutating func beginRead() {
    searched = nil
    latest = nil
  }

  /// "" where nobody knows: such rows are alike all the same. Call inside the transaction that reads the change with
  /// this number, and only where the other table has the columns. `columns`: the other table's, in the change table.
  mutating func value(
    for key: Value, near sequence: Int64, in database: Database, _ table: SourceTable?, _ columns: TableLayout.Changes?
  ) throws -> String {
    if key == .null { return "" }
    if let latest, latest.key == key { return latest.value }
    let present = try database.statement(presentSQL)
    present.bind(1, value: key)
    defer { present.reset() }
    if try present.step() {
      let value = present.text(0)
      latest = (key, value)
      return value
    }
    let text = Self.text(of: key)
    if let value = deleted[text] { return value }
    try search(near: sequence, in: database, table, columns)
    return deleted[text] ?? ""
  }

  private mutating func search(
    near sequence: Int64, in database: Database, _ table: SourceTable?, _ columns: TableLayout.Changes?
  ) throws {
    if let searched, searched.contains(sequence) { return }
    guard let table, let before = columns?.before, let key = table.place(of: referred.key).map({ before[$0] }),
      let value = table.place(of: referred.value).map({ before[$0] }), key >= 0, value >= 0
    else { return }
    let reach = SQLiteSourceLimits.deletionWindow
    let window = Self.sum(sequence, -reach)...Self.sum(sequence, reach)
    if deleted.count > SQLiteSourceLimits.rememberedDeletions { deleted = [:] }
    try database.query(
      """
      SELECT \(TableLayout.changeColumn(key)), \(TableLayout.changeColumn(value)) FROM main.millrace_changes
      WHERE seq BETWEEN ? AND ? AND tbl = ? AND op = 'D' ORDER BY seq
      """, [.integer(window.lowerBound), .integer(window.upperBound), .text(referred.table)]
    ) { deleted[Self.text(of: $0.value(0))] = $0.text(1) }
    // Changes that come soon after have been looked at on both sides, too.
    searched = sequence...Self.sum(sequence, reach / 2)
  }

  /// Numbers in the change table are the source's, and anything may stand there.
  private static func sum(_ sequence: Int64, _ distance: Int64) -> Int64 {
    let (sum, isOutOfRange) = sequence.addingReportingOverflow(distance)
    return isOutOfRange ? (distance < 0 ? .min : .max) : sum
  }

  private static func text(of value: Value) -> String {
    switch value {
    case .integer(let number): String(number)
    case .real(let number): Int64(exactly: number).map { String($0) } ?? String(number)
    case .text(let text): text
    case .blob, .null: ""
    }
  }
}
