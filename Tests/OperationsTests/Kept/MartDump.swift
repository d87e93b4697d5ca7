import Marts
import SQLite

/// A mart's canonical dump with the names of its columns, so that it can be read without the program that wrote it.
struct MartDump: Equatable {
  /// Values as the canonical dump writes them.
  struct Table: Equatable {
    var columns: [String]
    var rows: [[String]]
  }

  var tables: [String: Table] = [:]

  /// Of the generation that a reader has open, as this program knows its tables.
  init(_ reader: MartReader, tables definitions: [TableDefinition]) throws {
    for definition in MartSchema.bookkeeping + definitions where !definition.canonicalDump.isEmpty {
      let statement = try reader.database.prepare(definition.canonicalDump)
      tables[definition.name] = Table(
        columns: (0..<statement.columnCount).map { statement.columnName($0) }, rows: [])
    }
    var current = ""
    try reader.canonicalDump(tables: definitions) { line in
      if line.hasPrefix("# ") {
        current = String(line.dropFirst(2))
      } else {
        tables[current]?.rows.append(Self.values(line))
      }
    }
  }

  /// Of a text that `text` gave: a line "# TABLE", one with its columns, one for each row; parted by tabs.
  init(text: String) {
    var current = ""
    for line in text.split(separator: "\n").map(String.init) {
      if line.hasPrefix("# ") {
        current = String(line.dropFirst(2))
      } else if tables[current] == nil {
        tables[current] = Table(columns: Self.values(line), rows: [])
      } else {
        tables[current]?.rows.append(Self.values(line))
      }
    }
  }

  var text: String {
    tables.sorted { $0.key < $1.key }.map { name, table in
      (["# \(name)"] + ([table.columns] + table.rows).map { $0.joined(separator: "\t") }).map { $0 + "\n" }.joined()
    }.joined()
  }

  // A tab inside a text is escaped.
  private static func values(_ line: String) -> [String] {
    line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
  }
}
