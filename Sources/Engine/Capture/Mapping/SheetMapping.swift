package import Entity
package import Privacy

/// What a domain says of the sheets in a folder: their columns, and what their rows are to the log. Whoever reads the
/// folder knows files, workbooks and comparisons, and asks the mapping what each row means.
///
/// A mapping is asked from one thread at a time, that of its source.
package protocol SheetMapping {
  /// What people call one of the sheets, without an article: "lead sheet".
  var title: String { get }
  /// Changes with what the mapping takes for a row: what an earlier one has refused is then read again.
  var version: String { get }
  /// What one sheet holds of all rows.
  var scope: SheetScope { get }
  /// Ends of file names, in small letters: "csv", "xlsx".
  var fileTypes: Set<String> { get }
  /// The captured columns, in small letters, in the order of a row's cells.
  var columns: [String] { get }
  /// Those of them without which a sheet is of no use.
  var required: Set<String> { get }
  /// Those of them that hold numbers, which people write with points and commas.
  var numbers: Set<String> { get }
  /// How numbers are written, "point" or "comma"; nil: each column tells by itself, or its sheet is refused.
  var signs: String? { get }
  /// Whether a row that a sheet no longer has is still there: each sheet adds to those before.
  var isAddition: Bool { get }
  /// Whether rows that a file no longer has stay where its time has moved on: exports of the last thirty days.
  var keepsRolledOut: Bool { get }
  /// The topic that events of these rows go to.
  var topic: String { get }
  /// Under which names tokens are made; part of what is kept between runs, so they are never changed.
  var tokens: SheetTokenNames { get }

  /// What tells a row from others, also where the rest of it is wrong; nil: it does not say.
  func key(of row: SheetRow) -> [UInt8]?
  /// What the row says. Throws why it can be no event.
  func entry(of row: SheetRow) throws(RowFault) -> SheetEntry
  /// The event of a row that was added, changed or taken away, given the contents of its entries; nil: there is nothing
  /// to tell, since what there was can no longer be read.
  func event(before: [UInt8]?, after: [UInt8]?) -> MappedEvent?
  /// The money that is missing where the row is rejected; nil: it is about none, or nobody can tell.
  func amount(ofRejected row: SheetRow) -> RejectedAmount?
  /// What rows of one key say together, the newest taken last: of several in one sheet, and of one in each of several.
  /// nil: they do not add up, and the last counts. Throws why they cannot be taken together.
  func together(_ contents: [[UInt8]]) throws(RowFault) -> [UInt8]?
  /// When a row became what it is, as it says itself, in milliseconds since 1970; nil: it does not say.
  func time(of content: [UInt8]) -> Int64?
  /// Where in time a row stands, for rolling exports; any number that grows. nil: nowhere.
  func place(of content: [UInt8]) -> Int64?
  /// The key in the log of a row that is rejected. `key`: as above; nil also for a sheet that could not be read at all.
  func route(ofRejected key: [UInt8]?, raw: [UInt8]) -> Token
}

extension SheetMapping {
  /// The first.
  package var version: String { "1" }
  /// None.
  package var numbers: Set<String> { [] }
  /// Told by the columns.
  package var signs: String? { nil }
  /// They go.
  package var keepsRolledOut: Bool { false }
  /// Nowhere.
  package func place(of content: [UInt8]) -> Int64? { nil }
  /// What a sheet lacks is gone.
  package var isAddition: Bool { false }
  /// None.
  package func amount(ofRejected row: SheetRow) -> RejectedAmount? { nil }
  /// The last counts.
  package func together(_ contents: [[UInt8]]) throws(RowFault) -> [UInt8]? { nil }
  /// Unknown.
  package func time(of content: [UInt8]) -> Int64? { nil }
}

/// What one sheet of a folder holds of all rows.
package enum SheetScope: Sendable {
  /// All: a row that the newest sheet lacks is gone.
  case everything
  /// Its own: a file that is sent again under its name takes the place of what it held. A row that two files have
  /// counts once, as it was taken last, unless the mapping adds them up.
  case itsOwn
  /// All of one list, of which a folder has several: sheets whose names differ in days and months only are one list at
  /// different times, and so are those that differ in a number and share their rows. A row of an
  /// older sheet, as it says itself, changes nothing.
  case list
}

/// Under which names a source of sheets makes tokens.
package struct SheetTokenNames: Sendable {
  /// Of a file's name.
  package var file: String
  /// Of a file's bytes.
  package var bytes: String
  /// Of a row's key.
  package var key: String
  /// Of what a row says.
  package var content: String
  /// Of a row that was rejected.
  package var rejected: String

  package init(file: String, bytes: String, key: String, content: String, rejected: String) {
    self.file = file
    self.bytes = bytes
    self.key = key
    self.content = content
    self.rejected = rejected
  }
}

/// One row of a sheet: the cells of the captured columns.
package struct SheetRow: Sendable, Equatable {
  /// Trimmed, one for each column; "" where the sheet has nothing.
  package let cells: [String]

  package init(cells: [String]) { self.cells = cells }

  /// Whether no captured column says anything.
  package var isEmpty: Bool { cells.allSatisfy(\.isEmpty) }

  /// The row as bytes (`joined`).
  package var content: [UInt8] { Self.joined(cells) }

  /// Texts as bytes, each with its length in front, so that no two lists look alike.
  package static func joined(_ cells: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for cell in cells {
      withUnsafeBytes(of: UInt32(clamping: cell.utf8.count).bigEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: cell.utf8)
    }
    return bytes
  }

  /// Reads what `joined` has written; nil for other bytes.
  package static func separated(_ bytes: [UInt8]) -> [String]? {
    var cells: [String] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard length <= rest.count else { return nil }
      cells.append(String(decoding: rest.prefix(length), as: UTF8.self))
      rest = rest.dropFirst(length)
    }
    return cells
  }
}

/// A row that could be read.
package struct SheetEntry: Sendable, Equatable {
  /// What tells it from others.
  package var key: [UInt8]
  /// All that it says. Kept, sealed, so that a later sheet can be compared with it.
  package var content: [UInt8]
  /// Whose data keys seal what is kept.
  package var subjects: [Subject]

  package init(key: [UInt8], content: [UInt8], subjects: [Subject]) {
    self.key = key
    self.content = content
    self.subjects = subjects
  }
}
