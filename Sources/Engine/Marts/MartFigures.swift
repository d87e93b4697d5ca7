internal import Crypto
internal import Money
internal import SQLite

/// What a generation holds, per table and month: rows, sums of all whole numbers, and a fingerprint of the rows as a set.
/// Made from the canonical dumps, so numbers that depend on the order of arrival do not enter.
package struct MartFigures: Sendable {
  /// A table and a month: what figures are kept by.
  package struct Place: Hashable, Comparable, Sendable {
    /// Name of the table.
    package var table: String
    /// "2026-10"; empty where the table, or the row, knows no time.
    package var month: String

    /// By table, then by month.
    package static func < (left: Place, right: Place) -> Bool {
      (left.table, left.month) < (right.table, right.month)
    }
  }

  /// What a generation holds in one place.
  package struct Part: Equatable, Sendable {
    /// Number of rows.
    package var rows: Int64 = 0
    /// By column, wrapping around at 64 bits; columns without whole numbers are missing.
    package var sums: [String: Int64] = [:]
    /// Sum of the rows' hashes (SHA-256, its first 128 bits): equal for equal sets of rows, whatever their order.
    package var fingerprint: [UInt64] = [0, 0]
  }

  /// By place; a table without rows has none.
  package internal(set) var parts: [Place: Part] = [:]
  /// Tables that could not be read as this program knows them, because another version made them.
  package internal(set) var otherTables: Set<String> = []

  /// Tables whose content is compared: all but the owner and the identity, which differ by their nature. Positions are compared
  /// without their anchors: proof of the same place has another form in another kind of log, and a mart keeps the one that it
  /// was given when its log moves.
  static func compared(_ tables: [TableDefinition]) -> [TableDefinition] {
    (MartSchema.bookkeeping + tables).filter { !$0.canonicalDump.isEmpty && $0.name != "millrace_identity" }.map {
      guard $0.name == "millrace_positions" else { return $0 }
      var table = $0
      table.canonicalDump = "SELECT topic, partition, next_offset FROM millrace_positions"
      return table
    }
  }
}

extension MartReader {
  /// Reads every table once; some microseconds a row. Call inside `snapshot` where the state must stay the same.
  package func figures(of tables: [TableDefinition]) throws(MartError) -> MartFigures {
    try MartError.wrapping(name, "read generation \(generation)") {
      var figures = MartFigures()
      for table in MartFigures.compared(tables) {
        do {
          try add(table, to: &figures)
        } catch let error as SQLiteError where error.isUnknownName {
          figures.otherTables.insert(table.name)
        }
      }
      return figures
    }
  }

  /// Rows and sums of every table as a whole: a cheaper comparison of two generations, for the moment of a swap. Tables that
  /// this program cannot read are left out.
  package func controlSums(of tables: [TableDefinition]) throws(MartError) -> [String: [Int64]] {
    try MartError.wrapping(name, "sum up generation \(generation)") {
      var sums: [String: [Int64]] = [:]
      for table in MartFigures.compared(tables) {
        do {
          let columns = try database.prepare("SELECT * FROM (\(table.canonicalDump)) AS d")
          // By halves, since SQLite refuses a sum that leaves 64 bits.
          let halves = (0..<columns.columnCount).map { columns.columnName($0) }.flatMap {
            ["sum(\"\($0)\" & 4294967295)", "sum(\"\($0)\" >> 32)"]
          }
          let sql = "SELECT \((["count(*)"] + halves).joined(separator: ", ")) FROM (\(table.canonicalDump)) AS d"
          sums[table.name] = try database.first(sql) { row in
            (0..<row.columnCount).map { row.int64($0) }
          }
        } catch let error as SQLiteError where error.isUnknownName {
          continue
        }
      }
      return sums
    }
  }

  private func add(_ table: TableDefinition, to figures: inout MartFigures) throws {
    let day = table.month?.daySQL ?? "NULL"
    let statement = try database.prepare("SELECT \(day), d.* FROM (\(table.canonicalDump)) AS d")
    let columns = (1..<max(statement.columnCount, 1)).map { statement.columnName($0) }
    var parts: [Int64?: Accumulated] = [:]
    var row: [UInt8] = []
    while try statement.step() {
      row.removeAll(keepingCapacity: true)
      let day = statement.optionalInt64(0)
      parts[day, default: Accumulated(columns.count)].add(statement, &row)
    }
    for (day, found) in parts {
      let place = MartFigures.Place(table: table.name, month: day.map(MonthText.of) ?? "")
      figures.parts[place, default: MartFigures.Part()].add(found, columns)
    }
  }
}

private struct Accumulated {
  var rows: Int64 = 0
  var sums: [Int64?]
  var high: UInt64 = 0
  var low: UInt64 = 0

  init(_ columns: Int) { sums = Array(repeating: nil, count: columns) }

  /// Column 0 is the day; it is derived, hence left out.
  mutating func add(_ statement: Statement, _ bytes: inout [UInt8]) {
    rows &+= 1
    for column in 0..<sums.count {
      let value = statement.value(Int32(column + 1))
      if case .integer(let number) = value { sums[column] = (sums[column] ?? 0) &+ number }
      Accumulated.append(value, to: &bytes)
    }
    let hash = SHA256.hash(bytes)
    hash.withUnsafeBytes {
      high &+= $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
      low &+= $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    }
  }

  /// A kind and a length before each value, so that no two rows give the same bytes.
  private static func append(_ value: Value, to bytes: inout [UInt8]) {
    func number(_ number: UInt64) {
      for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: number >> (shift * 8))) }
    }
    switch value {
    case .null: bytes.append(0)
    case .integer(let integer):
      bytes.append(1)
      number(UInt64(bitPattern: integer))
    case .real(let real):
      bytes.append(2)
      number(real.bitPattern)
    case .text(let text):
      bytes.append(3)
      number(UInt64(text.utf8.count))
      bytes.append(contentsOf: text.utf8)
    case .blob(let blob):
      bytes.append(4)
      number(UInt64(blob.count))
      bytes.append(contentsOf: blob)
    }
  }
}

extension MartFigures.Part {
  fileprivate mutating func add(_ found: Accumulated, _ columns: [String]) {
    rows &+= found.rows
    for (column, sum) in zip(columns, found.sums) {
      if let sum { sums[column] = (sums[column] ?? 0) &+ sum }
    }
    fingerprint = [fingerprint[0] &+ found.high, fingerprint[1] &+ found.low]
  }
}

/// The month of a day since 1970-01-01.
enum MonthText {
  static func of(_ day: Int64) -> String {
    // Days that no calendar here knows still deserve a place of their own.
    guard day > -1_000_000, day < 4_000_000 else { return "?" }
    let (year, month, _) = CivilDate(daysSinceEpoch: Int32(day)).components
    return "\(year)-\(month < 10 ? "0" : "")\(month)"
  }
}
