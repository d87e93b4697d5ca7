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
  /// In what encoding a text file is.
  package enum Encoding: String, Sendable {
    case utf8 = "UTF-8"
    case utf16 = "UTF-16"
    case windows1252 = "Windows-1252"
  }
  /// Of a CSV file; a workbook is always in UTF-8.
  package var encoding = Encoding.utf8
  /// Of a workbook: the worksheet that was read, and those that were not, by name. nil: it has one.
  package var worksheet: (read: String, others: [String])? {
    get { sheets.map { ($0.read, $0.others) } }
    set { sheets = newValue.map { Worksheets(read: $0.read, others: $0.others) } }
  }
  private struct Worksheets: Sendable, Equatable {
    var read: String
    var others: [String]
  }
  private var sheets: Worksheets?
  /// Fields whose bytes were not UTF-8 or held NUL; replacement characters stand in.
  package var repairedFields = 0

  package init(format: Format, rows: Int = 0, repairedFields: Int = 0) {
    self.format = format
    self.rows = rows
    self.repairedFields = repairedFields
  }
}

/// Reads XLSX and CSV files under limits. Blocks; memory: a CSV file, or a workbook's strings and longest row.
package enum Spreadsheet {
  /// Hands out the rows of the file, or of one of the workbook's worksheets, with their line or row number (from 1; a
  /// CSV record that spans lines has the number of its first). Empty rows are left out. The format is told by the
  /// content.
  ///
  /// - isHeader: whether a first row is that of the table that is sought. Of a workbook's visible worksheets the first
  ///   whose
  ///   first row is one is read; without such a one the first that has rows.
  /// - broken: takes lines of a CSV file whose quotes do not fit, with their cells as far as one can tell, and why; not
  ///   given: such a line throws.
  ///
  /// Throws `SpreadsheetError`, and whatever `row` throws.
  @discardableResult
  package static func read(
    path: String, limits: SpreadsheetLimits = SpreadsheetLimits(), isHeader: ([Cell]) -> Bool = { _ in true },
    broken: (Int, [Cell], String) throws -> Void = { throw SpreadsheetError(.malformed, $2, line: $0) },
    row: (Int, [Cell]) throws -> Void
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
      return try XLSXReader(path: path, fileBytes: Int(size), limits: limits).read(isHeader, row)
    }
    if start.starts(with: [0xd0, 0xcf, 0x11, 0xe0]) {
      throw SpreadsheetError(.forbidden, "it is an old .xls file or protected by a password")
    }
    return try CSVReader(limits: limits).read(descriptor, size: Int(size), broken: broken, row)
  }
}
