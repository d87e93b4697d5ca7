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
    guard let sheet = try archive.bytes(of: book.sheet) else {
      throw SpreadsheetError(.malformed, "the workbook has no worksheet")
    }
    return try withoutActuallyEscaping(row) { row in
      let rows = WorksheetRows(
        limits: limits, strings: strings, dateStyles: styles, firstDay: book.counts1904 ? 1_462 : 0, row: row)
      try XMLWalker.walk(sheet, limits: limits, onStart: rows.start, onText: rows.text, onEnd: rows.end)
      return rows.report
    }
  }

  /// Path of the first worksheet, and whether days count from 1904 (old Macintosh workbooks) instead of 1900.
  private mutating func workbook() throws -> (sheet: String, counts1904: Bool) {
    guard let bytes = try archive.bytes(of: "xl/workbook.xml") else {
      throw SpreadsheetError(.malformed, "it is a ZIP container, but no workbook")
    }
    var relation: String?
    var counts1904 = false
    try XMLWalker.walk(
      bytes, limits: limits,
      onStart: { name, attributes in
        if name == "sheet", relation == nil {
          relation = attributes["r:id"] ?? attributes.first { $0.key.hasSuffix(":id") }?.value
        }
        if name == "workbookPr" { counts1904 = ["1", "true"].contains(attributes["date1904"]) }
      })
    var target: String?
    if let relations = try archive.bytes(of: "xl/_rels/workbook.xml.rels") {
      try XMLWalker.walk(
        relations, limits: limits,
        onStart: { name, attributes in
          if name == "Relationship", attributes["Id"] == relation { target = attributes["Target"] }
        })
    }
    let path = target ?? "worksheets/sheet1.xml"
    return (path.hasPrefix("/") ? String(path.dropFirst()) : "xl/" + path, counts1904)
  }

  /// For each cell style whether it shows a date.
  private mutating func dateStyles() throws -> [Bool] {
    guard let bytes = try archive.bytes(of: "xl/styles.xml") else { return [] }
    var dateFormats: Set<Int> = []
    var styles: [Bool] = []
    var isInside = false
    try XMLWalker.walk(
      bytes, limits: limits,
      onStart: { name, attributes in
        switch name {
        case "numFmt":
          if let id = attributes["numFmtId"].flatMap({ Int($0) }), NumberFormat.isDate(attributes["formatCode"] ?? "") {
            dateFormats.insert(id)
          }
        case "cellXfs": isInside = true
        case "xf" where isInside:
          // A worksheet knows at most 65,490 formats.
          guard styles.count < 65_536 else { throw SpreadsheetError(.limit, "it has too many cell formats") }
          let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
          styles.append(dateFormats.contains(id) || NumberFormat.isBuiltInDate(id))
        default: break
        }
      }, onEnd: { if $0 == "cellXfs" { isInside = false } })
    return styles
  }

  private mutating func sharedStrings() throws -> [String] {
    guard let bytes = try archive.bytes(of: "xl/sharedStrings.xml") else { return [] }
    var strings: [String] = []
    var current = ""
    var isText = false
    var isPhonetic = false
    var total = 0
    let limits = limits
    try XMLWalker.walk(
      bytes, limits: limits,
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
        case "si": strings.append(XLSXText.decoded(current))
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
