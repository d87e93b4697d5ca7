internal import Glibc

/// What reading a sheet found beside its rows.
package struct SheetReport: Sendable, Equatable {
  package enum Format: String, Sendable {
    case csv
    case xlsx
  }
  package var format: Format
  /// Rows handed out, the header among them.
  package var rows = 0
  /// Fields whose bytes were not UTF-8 or held NUL; replacement characters stand in.
  package var repairedFields = 0

  package init(format: Format, rows: Int = 0, repairedFields: Int = 0) {
    self.format = format
    self.rows = rows
    self.repairedFields = repairedFields
  }
}

/// Reads XLSX and CSV files under limits. Blocks; memory: a CSV file's longest line, or a workbook's strings and longest row.
package enum Spreadsheet {
  /// Hands out the rows of the file, or of the workbook's first worksheet, with their line or row number (from 1; a CSV
  /// record that spans lines has the number of its first). Empty rows are left out. The format is told by the content.
  /// Throws `SpreadsheetError`, and whatever `row` throws.
  @discardableResult
  package static func read(
    path: String, limits: SpreadsheetLimits = SpreadsheetLimits(), row: (Int, [Cell]) throws -> Void
  ) throws -> SheetReport {
    // A pipe in place of a file must not block the reader for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SpreadsheetError(.file, "the file cannot be opened") }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    guard size >= 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
      throw SpreadsheetError(.file, "it is not a plain file")
    }
    guard size <= limits.fileBytes else {
      throw SpreadsheetError(.limit, "the file has \(size) bytes, more than \(limits.fileBytes)")
    }
    var start = [UInt8](repeating: 0, count: 8)
    let count = max(0, pread(descriptor, &start, start.count, 0))
    start.removeLast(start.count - count)
    if start.starts(with: [0x50, 0x4b, 0x03, 0x04]) {
      return try XLSXReader(path: path, fileBytes: Int(size), limits: limits).read(row)
    }
    if start.starts(with: [0xd0, 0xcf, 0x11, 0xe0]) {
      throw SpreadsheetError(.forbidden, "it is an old .xls file or protected by a password")
    }
    if start.starts(with: [0xff, 0xfe]) || start.starts(with: [0xfe, 0xff]) {
      throw SpreadsheetError(.malformed, "the text is UTF-16")
    }
    return try CSVReader(limits: limits).read(descriptor, row)
  }
}
