internal import Spreadsheet

/// A sheet's rows, reduced to the known columns.
struct LoadedSheet {
  /// Row number (the header is 1) and cells.
  var rows: [(Int, LeadRow)] = []
  /// Columns that are not captured, by name.
  var dropped: [String] = []
  /// Required columns that the header lacks.
  var missing: [String] = []

  struct Unreadable: Error {
    /// Why, without content.
    var reason: String
  }

  init(_ path: String) throws(Unreadable) {
    throw Unreadable(reason: "adapter")
  }
}
