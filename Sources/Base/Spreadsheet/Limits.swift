/// Limits of this module, each with its reason. A sheet comes from outside, so size is checked before memory is taken.
package struct SpreadsheetLimits: Sendable, Equatable {
  /// A lead sheet of a million rows has less; a bigger file is not one.
  package var fileBytes = 256 << 20
  /// Entries of the ZIP container; a workbook has a dozen.
  package var entries = 1_000
  /// All entries unpacked, together.
  package var inflatedBytes = 256 << 20
  /// Unpacked to packed size of one entry (Apache POI's limit); text packs 10:1 to 30:1, bombs 1,000:1.
  package var ratio = 100
  /// The ratio does not count below this size: a short entry of blanks packs well without being a bomb.
  package var ratioGraceBytes = 100 << 10
  package var columns = 512
  /// The most that a worksheet can have.
  package var rows = 1_048_576
  /// One field, and one line of a CSV file.
  package var fieldBytes = 64 << 10
  package var lineBytes = 64 << 10
  /// Nesting of XML elements; worksheets use nine levels.
  package var depth = 32
  /// Shared strings of a workbook, all together, kept in memory while it is read.
  package var sharedStringBytes = 64 << 20
  /// Their number: empty ones take memory too, 16 bytes each. The list of a full lead sheet has less.
  package var sharedStrings = 4 << 20
  /// One tag, comment or instruction of the XML. Lists of ranges in an attribute are the longest that spreadsheet programs
  /// write, some ten kilobytes; the parser's time grows with the square of this.
  package var markupBytes = 1 << 20
  /// Names of elements and attributes in one part; worksheets use less than a hundred.
  package var names = 4_096

  package init() {}
}
