/// Limits of this module, each with its reason.
package enum SQLiteSourceLimits {
  /// Rows read in one transaction of the source's database. A reader of a rollback-journal database holds up the
  /// source's commits, so each read ends within some ten milliseconds.
  package static let rowsPerRead = 2_000
  /// How many changes before and after that of a row the deletion of the row that it refers to is looked for: a cascade
  /// puts both into one transaction. A look takes some ten milliseconds, once for each read.
  package static let deletionWindow: Int64 = 20_000
  /// Deleted rows whose referred value is kept in memory; about 100 bytes each.
  package static let rememberedDeletions = 100_000
  /// Delivered changes that stay in the source's change table, to recognise it by after a restart.
  package static let changeMargin: Int64 = 100_000
  /// Changes deleted per transaction, so that the source's application never waits long for its write lock.
  package static let prunedPerTransaction: Int64 = 5_000
  /// Rows whose newest change is still to be found, kept in memory; some 500 bytes each. With more their tables are
  /// compared.
  package static let unsettledRows = 100_000
  /// Columns of a captured table: the change table has two for each of these.
  package static let changeColumns = 24
}
