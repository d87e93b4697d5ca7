internal import Spreadsheet

/// A spend sheet's rows, reduced to the known columns.
struct SpendSheet {
  /// Row number (the header is 1) and cells.
  var rows: [(number: Int, row: SpendRow)] = []
  /// Columns that are not captured, by name.
  var dropped: [String] = []
  /// Required columns that the header lacks.
  var missing: [String] = []

  struct Unreadable: Error {
    /// Why, without content.
    var reason: String
  }

  init(_ path: String) throws(Unreadable) {
    var limits = SpreadsheetLimits()
    limits.fileBytes = CaptureLimits.sheetBytes
    limits.rows = CaptureLimits.sheetRows
    /// Where each known column stands on the sheet; nil: nowhere.
    var places: [Int?]?
    do {
      _ = try Spreadsheet.read(path: path, limits: limits) { number, cells in
        guard let known = places else {
          places = readHeader(cells)
          return
        }
        let row = SpendRow(
          cells: known.map { place in
            guard let place, place < cells.count else { return "" }
            return CheckRules.trimmed(cells[place].string)
          })
        if !row.isEmpty || !missing.isEmpty { rows.append((number, row)) }
      }
    } catch let error as SpreadsheetError {
      throw Unreadable(reason: error.line.map { "line \($0): \(error.reason)" } ?? error.reason)
    } catch {
      throw Unreadable(reason: "it cannot be read")
    }
    guard places != nil else { throw Unreadable(reason: "it has no header") }
    // Without a row to reject, nothing would show that the sheet was of no use.
    if rows.isEmpty, !missing.isEmpty { throw Unreadable(reason: "it lacks required columns and has no rows") }
  }

  /// Names are compared without regard to case and surrounding blanks; of two columns of one name the first counts.
  private mutating func readHeader(_ cells: [Cell]) -> [Int?] {
    let names = cells.map { CheckRules.trimmed($0.string).lowercased() }
    missing = SpendRow.columns.filter { !names.contains($0) }
    let unknown = names.filter { !$0.isEmpty && !SpendRow.columns.contains($0) }
    dropped = Set(unknown).sorted().prefix(CaptureLimits.namedColumns).map {
      LogText.cut($0, to: CaptureLimits.columnNameBytes)
    }
    return SpendRow.columns.map { names.firstIndex(of: $0) }
  }
}
