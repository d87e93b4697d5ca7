internal import Capture
internal import Spreadsheet

/// A sheet's rows, reduced to the columns of its mapping.
struct LoadedSheet {
  struct Row {
    /// The header is 1.
    var number: Int
    var row: SheetRow
    /// What is wrong with the line itself, whatever its cells mean; nil: nothing.
    var fault: RowFault?
  }

  var rows: [Row] = []
  /// Columns that are not captured, by name.
  var dropped: [String] = []
  /// Required columns that the header lacks.
  var missing: [String] = []
  /// Of a workbook with several worksheets, which was read; nil: there was no choice.
  var worksheet: String?
  /// Whether its text is no UTF-8, and was read as Windows-1252.
  var isWindows1252 = false
  /// A column that counts and stands on the sheet more than once; nil: there is none.
  private var doubled: String?
  /// Where each known column stands on the sheet; nil: nowhere.
  private var places: [Int?]?
  /// Cells of the header.
  private var width = 0
  /// Texts of columns of numbers, by column and row, that are still to be read.
  private var numbers: [Int: [Int: String]] = [:]

  struct Unreadable: Error {
    /// Why, without content but for numbers that cannot be told.
    var reason: String
  }

  init(_ path: String, _ mapping: any SheetMapping) throws(Unreadable) {
    var limits = SpreadsheetLimits()
    limits.fileBytes = SheetLimits.sheetBytes
    limits.rows = SheetLimits.sheetRows
    do {
      let report = try Spreadsheet.read(
        path: path, limits: limits, isHeader: { Self.lacking($0, mapping).isEmpty },
        broken: { line, cells, reason in
          guard places != nil else { throw SpreadsheetError(.malformed, reason, line: line) }
          take(line, cells, RowFault(reason: "sheet.badQuotes", detail: reason), mapping)
        },
        row: { number, cells in
          if places == nil { readHeader(cells, mapping) } else { take(number, cells, nil, mapping) }
        })
      if report.format == .csv, path.lowercased().hasSuffix(".xlsx") { throw Unreadable(reason: "it is no workbook") }
      // Notes beside a table are common in workbooks; in a CSV file a cell too many has moved all others.
      if report.format == .xlsx {
        for index in rows.indices where rows[index].fault?.reason == Self.beside { rows[index].fault = nil }
      }
      worksheet = report.worksheet.map { $0.read }
      isWindows1252 = report.encoding == .windows1252
      if let doubled {
        throw Unreadable(reason: "it has more than one column \(doubled), and nothing tells which counts; leave one")
      }
      try readNumbers(mapping)
    } catch let error as Unreadable {
      throw error
    } catch let error as SpreadsheetError {
      throw Unreadable(reason: error.line.map { "line \($0): \(error.reason)" } ?? error.reason)
    } catch {
      throw Unreadable(reason: "it cannot be read")
    }
    guard places != nil else { throw Unreadable(reason: "it has no header") }
    // Without a row to reject, nothing would show that the sheet was of no use.
    if rows.isEmpty, !missing.isEmpty { throw Unreadable(reason: "it lacks required columns and has no rows") }
  }

  private static let beside = "sheet.extraCells"

  private mutating func take(_ number: Int, _ cells: [Cell], _ fault: RowFault?, _ mapping: any SheetMapping) {
    var fault = fault
    var texts: [String] = []
    for (column, place) in (places ?? []).enumerated() {
      let cell = place.flatMap { $0 < cells.count ? cells[$0] : nil } ?? .empty
      if case .error(let error) = cell, fault == nil {
        fault = RowFault(reason: "sheet.cellError", detail: "\(mapping.columns[column]): \(error.prefix(16))")
      }
      texts.append(ClearText.trimmed(cell.string))
      if case .text = cell, mapping.numbers.contains(mapping.columns[column]), !texts[column].isEmpty {
        numbers[column, default: [:]][rows.count] = texts[column]
      }
    }
    if fault == nil, cells.count > width, cells[width...].contains(where: { $0 != .empty }) {
      fault = RowFault(reason: Self.beside, detail: "more cells than the header has")
    }
    let row = SheetRow(cells: texts)
    // A row of a sheet without its columns is a record too, so it is not dropped for looking empty.
    guard !row.isEmpty || !missing.isEmpty || fault != nil else {
      for column in numbers.keys { numbers[column]?[rows.count] = nil }
      return
    }
    rows.append(Row(number: number, row: row, fault: fault))
  }

  /// Writes numbers as plain decimals. Throws where a column does not tell how they are to be read.
  private mutating func readNumbers(_ mapping: any SheetMapping) throws(Unreadable) {
    for (column, texts) in numbers {
      let signs: NumberSigns?
      if let said = mapping.signs.flatMap(NumberSigns.init(rawValue:)) {
        signs = said
      } else {
        // Lines whose cells may have moved say nothing about a column.
        let sound = texts.filter { rows[$0.key].fault == nil }.sorted { $0.key < $1.key }.map(\.value)
        do { signs = try NumberSigns.told(by: sound) } catch {
          throw Unreadable(
            reason: "\(mapping.columns[column]) \(error.words); say numbers: point or comma in millrace.yaml")
        }
      }
      for (index, text) in texts {
        let reading =
          signs.map { $0.reading(text) } ?? NumberSigns.point.reading(text) ?? NumberSigns.comma.reading(text)
        guard let reading else { continue }
        var cells = rows[index].row.cells
        cells[column] = reading
        rows[index].row = SheetRow(cells: cells)
      }
    }
  }

  /// Why the file cannot be read; nil: it can.
  static func fault(of path: String, _ mapping: any SheetMapping) -> String? {
    do {
      _ = try LoadedSheet(path, mapping)
      return nil
    } catch {
      return error.reason
    }
  }

  /// Titles in the form of the mapping's names: "Lead ID", "lead-id" and " LEAD_ID" are lead_id.
  private static func names(_ cells: [Cell]) -> [String] {
    cells.map { cell in
      let words = ClearText.trimmed(cell.string).lowercased().split {
        $0.isWhitespace || $0 == "-" || $0 == "_" || $0 == "."
      }
      return words.joined(separator: "_")
    }
  }

  private static func lacking(_ cells: [Cell], _ mapping: any SheetMapping) -> [String] {
    let names = Set(names(cells))
    return mapping.columns.filter { mapping.required.contains($0) && !names.contains($0) }
  }

  /// Of two columns of one name the first counts, where the column may be missing as well.
  private mutating func readHeader(_ cells: [Cell], _ mapping: any SheetMapping) {
    let names = Self.names(cells)
    let known = mapping.columns
    missing = Self.lacking(cells, mapping)
    let unknown = names.filter { !$0.isEmpty && !known.contains($0) }
    // A header is content of a foreign file: shown in short and at most a few.
    dropped = Set(unknown).sorted().prefix(SheetLimits.namedColumns).map {
      // Scrubbed before it is cut, or half a number would stay; the blanks that parted it are underscores here.
      ClearText.cut(TextScrubber.scrubIfSuspicious($0), to: SheetLimits.columnNameBytes)
    }
    places = known.map { names.firstIndex(of: $0) }
    doubled = known.first { name in mapping.required.contains(name) && names.count { $0 == name } > 1 }
    width = cells.count
  }
}
