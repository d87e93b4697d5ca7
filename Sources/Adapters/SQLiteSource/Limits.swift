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
  /// Changes that the change table holds at most, delivered or not: those of fifty days of a shop with 10,000 a day,
  /// in some 70 to 100 MB. The triggers themselves see to it, so that it is true also while nobody captures.
  package static let keptChanges: Int64 = 500_000
  /// What may be said instead: fewer would be gone before a busy shop's changes were read, more would fill its disk.
  package static let keptChangesRange: ClosedRange<Int64> = 10_000...100_000_000
  /// Of so many changes of more bytes than this one each, fewer are held. Ten times a usual change.
  static let changeBytes: Int64 = 1_000
  /// After so many changes the triggers look whether there are too many, and then delete at most ten times as many: a
  /// table that was far too large shrinks, and no write of the source takes more than a millisecond longer.
  static let changesPerCut: Int64 = 100
  /// Delivered changes that stay in the source's change table, to recognise it by after a restart.
  package static let changeMargin: Int64 = 100_000
  /// Changes deleted per transaction, so that the source's application never waits long for its write lock.
  package static let prunedPerTransaction: Int64 = 5_000
  /// Rows whose newest change is still to be found, kept in memory; some 500 bytes each. With more their tables are
  /// compared.
  package static let unsettledRows = 100_000
  /// After so long all tables are compared anew: a day, and a little less where capture is started once a day.
  package static let dayOfRoundMillis: Int64 = 23 * 3_600_000
  /// A week, likewise.
  package static let weekOfRoundMillis: Int64 = (7 * 24 - 1) * 3_600_000
  /// A comparison that goes round reads one part of a table at each look. One that is not through after so long reads
  /// the rest at once.
  static let longestRoundMillis: Int64 = 6 * 3_600_000
  /// Rows of a table without an index of its key, which is read in one go to find a row; with more a round leaves it
  /// out.
  static let rowsWithoutIndex: Int64 = 20_000
  /// Columns of a captured table: the change table has two for each of these.
  package static let changeColumns = 24
}
