internal import Text

extension MartSchema {
  /// The data dictionary as plain text: views first (what people should query), then tables, then bookkeeping.
  package func dataDictionary() -> String {
    var text = "\(name): \(meaning)\n"
    if !views.isEmpty { text += "\nViews\n" }
    for view in views {
      text += "\n  \(view.name): \(view.meaning)\n"
      text += MartSchema.table(view.columns.map { ($0.name, "", $0.meaning) })
    }
    for (title, tables) in [("Tables", tables), ("Bookkeeping of every mart", MartSchema.bookkeeping)] {
      if !tables.isEmpty { text += "\n\(title)\n" }
      for table in tables {
        text += "\n  \(table.name): \(table.meaning)\n"
        text += MartSchema.table(table.columns.map { ($0.name, $0.declaration, $0.meaning) })
        for constraint in table.constraints { text += "    (\(constraint))\n" }
      }
    }
    return text
  }

  private static func table(_ rows: [(name: String, type: String, meaning: String)]) -> String {
    let nameWidth = rows.map(\.name.count).max() ?? 0
    let typeWidth = rows.map(\.type.count).max() ?? 0
    return rows.map { row in
      let type = typeWidth == 0 ? "" : row.type.padded(to: typeWidth) + "  "
      return "    \(row.name.padded(to: nameWidth))  \(type)\(row.meaning)\n"
    }.joined()
  }
}
