package import Capture
internal import Entity
internal import Files
package import Money
package import Privacy
package import Telemetry

/// A folder of sheets (CSV, XLSX), in the order of their names; numbers in them count as numbers, so that "-10" follows
/// "-9". Each sheet is compared with what was kept of those before, and tells which rows are new, changed or gone. What
/// rows are, and what one sheet holds of all rows, a `SheetMapping` says.
///
/// A file that is taken out of the folder changes nothing, so that old sheets can be put away.
///
/// Unchecked: the session calls a source from one thread at a time.
package final class SheetFolderSource: CaptureSource, @unchecked Sendable {
  package let name: String
  /// The folder of the sheets.
  package let place: String
  package let topics: [String]
  /// A comparison reads what the commit before has written.
  package let readsAhead = false

  private let mapping: any SheetMapping
  private let router: Router
  private var position = SheetPosition()
  private var kept: KeptRows
  private var comparison: SheetComparison?
  private var dropped: Set<SourceNote> = []
  private var setAside = SheetsSetAside()
  private var setAsideNotes: Set<SourceNote> = []
  /// A sheet that is there could not be opened at the last look.
  private var isBarred = false
  private let sheetsRead: Counter
  private let unreadableSheets: Counter
  private let rowsRead: Counter

  /// `name` stands in every record, and is never changed. `folder` need not be there yet. Throws where the keys cannot
  /// be derived. `metrics` counts sheets and rows read.
  package init(
    name: String, folder: String, mapping: any SheetMapping, keyring: Keyring, metrics: Metrics = Metrics()
  ) throws(PrivacyError) {
    self.name = name
    place = folder
    self.mapping = mapping
    topics = [mapping.topic]
    router = try Router(keyring)
    kept = KeptRows(try Router(keyring), mapping.scope, mapping.tokens)
    func counter(_ what: String, _ help: String) -> Counter {
      metrics.counter("millrace_sheet_source_\(what)_total", help: help, labels: ["source": name])
    }
    sheetsRead = counter("sheets", "Sheets that were read and compared.")
    unreadableSheets = counter("unreadable", "Sheets that could not be read, and were set aside.")
    rowsRead = counter("rows", "Rows of sheets that were read, also those that had not changed.")
  }

  /// Goes on from there, with the rows that were kept.
  package func resume(from checkpoint: SourceCheckpoint) throws {
    position = checkpoint.position.flatMap { SheetPosition($0, mapping.scope) } ?? SheetPosition()
    setAside = try kept.resume(from: checkpoint.state)
    comparison = nil
  }

  /// Nothing is to be tidied up in somebody else's folder.
  package func delivered() throws {}

  /// Reads one sheet as a whole at most. Throws `CaptureError` where the folder cannot be read.
  package func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    guard Files.exists(place) else {
      return unread(
        "the folder of \(mapping.title)s, \(place), is not there yet; make it, or mend the path in millrace.yaml")
    }
    var notes: Set<SourceNote> = []
    if comparison == nil {
      guard let names = try? Files.names(in: place) else {
        return unread("the folder of \(mapping.title)s cannot be listed; check its permissions")
      }
      if let waiting = openNextSheet(names) { notes.insert(waiting) }
    }
    notes.formUnion(dropped)
    notes.formUnion(setAsideNotes)
    if isBarred { notes.insert(SourceNote(.unread, "a \(mapping.title) may not be read; check its permissions")) }
    guard var sheet = comparison else {
      return SourceBatch(position: positionText, isCaughtUp: true, isReadable: !isBarred, notes: notes)
    }
    var events: [PendingEvent] = []
    var writes: [StateWrite] = []
    while sheet.next < sheet.rows.count, events.count < limit.events {
      try compare(sheet.rows[sheet.next], sheet, &events, &writes)
      sheet.next += 1
    }
    while sheet.next == sheet.rows.count, sheet.nextVanished < sheet.vanished.count, events.count < limit.events {
      try vanish(sheet.vanished[sheet.nextVanished], UInt64(sheet.nextVanished), sheet, &events, &writes)
      sheet.nextVanished += 1
    }
    comparison = sheet
    if !sheet.isWhole { position.rejecting = SheetPosition.Rejecting(bytes: sheet.bytes, rows: sheet.next) }
    if sheet.isDone {
      writes += sheet.stale.map { kept.forget($0) }
      writes += setAside.settle(sheet.taken.name, sheet.unreadable)
      finish(sheet)
      comparison = nil
    }
    return SourceBatch(events: events, state: writes, position: positionText, isCaughtUp: false, notes: notes)
  }

  private var positionText: String { position.text(mapping.scope) }

  private func unread(_ why: String) -> SourceBatch {
    SourceBatch(position: positionText, isCaughtUp: true, isReadable: false, notes: [SourceNote(.unread, why)])
  }

  // MARK: Which sheet

  /// Finds the next sheet that is new and whole; answers a note where one has to wait.
  private func openNextSheet(_ names: [String]) -> SourceNote? {
    isBarred = false
    setAsideNotes = []
    var present: Set<String> = []
    var next: (path: String, token: Token, taken: SheetPosition.Taken)?
    var waiting: SourceNote?
    for name in names.filter(isSheet).sorted(by: SheetOrder.precedes) {
      let path = place + "/" + name
      guard let file = OpenFile(path) else {
        if OpenFile.isBarred(path) { isBarred = true }
        continue
      }
      let token = router.token(mapping.tokens.file, Array(name.utf8))
      present.insert(token.hexadecimal)
      if let note = setAside.note(on: name, token.hexadecimal) { setAsideNotes.insert(note) }
      let taken = SheetPosition.Taken(
        name: token.hexadecimal, size: file.size, modifiedMillis: file.modifiedMillis, inode: file.identity.inode)
      if next != nil || waiting != nil || position.taken.contains(taken) { continue }
      // The sheets after one that is still being written wait too: order is what a comparison is about.
      if OpenFile.systemMillis - file.modifiedMillis < SheetLimits.settlingMillis {
        waiting = SourceNote(.waiting, "a \(mapping.title) is still being written")
      } else {
        next = (path, token, taken)
      }
    }
    position.taken.removeAll { !present.contains($0.name) }
    if let next { open(next.path, next.token, next.taken) }
    return waiting
  }

  private func isSheet(_ name: String) -> Bool {
    let lower = name.lowercased()
    return mapping.fileTypes.contains { lower.hasSuffix("." + $0) } && !lower.hasPrefix("~$") && !lower.hasPrefix(".")
  }

  private func open(_ path: String, _ token: Token, _ taken: SheetPosition.Taken) {
    // Counted from the first batch on: a sheet that replaces a half-compared one must have newer versions than that.
    position.ordinal += 1
    var sheet = SheetComparison(taken: taken, file: kept.file(token), ordinal: position.ordinal)
    read(path, into: &sheet)
    comparison = sheet
  }

  private func read(_ path: String, into sheet: inout SheetComparison) {
    var bytes: [UInt8] = []
    if mapping.scope == .everything {
      do { bytes = try Files.read(path, limit: SheetLimits.sheetBytes).bytes } catch {
        return setAside(&sheet, error.reason, [])
      }
      sheet.bytes = router.token(mapping.tokens.bytes, bytes).hexadecimal
      if sheet.bytes == position.lastGood || sheet.bytes == position.lastBad {
        sheet.isWhole = sheet.bytes == position.lastGood
        // Known bytes under another name: their rows are not rejected again, but the file is named.
        if !sheet.isWhole { sheet.unreadable = LoadedSheet.fault(of: path, mapping) }
        return
      }
    }
    do {
      take(try LoadedSheet(path, mapping), into: &sheet)
    } catch {
      setAside(&sheet, error.reason, bytes)
    }
  }

  private func take(_ loaded: LoadedSheet, into sheet: inout SheetComparison) {
    sheetsRead.add()
    rowsRead.add(Int64(loaded.rows.count))
    sheet.isWhole = loaded.missing.isEmpty
    // A sheet that lacks columns may lack its header altogether: then its first row is a person, whom no note may name.
    dropped =
      sheet.isWhole ? Set(loaded.dropped.map { SourceNote(.droppedColumn, "\(mapping.title): \($0)") }) : []
    let missing = loaded.missing.first.map { RowFault(reason: "sheet.missingColumn", detail: $0) }
    sheet.rows = loaded.rows.map { number, row in
      SheetComparison.Row(number: UInt64(number), row: row, fault: missing ?? fault(of: row))
    }
    if sheet.isWhole || mapping.scope == .itsOwn {
      sheet.settle(kept, mapping)
    } else if let begun = position.rejecting, begun.bytes == sheet.bytes {
      // Its first rows were rejected before an interruption.
      sheet.next = min(begun.rows, sheet.rows.count)
    }
  }

  private func fault(of row: SheetRow) -> RowFault? {
    do {
      _ = try mapping.entry(of: row)
      return nil
    } catch {
      return error
    }
  }

  /// A sheet that cannot be read is one rejected record, told once per state of the file.
  private func setAside(_ sheet: inout SheetComparison, _ reason: String, _ bytes: [UInt8]) {
    unreadableSheets.add()
    let reason = ClearText.cut(reason, to: SheetLimits.reasonBytes)
    var cells =
      mapping.scope == .everything
      ? [String(decoding: bytes.prefix(CaptureLimits.rejectedRawBytes), as: UTF8.self)]
      : ["\(sheet.taken.size)", "\(sheet.taken.modifiedMillis)"]
    while cells.count < mapping.columns.count { cells.append("") }
    sheet.unreadable = reason
    sheet.rows = [
      SheetComparison.Row(
        number: 0, row: SheetRow(cells: cells), fault: RowFault(reason: Self.unreadable, detail: reason))
    ]
    if mapping.scope == .itsOwn { sheet.settle(kept, mapping) }
  }

  private static let unreadable = "sheet.unreadable"

  private func finish(_ sheet: SheetComparison) {
    position.rejecting = nil
    if sheet.isWhole, sheet.bytes != "-" {
      position.lastGood = sheet.bytes
    } else {
      position.lastBad = sheet.bytes
    }
    position.take(sheet.taken)
  }

  // MARK: Events

  private func compare(
    _ row: SheetComparison.Row, _ sheet: SheetComparison, _ events: inout [PendingEvent], _ writes: inout [StateWrite]
  ) throws {
    let place = SourcePosition(stream: "sheet \(sheet.ordinal)", record: row.number)
    guard row.fault == nil, let entry = try? mapping.entry(of: row.row) else {
      // Where a sheet is all, one without its columns is remembered as a whole.
      if sheet.isWhole || mapping.scope == .itsOwn {
        let key = kept.rejectedKey(row.row, number: row.distinctNumber, in: sheet.file)
        guard kept.digest(of: key) == nil else { return }
        writes.append(kept.keepRejected(key))
      }
      return events.append(rejected(row, place, sheet.ordinal))
    }
    let key = kept.key(entry.key, in: sheet.file)
    let digest = kept.digest(entry)
    let old = kept.digest(of: key)
    guard old != digest else { return }
    let before = old == nil ? try kept.contentElsewhere(of: key) : try kept.content(of: key)
    if before != entry.content {
      let isNew = old == nil && before == nil
      append(before, entry.content, isNew ? .create : .update, place, sheet.ordinal, &events)
    }
    writes.append(kept.keep(entry, digest, as: key))
  }

  private func vanish(
    _ key: [UInt8], _ index: UInt64, _ sheet: SheetComparison, _ events: inout [PendingEvent],
    _ writes: inout [StateWrite]
  ) throws {
    // A row whose person was erased has nothing left to tell of.
    if let before = try kept.content(of: key) {
      let after = try kept.contentElsewhere(of: key)
      let place = SourcePosition(stream: "sheet \(sheet.ordinal) vanished", record: index)
      if before != after { append(before, after, after == nil ? .delete : .update, place, sheet.ordinal, &events) }
    }
    writes.append(kept.forget(key))
  }

  private func append(
    _ before: [UInt8]?, _ after: [UInt8]?, _ operation: EventOperation, _ place: SourcePosition, _ ordinal: UInt64,
    _ events: inout [PendingEvent]
  ) {
    guard let event = mapping.event(before: before, after: after) else { return }
    events.append(
      PendingEvent(
        topic: event.topic, route: event.route, operation: operation, position: place, version: .state(ordinal),
        occurredAt: event.time, flags: event.flags, key: event.key, content: event.content, subjects: event.subjects))
  }

  private func rejected(_ row: SheetComparison.Row, _ place: SourcePosition, _ ordinal: UInt64) -> PendingEvent {
    let fault = row.fault ?? RowFault(reason: Self.unreadable, detail: "")
    let raw = Array(row.row.content.prefix(CaptureLimits.rejectedRawBytes))
    let key = fault.reason == Self.unreadable ? nil : mapping.key(of: row.row)
    return .rejected(
      fault, raw: raw, topic: mapping.topic, route: mapping.route(ofRejected: key, raw: raw), position: place,
      version: .state(ordinal), occurredAt: nil)
  }
}
