internal import Foundation

/// Turns a worksheet's elements into rows.
final class WorksheetRows {
  /// The last row that a worksheet can have.
  private static let lastRow = 1_048_576

  private let limits: SpreadsheetLimits
  private let strings: [String]
  private let dateStyles: [Bool]
  private let firstDay: Int
  private let row: (Int, [Cell]) throws -> Void
  private(set) var report = SheetReport(format: .xlsx)

  private var rowNumber = 0
  private var cells: [Cell] = []
  private var column = 0
  /// Of a cell that does not say where it stands; empty ones count.
  private var nextColumn = 0
  private var type = ""
  private var style = 0
  private var content = ""
  private var isContent = false
  private var isPhonetic = false
  private var isFormula = false

  init(
    limits: SpreadsheetLimits, strings: [String], dateStyles: [Bool], firstDay: Int,
    row: @escaping (Int, [Cell]) throws -> Void
  ) {
    self.limits = limits
    self.strings = strings
    self.dateStyles = dateStyles
    self.firstDay = firstDay
    self.row = row
  }

  func start(_ name: String, _ attributes: [String: String]) throws {
    switch name {
    case "row":
      rowNumber = attributes["r"].flatMap { Int($0) } ?? rowNumber + 1
      guard rowNumber >= 1 else { throw SpreadsheetError(.malformed, "a row has no number") }
      guard rowNumber <= Self.lastRow else {
        throw SpreadsheetError(.limit, "it is beyond \(Self.lastRow) rows", line: rowNumber)
      }
      cells.removeAll(keepingCapacity: true)
      nextColumn = 0
    case "c":
      column = try attributes["r"].map { try Self.column(of: $0, row: rowNumber) } ?? nextColumn
      nextColumn = column + 1
      type = attributes["t"] ?? "n"
      style = attributes["s"].flatMap { Int($0) } ?? 0
      content = ""
      isFormula = false
    case "f": isFormula = true
    case "rPh": isPhonetic = true
    // Not <f>: formulas are ignored, their stored results count.
    case "v", "t": isContent = !isPhonetic
    default: break
    }
  }

  func text(_ text: String) throws {
    guard isContent else { return }
    guard content.utf8.count + text.utf8.count <= limits.fieldBytes else {
      throw SpreadsheetError(.limit, "a cell is longer than \(limits.fieldBytes) bytes", line: rowNumber)
    }
    content += text
  }

  func end(_ name: String) throws {
    switch name {
    case "v", "t": isContent = false
    case "rPh": isPhonetic = false
    case "c":
      let cell = try cell()
      // Formats reach to the sheet's last row and column in many files; only what stands there counts.
      guard cell != .empty else { break }
      guard column < limits.columns else {
        throw SpreadsheetError(.limit, "it has more than \(limits.columns) columns", line: rowNumber)
      }
      while cells.count <= column { cells.append(.empty) }
      cells[column] = cell
    case "row":
      guard cells.contains(where: { $0 != .empty }) else { break }
      // Rows without numbers, or with repeated ones, could otherwise be more than a worksheet has.
      guard report.rows < limits.rows else {
        throw SpreadsheetError(.limit, "it has more than \(limits.rows) rows", line: rowNumber)
      }
      report.rows += 1
      try row(rowNumber, cells)
    default: break
    }
  }

  private func cell() throws -> Cell {
    guard !content.isEmpty else {
      // An empty text is a result, too; no result at all is none.
      return isFormula && type != "str" ? .error("#NONE") : .empty
    }
    switch type {
    case "s":
      guard let index = Int(content), strings.indices.contains(index) else {
        throw SpreadsheetError(.malformed, "a cell names a text that does not exist", line: rowNumber)
      }
      return strings[index].isEmpty ? .empty : .text(strings[index])
    case "inlineStr", "str": return .text(XLSXText.decoded(content))
    case "e": return .error(XLSXText.decoded(content))
    case "b": return .text(content == "0" ? "false" : "true")
    case "d": return .date(SerialDate.isoText(content))
    default:
      if dateStyles.indices.contains(style), dateStyles[style], let serial = Double(content),
        let date = SerialDate.text(of: serial + Double(firstDay))
      {
        return .date(date)
      }
      return DecimalText.canonical(content).map(Cell.number) ?? .text(content)
    }
  }

  /// The column, from 0, of a cell's name such as "AB12".
  private static func column(of name: String, row: Int) throws -> Int {
    var column = 0
    for byte in name.utf8 {
      guard (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) else { break }
      column = column * 26 + Int(byte - UInt8(ascii: "A")) + 1
      // Four letters and more are beyond any worksheet.
      guard column <= 18_278 else { throw SpreadsheetError(.limit, "a cell is beyond the last column", line: row) }
    }
    guard column > 0 else { throw SpreadsheetError(.malformed, "a cell has no place", line: row) }
    return column - 1
  }
}

/// Decimal text of the numbers in worksheets, which are binary floating-point values printed with up to 17 digits:
/// "129.90000000000001" is 129.9. Whole numbers (order numbers, cards) keep all their digits.
enum DecimalText {
  /// nil when it is no finite number.
  static func canonical(_ text: String) -> String? {
    if CSVWriter.isDecimal(text), text.utf8.count <= 15 || (!text.contains(".") && text.utf8.count <= 40) {
      return text
    }
    guard text.utf8.count <= 64, let value = Double(text), value.isFinite,
      // To 15 significant digits, as spreadsheet programs do.
      let rounded = Double(String(format: "%.14e", value))
    else { return nil }
    return expanded(rounded.description)
  }

  /// Without an exponent and without ".0".
  private static func expanded(_ description: String) -> String {
    let parts = description.split(separator: "e")
    let exponent = parts.count == 2 ? Int(parts[1]) ?? 0 : 0
    var mantissa = String(parts[0])
    let isNegative = mantissa.hasPrefix("-")
    if isNegative { mantissa.removeFirst() }
    let pieces = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    var whole = String(pieces[0])
    var fraction = pieces.count == 2 && pieces[1] != "0" ? String(pieces[1]) : ""
    if exponent > 0 {
      let moved = fraction.prefix(exponent)
      whole += moved + String(repeating: "0", count: exponent - moved.count)
      fraction = String(fraction.dropFirst(exponent))
    } else if exponent < 0 {
      let padded = String(repeating: "0", count: max(0, -exponent - whole.count + 1)) + whole
      fraction = padded.suffix(-exponent) + fraction
      whole = String(padded.dropLast(-exponent))
    }
    let sign = isNegative && (whole + fraction).contains { $0 != "0" } ? "-" : ""
    let digits = whole.drop { $0 == "0" }
    return sign + (digits.isEmpty ? "0" : String(digits)) + (fraction.isEmpty ? "" : "." + fraction)
  }
}
