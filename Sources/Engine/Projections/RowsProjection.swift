package import Marts

/// A projection that keeps newest states of rows and nothing else: what it holds, writes and forgets is what they do.
package protocol RowsProjection: Projection {
  /// The rows, and what is folded of them and not written yet.
  var rows: VersionedRows { get set }
}

extension RowsProjection {
  /// Rows with a state that is not written yet.
  package var pendingCount: Int { rows.count }
  /// Writes the rows. Throws what `VersionedRows.flush` throws.
  package func flush(into transaction: MartTransaction) throws { try rows.flush(into: transaction) }
  /// Forgets what is not written.
  package func discard() { rows.discard() }
}

extension VersionedRows {
  /// The view `flagged_rows` over `PREFIX_flags`, for a mart with no other findings. For people: `entities` are the
  /// names of what the rows are, as in the tables; `row` is what has a source ("the lead"), `key` what its key is.
  package static func flaggedRows(
    _ prefix: String, entities: [String], of row: String, key: String = "Its key."
  ) -> ViewDefinition {
    ViewDefinition(
      "flagged_rows", "Everything odd that is nevertheless applied.",
      select: """
        SELECT f.code, f.entity, \(SQLText.system("f.number")) AS system, CAST(\(SQLText.key("f.number")) AS TEXT) AS id,
          1 AS occurrences
        FROM \(prefix)_flags f
        """,
      columns: [
        ("code", "Finding of capture."), ("entity", named(entities)), ("system", "Source of \(row)."), ("id", key),
        ("occurrences", "Always 1 in this mart."),
      ])
  }

  /// What may stand in a column of entities, for people.
  static func named(_ entities: [String]) -> String { entities.map { "\"\($0)\"" }.joined(separator: ", ") + "." }
}
