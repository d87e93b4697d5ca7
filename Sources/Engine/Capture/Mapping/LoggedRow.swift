package import Entity

/// What the log says of one row: enough to know whether it was delivered, and not taken back.
package struct LoggedRow: Sendable {
  /// The source that it came from.
  package var source: String
  /// The row's table, as the source calls it.
  package var table: String
  /// As the log holds it.
  package var key: RowKey<SealedPerson>
  /// The record says that the row is gone.
  package var isGone: Bool
  /// By which two records of one row are ordered.
  package var version: StateVersion

  package init(source: String, table: String, key: RowKey<SealedPerson>, isGone: Bool, version: StateVersion) {
    self.source = source
    self.table = table
    self.key = key
    self.isGone = isGone
    self.version = version
  }
}

extension LoggedRow {
  /// nil: the event is about no row, or was rejected.
  package init?(_ envelope: Envelope, _ key: RowKey<SealedPerson>?) {
    guard let key, envelope.operation != .rejected, envelope.operation != .heartbeat else { return nil }
    self.init(
      source: envelope.source, table: envelope.position.stream, key: key, isGone: envelope.operation == .delete,
      version: envelope.version)
  }
}
