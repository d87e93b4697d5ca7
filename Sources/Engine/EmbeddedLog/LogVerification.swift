/// What `verify` went through without finding damage.
package struct LogVerification: Sendable, Equatable {
  /// Records in all partitions.
  package var records: Int64
  /// Bytes of the stored batches.
  package var bytes: Int64
  /// Anchors that were given and hold.
  package var anchorsChecked: Int

  package init(records: Int64, bytes: Int64, anchorsChecked: Int) {
    self.records = records
    self.bytes = bytes
    self.anchorsChecked = anchorsChecked
  }
}
