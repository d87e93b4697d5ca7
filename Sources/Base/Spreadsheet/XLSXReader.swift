/// A workbook's first worksheet.
struct XLSXReader: ~Copyable {
  private var archive: ZipReader
  private let limits: SpreadsheetLimits

  init(path: String, fileBytes: Int, limits: SpreadsheetLimits) throws(SpreadsheetError) {
    archive = try ZipReader(path: path, fileBytes: fileBytes, limits: limits)
    self.limits = limits
  }

  consuming func read(_ row: (Int, [Cell]) throws -> Void) throws -> SheetReport {
    let book = try workbook()
    let styles = try dateStyles()
    let strings = try sharedStrings()
    return try withoutActuallyEscaping(row) { row in
      let rows = WorksheetRows(
        limits: limits, strings: strings, dateStyles: styles, firstDay: book.counts1904 ? 1_462 : 0, row: row)
      guard try archive.walk(book.sheet, onStart: rows.start, onText: rows.text, onEnd: rows.end) else {
        throw SpreadsheetError(.malformed, "the workbook has no worksheet")
      }
      return rows.report
    }
  }

  /// Path of the first worksheet, and whether days count from 1904 (old Macintosh workbooks) instead of 1900.
  private mutating func workbook() throws -> (sheet: String, counts1904: Bool) {
    var relation: String?
    var counts1904 = false
    let isWorkbook = try archive.walk(
      "xl/workbook.xml",
      onStart: { name, attributes in
        if name == "sheet", relation == nil {
          relation = attributes["r:id"] ?? attributes.first { $0.key.hasSuffix(":id") }?.value
        }
        if name == "workbookPr" { counts1904 = ["1", "true"].contains(attributes["date1904"]) }
      })
    guard isWorkbook else { throw SpreadsheetError(.malformed, "it is a ZIP container, but no workbook") }
    var target: String?
    try archive.walk(
      "xl/_rels/workbook.xml.rels",
      onStart: { name, attributes in
        if name == "Relationship", attributes["Id"] == relation { target = attributes["Target"] }
      })
    let path = target ?? "worksheets/sheet1.xml"
    return (path.hasPrefix("/") ? String(path.dropFirst()) : "xl/" + path, counts1904)
  }

  /// For each cell style whether it shows a date.
  private mutating func dateStyles() throws -> [Bool] {
    var dateFormats: Set<Int> = []
    var styles: [Bool] = []
    var isInside = false
    try archive.walk(
      "xl/styles.xml",
      onStart: { name, attributes in
        switch name {
        case "numFmt":
          if let id = attributes["numFmtId"].flatMap({ Int($0) }), NumberFormat.isDate(attributes["formatCode"] ?? "") {
            // As many as there may be formats that use them.
            guard dateFormats.count < Self.mostFormats else { throw Self.tooManyFormats }
            dateFormats.insert(id)
          }
        case "cellXfs": isInside = true
        case "xf" where isInside:
          guard styles.count < Self.mostFormats else { throw Self.tooManyFormats }
          let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
          styles.append(dateFormats.contains(id) || NumberFormat.isBuiltInDate(id))
        default: break
        }
      }, onEnd: { if $0 == "cellXfs" { isInside = false } })
    return styles
  }

  /// A worksheet knows at most 65,490 formats.
  private static let mostFormats = 65_536
  private static let tooManyFormats = SpreadsheetError(.limit, "it has too many cell formats")

  private mutating func sharedStrings() throws -> [String] {
    var strings: [String] = []
    var current = ""
    var isText = false
    var isPhonetic = false
    var total = 0
    let limits = limits
    try archive.walk(
      "xl/sharedStrings.xml",
      onStart: { name, _ in
        switch name {
        case "si": current = ""
        case "t": isText = !isPhonetic
        case "rPh": isPhonetic = true
        default: break
        }
      },
      onText: { text in
        guard isText else { return }
        total += text.utf8.count
        guard current.utf8.count + text.utf8.count <= limits.fieldBytes, total <= limits.sharedStringBytes else {
          throw SpreadsheetError(
            .limit, "a text is longer than \(limits.fieldBytes) bytes, or all are too long together")
        }
        current += text
      },
      onEnd: { name in
        switch name {
        case "si":
          guard strings.count < limits.sharedStrings else {
            throw SpreadsheetError(.limit, "it has more than \(limits.sharedStrings) shared texts")
          }
          strings.append(XLSXText.decoded(current))
        case "t": isText = false
        case "rPh": isPhonetic = false
        default: break
        }
      })
    return strings
  }
}

/// Which number formats show dates (ECMA-376, part 1, 18.8.30).
enum NumberFormat {
  static func isBuiltInDate(_ id: Int) -> Bool {
    (14...22).contains(id) || (27...36).contains(id) || (45...47).contains(id) || (50...58).contains(id)
  }

  /// Whether a format code has a letter for years, months, days, hours or seconds outside of quotes, escapes and brackets.
  static func isDate(_ code: String) -> Bool {
    var isQuoted = false
    var isBracketed = false
    var isEscaped = false
    for character in code.unicodeScalars.prefix(1_024) {
      if isEscaped {
        isEscaped = false
      } else if isQuoted {
        isQuoted = character != "\""
      } else if isBracketed {
        isBracketed = character != "]"
      } else {
        switch character {
        case "\\", "_", "*": isEscaped = true
        case "\"": isQuoted = true
        case "[": isBracketed = true
        case "y", "Y", "m", "M", "d", "D", "h", "H", "s", "S": return true
        // "General" has no such letter, but only its own word could follow.
        case "G": return false
        default: break
        }
      }
    }
    return false
  }
}
