/// Rows under aligned headings.
struct TextTable {
  private let heading: [String]
  private let rows: [[String]]
  private let rightAligned: Set<Int>

  init(_ heading: [String], _ rows: [[String]], rightAligned: Set<Int> = []) {
    self.heading = heading
    self.rows = rows
    self.rightAligned = rightAligned
  }

  var text: String {
    guard !rows.isEmpty else { return "(none)\n" }
    let widths = heading.indices.map { column in ([heading] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      var line = ""
      for (column, cell) in cells.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (rightAligned.contains(column) ? space + cell : cell + space)
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }
    return line(heading) + line(widths.map { String(repeating: "-", count: $0) }) + rows.map(line).joined()
  }
}
