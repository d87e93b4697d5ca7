internal import Capture

/// A sheet whose changes are being handed over.
struct SheetComparison {
  struct Row {
    /// Row of the sheet, the header being 1.
    var number: UInt64
    var row: SheetRow
    /// Why it can be no event; nil: it can.
    var fault: RowFault?

    /// Where nothing else tells it from others: without its columns one row looks like another.
    var distinctNumber: UInt64? { fault?.reason == "sheet.missingColumn" ? number : nil }
  }

  var taken: SheetPosition.Taken
  /// How kept rows name the file.
  var file: [UInt8]
  /// Keyed token of its bytes; "-": nobody asked.
  var bytes = "-"
  /// Whether it has its columns, so that rows that it lacks are gone.
  var isWhole = false
  var ordinal: UInt64
  var rows: [Row] = []
  var next = 0
  /// Kept keys of rows that the sheet no longer has.
  var vanished: [[UInt8]] = []
  var nextVanished = 0
  /// Kept keys of rejected rows that the sheet no longer has.
  var stale: [[UInt8]] = []
  /// Why the sheet cannot be read; nil: it can.
  var unreadable: String?

  var isDone: Bool { next == rows.count && nextVanished == vanished.count }

  /// Settles which rows count (of several with one key the last), and what the sheet no longer has. A sheet that is not
  /// whole takes nothing away.
  mutating func settle(_ kept: KeptRows, _ mapping: any SheetMapping) {
    var last: [[UInt8]: Int] = [:]
    var present: Set<[UInt8]> = []
    var rejected: Set<[UInt8]> = []
    for (index, row) in rows.enumerated() {
      // Also a row with a fault is still there.
      let key = mapping.key(of: row.row).map { kept.key($0, in: file) }
      if let key { present.insert(key) }
      if row.fault != nil {
        rejected.insert(kept.rejectedKey(row.row, number: row.distinctNumber, in: file))
      } else if let key {
        last[key] = index
      }
    }
    rows = rows.enumerated().filter { index, row in
      row.fault != nil || mapping.key(of: row.row).map { last[kept.key($0, in: file)] == index } ?? false
    }.map(\.element)
    let known = kept.keys(of: file)
    stale = known.rejected.filter { !rejected.contains($0) }
    if isWhole { vanished = known.rows.filter { !present.contains($0) } }
  }
}
