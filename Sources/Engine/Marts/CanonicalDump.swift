internal import SQLite
internal import Text

extension MartReader {
  /// Everything in the mart that is a function of the log, as text lines in a fixed order: bookkeeping without the
  /// owner, then each table through its `canonicalDump`. Equal dumps mean equal marts (the law of replay).
  ///
  /// A line is `# TABLE` or a row: values parted by tabs, texts quoted and escaped, blobs in hexadecimal.
  package func canonicalDump(tables: [TableDefinition], _ emit: (String) throws -> Void) throws {
    try snapshot { database in
      for table in MartSchema.bookkeeping + tables where !table.canonicalDump.isEmpty {
        try emit("# \(table.name)")
        try database.query(table.orderedDump) { row in
          var line = ""
          for column in 0..<row.columnCount {
            if column > 0 { line.append("\t") }
            CanonicalText.append(row.value(column), to: &line)
          }
          try emit(line)
        }
      }
    }
  }

  /// The whole dump at once; for tests and small marts.
  package func canonicalDump(tables: [TableDefinition]) throws -> String {
    var text = ""
    try canonicalDump(tables: tables) {
      text += $0
      text += "\n"
    }
    return text
  }
}

/// One SQLite value as text, different for different values.
enum CanonicalText {
  static func append(_ value: Value, to line: inout String) {
    switch value {
    case .null: line += "NULL"
    case .integer(let integer): line += String(integer)
    // The shortest text that gives the same number back.
    case .real(let real): line += "r\(real)"
    case .text(let text):
      line += "\""
      for scalar in text.unicodeScalars {
        switch scalar {
        case "\"", "\\": line += "\\\(scalar)"
        case _ where scalar.value < 32: line += "\\u{\(String(scalar.value, radix: 16))}"
        default: line.unicodeScalars.append(scalar)
        }
      }
      line += "\""
    case .blob(let bytes):
      line += "x" + Hexadecimal.text(bytes)
    }
  }
}
