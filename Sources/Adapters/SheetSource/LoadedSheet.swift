internal import Capture
internal import Spreadsheet

/// A sheet's rows, reduced to the columns of its mapping.
struct LoadedSheet {
  /// Row number (the header is 1) and cells.
  var rows: [(number: Int, row: SheetRow)] = []
  /// Columns that are not captured, by name.
  var dropped: [String] = []
  /// Required columns that the header lacks.
  var missing: [String] = []

  struct Unreadable: Error {
    /// Why, without content.
    var reason: String
  }

  init(_ path: String, _ mapping: any SheetMapping) throws(Unreadable) {
    var limits = SpreadsheetLimits()
    limits.fileBytes = SheetLimits.sheetBytes
    limits.rows = SheetLimits.sheetRows
    /// Where each known column stands on the sheet; nil: nowhere.
    var places: [Int?]?
    do {
      let report = try Spreadsheet.read(path: path, limits: limits) { number, cells in
        guard let known = places else {
          places = readHeader(cells, mapping)
          return
        }
        let row = SheetRow(
          cells: known.map { place in
            guard let place, place < cells.count else { return "" }
            return ClearText.trimmed(cells[place].string)
          })
        // A row of a sheet without its columns is a record too, so it is not dropped for looking empty.
        if !row.isEmpty || !missing.isEmpty { rows.append((number, row)) }
      }
      if report.format == .csv, path.lowercased().hasSuffix(".xlsx") { throw Unreadable(reason: "it is no workbook") }
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

  /// Why the file cannot be read; nil: it can.
  static func fault(of path: String, _ mapping: any SheetMapping) -> String? {
    do {
      _ = try LoadedSheet(path, mapping)
      return nil
    } catch {
      return error.reason
    }
  }

  /// Names are compared without regard to case and surrounding blanks; of two columns of one name the first counts.
  private mutating func readHeader(_ cells: [Cell], _ mapping: any SheetMapping) -> [Int?] {
    let names = cells.map { ClearText.trimmed($0.string).lowercased() }
    let known = mapping.columns
    missing = known.filter { mapping.required.contains($0) && !names.contains($0) }
    let unknown = names.filter { !$0.isEmpty && !known.contains($0) }
    // A header is content of a foreign file: shown in short and at most a few.
    dropped = Set(unknown).sorted().prefix(SheetLimits.namedColumns).map {
      ClearText.cut($0, to: SheetLimits.columnNameBytes)
    }
    return known.map { names.firstIndex(of: $0) }
  }
}
