internal import Spreadsheet

/// Sheets as marketing sends them: workbooks and CSV in turn.
enum SheetWriter {
  static func write(_ sheet: LeadSheet, _ texts: DayTexts, into folder: String) throws {
    let table = sheet.table(texts)
    let bytes = sheet.isWorkbook ? try XLSXWriter.bytes(of: table) : CSVWriter.bytes(of: table)
    var file = try OutputFile("\(folder)/\(sheet.name)", .create)
    try file.write { $0 = bytes }
    try file.flush()
  }
}
