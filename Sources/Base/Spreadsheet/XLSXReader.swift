/// One worksheet of a workbook.
struct XLSXReader: ~Copyable {
  private var archive: ZipReader
  private let limits: SpreadsheetLimits

  init(path: String, fileBytes: Int, limits: SpreadsheetLimits) throws(SpreadsheetError) {
    archive = try ZipReader(path: path, fileBytes: fileBytes, limits: limits)
    self.limits = limits
  }

  /// Reads the first visible worksheet whose first row is a header, else the first that has rows.
  consuming func read(
    _ isHeader: ([Cell]) -> Bool, _ row: (Int, [Cell]) throws -> Void
  ) throws -> SheetReport {
    let book = try workbook()
    let styles = try book.styles.map { try dateStyles($0) } ?? []
    let strings = try book.strings.map { try sharedStrings($0) } ?? []
    let visible = book.sheets.filter { !$0.isHidden }
    let sheets = visible.isEmpty ? book.sheets : visible
    guard var chosen = sheets.first else {
      throw SpreadsheetError(.malformed, "the workbook has no worksheet")
    }
    let table = Table(strings: strings, styles: styles, firstDay: book.counts1904 ? 1_462 : 0)
    if sheets.count > 1 {
      var firstRows: [(sheet: Sheet, isHeader: Bool)] = []
      for sheet in sheets {
        guard let first = try firstRow(of: sheet, table) else { continue }
        firstRows.append((sheet, isHeader(first)))
        if isHeader(first) { break }
      }
      chosen = (firstRows.last { $0.isHeader } ?? firstRows.first)?.sheet ?? chosen
    }
    var report = try read(chosen, table, row)
    if book.sheets.count > 1 {
      report.worksheet = (chosen.name, book.sheets.filter { $0.path != chosen.path }.map(\.name))
    }
    return report
  }

  private struct Sheet {
    var name: String
    var path: String
    var isHidden: Bool
  }

  private struct Table {
    var strings: [String]
    var styles: [Bool]
    var firstDay: Int
  }

  private struct Enough: Error {}

  /// nil: it has none.
  private mutating func firstRow(of sheet: Sheet, _ table: Table) throws -> [Cell]? {
    var first: [Cell]?
    do {
      _ = try read(sheet, table) { _, cells in
        first = cells
        throw Enough()
      }
    } catch is Enough {
      return first
    }
    return nil
  }

  private mutating func read(
    _ sheet: Sheet, _ table: Table, _ row: (Int, [Cell]) throws -> Void
  ) throws -> SheetReport {
    try withoutActuallyEscaping(row) { row in
      let rows = WorksheetRows(
        limits: limits, strings: table.strings, dateStyles: table.styles, firstDay: table.firstDay, row: row)
      guard try archive.walk(sheet.path, onStart: rows.start, onText: rows.text, onEnd: rows.end) else {
        throw SpreadsheetError(.malformed, "the workbook has no worksheet")
      }
      return rows.report
    }
  }

  // MARK: Parts

  private struct Book {
    var sheets: [Sheet] = []
    var styles: String?
    var strings: String?
    /// Days count from 1904 (old Macintosh workbooks) instead of 1900.
    var counts1904 = false
  }

  private struct Relation {
    var id: String
    /// The last word of its type: the namespaces of strict and transitional workbooks differ before it.
    var type: Substring
    var path: String
  }

  /// The workbook's part is what the container says; its parts are what it relates to, under whatever names.
  private mutating func workbook() throws -> Book {
    let main = try relations(of: "").first { $0.type == "officeDocument" }?.path ?? "xl/workbook.xml"
    var book = Book()
    var listed: [(name: String, id: String?, isHidden: Bool)] = []
    let isWorkbook = try archive.walk(
      main,
      onStart: { name, attributes in
        if name == "sheet" {
          guard listed.count < Self.mostSheets else { throw SpreadsheetError(.limit, "it has too many worksheets") }
          listed.append(
            (
              attributes["name"] ?? "", attributes["r:id"] ?? attributes.first { $0.key.hasSuffix(":id") }?.value,
              attributes["state"].map { $0 != "visible" } ?? false
            ))
        }
        if name == "workbookPr" { book.counts1904 = ["1", "true"].contains(attributes["date1904"]) }
      })
    guard isWorkbook else { throw SpreadsheetError(.malformed, "it is a ZIP container, but no workbook") }
    let relations = try relations(of: main)
    func path(_ type: String, _ otherwise: String) -> String? {
      relations.first { $0.type == type }?.path ?? Self.place(of: otherwise, beside: main)
    }
    book.styles = path("styles", "styles.xml")
    book.strings = path("sharedStrings", "sharedStrings.xml")
    for sheet in listed {
      let relation = relations.first { $0.id == sheet.id }
      // Charts and macros have sheets of their own.
      if let type = relation?.type, Self.otherSheets.contains(type) { continue }
      guard
        let path = relation?.path ?? (listed.count == 1 ? Self.place(of: "worksheets/sheet1.xml", beside: main) : nil)
      else { continue }
      book.sheets.append(Sheet(name: sheet.name, path: path, isHidden: sheet.isHidden))
    }
    return book
  }

  private static let otherSheets: Set<Substring> = ["chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet"]
  /// As many as a list of them may have.
  private static let mostSheets = 4_096

  /// What a part relates to; "": the container itself.
  private mutating func relations(of part: String) throws -> [Relation] {
    let slash = part.lastIndex(of: "/")
    let folder = slash.map { String(part[...$0]) } ?? ""
    let name = slash.map { String(part[part.index(after: $0)...]) } ?? part
    var relations: [Relation] = []
    try archive.walk(
      folder + "_rels/" + name + ".rels",
      onStart: { name, attributes in
        guard name == "Relationship", attributes["TargetMode"] != "External", let target = attributes["Target"],
          relations.count < Self.mostSheets * 4
        else { return }
        let type = attributes["Type"] ?? ""
        relations.append(
          Relation(
            id: attributes["Id"] ?? "", type: type.split(separator: "/").last ?? "",
            path: Self.place(of: target, beside: part)))
      })
    return relations
  }

  /// A part's path inside the container, from how another part names it.
  private static func place(of target: String, beside part: String) -> String {
    if target.hasPrefix("/") { return String(target.dropFirst()) }
    var folders = part.split(separator: "/").dropLast()
    for step in target.split(separator: "/") {
      if step == ".." {
        _ = folders.popLast()
      } else if step != "." {
        folders.append(step)
      }
    }
    return folders.joined(separator: "/")
  }

  /// For each cell style whether it shows a date.
  private mutating func dateStyles(_ part: String) throws -> [Bool] {
    var dateFormats: Set<Int> = []
    var styles: [Bool] = []
    var isInside = false
    try archive.walk(
      part,
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

  private mutating func sharedStrings(_ part: String) throws -> [String] {
    var strings: [String] = []
    var current = ""
    var isText = false
    var isPhonetic = false
    var total = 0
    let limits = limits
    try archive.walk(
      part,
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

  /// Whether a format code has a letter for years, months, days, hours or seconds outside of quotes, escapes and
  /// brackets.
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
