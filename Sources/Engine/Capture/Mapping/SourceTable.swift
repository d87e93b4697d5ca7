/// A table of a source system as a mapping knows it. Columns that stand here are captured, no others.
///
/// A class, because every row holds on to its table.
package final class SourceTable: Sendable {
  /// As the source calls it.
  package let name: String
  /// The captured columns, in an order that stays: values of a row stand in it.
  package let columns: [String]
  /// The columns that tell one row from another, by their place among `columns`.
  package let key: [Int]
  /// Columns that the source is known to have and that are never read; not worth a note.
  package let ignored: Set<String>
  /// Captured columns that many a source does not have; not worth a note either.
  package let rare: Set<String>
  /// Whether many a source does not have it at all; not worth a note either.
  package let isRare: Bool
  /// What its events need of another table's row; nil: nothing.
  package let refersTo: ReferredValue?
  /// Of each column, what tells most names apart (`mark`).
  private let marks: [UInt32]

  /// `key` names columns; those that are not among `columns` are left out, so that a table whose list came from a file
  /// can be checked (`hasKey`).
  package init(
    _ name: String, columns: [String], key: [String], ignored: Set<String> = [], rare: Set<String> = [],
    isRare: Bool = false, refersTo: ReferredValue? = nil
  ) {
    self.isRare = isRare
    self.name = name
    self.columns = columns
    self.ignored = ignored
    self.rare = rare
    self.refersTo = refersTo
    marks = columns.map(Self.mark)
    self.key = key.compactMap { columns.firstIndex(of: $0) }
    hasKey = !key.isEmpty && self.key.count == key.count
  }

  /// Whether there is a key and all of it is captured.
  package let hasKey: Bool

  /// Where a column stands among `columns`; nil: it is not captured.
  ///
  /// Asked for every value of every row: hashing the whole name would take 3 % of a snapshot's time.
  package func place(of column: String) -> Int? {
    let mark = Self.mark(column)
    for place in marks.indices where marks[place] == mark && columns[place] == column { return place }
    return nil
  }

  /// Length, first and last byte.
  private static func mark(_ column: String) -> UInt32 {
    let bytes = column.utf8.span
    if bytes.isEmpty { return 0 }
    return UInt32(truncatingIfNeeded: bytes.count) << 16 | UInt32(bytes[0]) << 8 | UInt32(bytes[bytes.count - 1])
  }

  /// The names of the key's columns.
  package var keyColumns: [String] { key.map { columns[$0] } }
}

/// A value of another table's row that a row's events need, as the channel of its order is needed to route an order
/// line. It is looked up when the row is read: as the other row is then, or as it was when it was deleted.
package struct ReferredValue: Sendable, Hashable {
  /// The column of the row's own table that holds the other row's key.
  package var column: String
  /// The other table, which is captured too.
  package var table: String
  /// The other table's key, a single column.
  package var key: String
  /// The column of the other table that is needed.
  package var value: String

  package init(column: String, table: String, key: String, value: String) {
    self.column = column
    self.table = table
    self.key = key
    self.value = value
  }
}
