internal import Spreadsheet

/// The main table as CSV: the same keys as in JSON, money in minor units beside `currency`. Cells that a spreadsheet would
/// run as formulas are neutralised. Everything beside the table (age, notes) is not part of the file.
package enum CSVRenderer {
  /// The main table of a report.
  package static func bytes(of report: Report) -> [UInt8] { bytes(of: report.table) }

  /// A header and the rows, UTF-8, lines ended by CR LF.
  package static func bytes(of table: ReportTable) -> [UInt8] {
    let rows = table.rows.map { row in
      row.map { cell -> Cell in
        switch cell {
        case .text(let text): .text(text)
        case .integer(let value): .number(String(value))
        }
      }
    }
    return CSVWriter.bytes(of: SheetTable(header: table.columns.map(\.name), rows: rows), neutralizing: true)
  }
}
