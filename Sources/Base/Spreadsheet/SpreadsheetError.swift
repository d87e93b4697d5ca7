/// Why a sheet cannot be read or written. Never contains cell contents, so it is safe to show.
package struct SpreadsheetError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// Beyond one of `SpreadsheetLimits`.
    case limit
    /// Not a ZIP container, not well-formed XML, no worksheet.
    case malformed
    /// A document type, an entity or encryption: never needed, often an attack.
    case forbidden
    /// The file could not be read or the library failed.
    case file
  }
  package var kind: Kind
  package var reason: String
  /// Row of the sheet or line of the file, from 1, where known.
  package var line: Int?

  package init(_ kind: Kind, _ reason: String, line: Int? = nil) {
    self.kind = kind
    self.reason = reason
    self.line = line
  }

  package var hint: String {
    switch kind {
    case .limit: "split the sheet, or look whether the file is what it claims to be"
    case .malformed: "save the sheet anew as .xlsx or as CSV in UTF-8"
    case .forbidden: "save the sheet anew without macros, passwords or embedded definitions"
    case .file: "check that the file exists and may be read"
    }
  }

  package var description: String {
    "spreadsheet: \(line.map { "line \($0): " } ?? "")\(reason); \(hint)"
  }
}
