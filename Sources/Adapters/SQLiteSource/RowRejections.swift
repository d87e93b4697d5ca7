internal import Capture
internal import Entity

/// Rows that were rejected and are still as bad as they were, so that they no longer count once they come through, are
/// gone, or were rejected anew.
struct RowRejections {
  /// Keys of the open ones.
  private var open: Set<[UInt8]> = []
  private var settled: [[UInt8]] = []
  /// Of the table that is read from its beginning to its end now, which were met; nil: it was begun by another process.
  private var met: (table: Int, keys: Set<[UInt8]>)?

  mutating func resume(from open: Set<[UInt8]>) {
    self.open = open
    settled = []
    met = nil
  }

  mutating func takeSettled() -> [[UInt8]] {
    defer { settled = [] }
    return settled
  }

  var isEmpty: Bool { open.isEmpty }

  /// `mark`: tells the row from others of its table.
  private static func key(_ mark: [UInt8], of table: Int) -> [UInt8] {
    [UInt8(truncatingIfNeeded: table >> 8), UInt8(truncatingIfNeeded: table)] + mark
  }

  /// The row is read as it is, or is gone.
  mutating func settle(_ mark: [UInt8], of table: Int) {
    let key = Self.key(mark, of: table)
    if open.remove(key) != nil { settled.append(key) }
  }

  /// The row is rejected. What was rejected of it before no longer counts.
  mutating func reject(_ event: inout PendingEvent, _ mark: [UInt8], of table: Int) {
    let key = Self.key(mark, of: table)
    if !open.insert(key).inserted { settled.append(key) }
    meet(key, of: table)
    guard let record = event.rejection else { return }
    event.rejection = RejectedRecord(
      key: key, reason: record.reason, detail: record.detail, place: record.place)
  }

  /// Whether the row was rejected before and nothing has come of it since.
  mutating func isKnown(_ mark: [UInt8], of table: Int) -> Bool {
    let key = Self.key(mark, of: table)
    guard open.contains(key) else { return false }
    meet(key, of: table)
    return true
  }

  private mutating func meet(_ key: [UInt8], of table: Int) { if met?.table == table { met?.keys.insert(key) } }

  /// All rows of a table are going to be read.
  mutating func begin(_ table: Int) { met = (table, []) }

  /// All rows of a table were read: those that were not among them are gone.
  mutating func end(_ table: Int) {
    guard let met, met.table == table else { return }
    self.met = nil
    let gone = open.filter { $0.starts(with: Self.key([], of: table)) && !met.keys.contains($0) }
    open.subtract(gone)
    settled += gone.sorted { $0.lexicographicallyPrecedes($1) }
  }
}

extension SQLiteSource {
  /// Keeps books of a row's event: rejected, or read as it is.
  func book(_ event: inout PendingEvent, _ row: SourceRow, of table: Int) {
    if event.operation == .rejected {
      rejections.reject(&event, known.mark(of: row, table).bytes, of: table)
    } else {
      bookGone(row, of: table)
    }
  }

  /// The row is gone, or was read.
  func bookGone(_ row: SourceRow, of table: Int) {
    if !rejections.isEmpty { rejections.settle(known.mark(of: row, table).bytes, of: table) }
  }
}
