/// Limits of this module, each with its reason.
package enum SheetLimits {
  /// A sheet; the spreadsheet reader has limits of its own for what unpacks from it.
  package static let sheetBytes = 64 << 20
  /// Rows of a sheet, which is compared in memory as a whole.
  package static let sheetRows = 200_000
  /// Dropped columns that are named, and how long a name may be: a foreign file's header is no place for long texts.
  package static let namedColumns = 32
  package static let columnNameBytes = 64
  /// Files of other kinds that are named.
  package static let namedFiles = 8
  /// How long a sheet's name may be in a note; the file system allows 255.
  package static let sheetNameBytes = 128
  /// How long the reason may be why a sheet cannot be read.
  package static let reasonBytes = 128
  /// A sheet younger than this may still be written.
  package static let settlingMillis: Int64 = 1_000
}
