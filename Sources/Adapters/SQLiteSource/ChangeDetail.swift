/// What triggers write down of a change.
package enum ChangeDetail: String, Sendable, CaseIterable {
  /// Each change with the captured values before and after it.
  case every
  /// The key alone; the row is read when capture looks, so that changes between two looks become one. No column but
  /// those of the key is named, and SQLite refuses none of the source's own migrations.
  case latest
}
