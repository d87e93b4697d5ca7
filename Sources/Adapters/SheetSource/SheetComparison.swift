internal import Capture

/// A sheet whose changes are being handed over.
struct SheetComparison {
  struct Row {
    /// Row of the sheet, the header being 1.
    var number: UInt64
    var row: SheetRow
    /// Why it can be no event; nil: it can.
    var fault: RowFault?
    /// What it says together with others of its key on the sheet; nil: what it says itself.
    var content: [UInt8]?

    /// Where nothing else tells it from others: without its columns one row looks like another.
    var distinctNumber: UInt64? { fault?.reason == "sheet.missingColumn" ? number : nil }
  }

  var taken: SheetPosition.Taken
  /// As it stands in the folder.
  var name: String
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
  /// Kept keys of rows that it no longer has since its time has moved on, and of those that it has again.
  var rolledOut: [[UInt8]] = []
  var returned: [[UInt8]] = []
  /// Kept keys of rejected rows that the sheet no longer has.
  var stale: [[UInt8]] = []
  /// Why the sheet cannot be read; nil: it can.
  var unreadable: String?
  /// Whether there were rows, and none of them could be read.
  var isRefused = false
  /// What somebody has to decide before it counts; nil: nothing.
  var doubt: String?
  /// Rows that were known of it before.
  var known = 0

  var isDone: Bool { next == rows.count && nextVanished == vanished.count }

  /// Whether it says that most of what was known is gone, as an export that failed does.
  /// A list of those who are at work may have few of its rows of before, and others.
  var losesMost: Bool {
    known > 0 && isWhole && (rows.isEmpty || (vanished.count * 2 > known && rows.count * 2 < known))
  }

  /// Settles which rows count (of several with one key all together, or the last), and what the sheet no longer has. A
  /// sheet that is not whole takes nothing away, nor does one with lines that nobody can read.
  mutating func settle(_ kept: KeptRows, _ mapping: any SheetMapping) {
    var present: Set<[UInt8]> = []
    var rejected: Set<[UInt8]> = []
    for row in rows {
      // Also a row with a fault is still there.
      if let key = mapping.key(of: row.row) { present.insert(kept.key(key, in: file)) }
    }
    unite(kept, mapping)
    for row in rows where row.fault != nil {
      rejected.insert(kept.rejectedKey(row.row, number: row.distinctNumber, in: file))
    }
    let old = kept.keys(of: file)
    stale = old.rejected.filter { !rejected.contains($0) }
    let there = old.rows.filter { !kept.hasRolledOut($0) }
    returned = old.rows.filter { kept.hasRolledOut($0) && present.contains($0) }
    known = there.count
    guard isWhole, !mapping.isAddition, !rows.contains(where: { $0.fault?.reason == "sheet.badQuotes" }) else { return }
    vanished = there.filter { !present.contains($0) }
    if mapping.keepsRolledOut { rollOut(Set(there), kept, mapping) }
    // Rows from before lists had names belong to the first list that has most of them.
    let earlier = kept.earlierKeys
    let missing = earlier.filter { !present.contains(file + $0) }
    if !earlier.isEmpty, missing.count * 2 <= earlier.count {
      vanished += missing
      known += earlier.count
    }
  }

  /// Sets apart what has gone because the sheet's time has moved on: rows from before its oldest, where its new rows
  /// are not older than those that it had.
  private mutating func rollOut(_ there: Set<[UInt8]>, _ kept: KeptRows, _ mapping: any SheetMapping) {
    guard !vanished.isEmpty else { return }
    var oldest = Int64.max
    var (newestKnown, newestNew) = (Int64.min, Int64.min)
    for row in rows where row.fault == nil {
      guard let entry = try? mapping.entry(of: row.row), let place = mapping.place(of: entry.content) else { continue }
      oldest = min(oldest, place)
      if there.contains(kept.key(entry.key, in: file)) {
        newestKnown = max(newestKnown, place)
      } else {
        newestNew = max(newestNew, place)
      }
    }
    guard newestNew > .min, newestNew >= newestKnown else { return }
    rolledOut = vanished.filter { key in
      guard let content = try? kept.content(of: key), let place = mapping.place(of: content) else { return false }
      return place < oldest
    }
    let out = Set(rolledOut)
    vanished.removeAll { out.contains($0) }
  }

  /// Leaves one row of each key.
  private mutating func unite(_ kept: KeptRows, _ mapping: any SheetMapping) {
    var last: [[UInt8]: Int] = [:]
    var contents: [[UInt8]: [UInt8]] = [:]
    for index in rows.indices where rows[index].fault == nil {
      guard let key = mapping.key(of: rows[index].row), let entry = try? mapping.entry(of: rows[index].row) else {
        continue
      }
      do throws(RowFault) {
        // One that does not fit those before it costs no more than itself.
        rows[index].content = try mapping.together((contents[key].map { [$0] } ?? []) + [entry.content])
        contents[key] = rows[index].content
        last[key] = index
      } catch {
        rows[index].fault = error
      }
    }
    rows = rows.enumerated().filter { index, row in
      row.fault != nil || mapping.key(of: row.row).map { last[$0] == index } ?? false
    }.map(\.element)
  }
}
