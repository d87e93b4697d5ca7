package import Capture
internal import Entity
internal import Files
package import Money
package import Privacy
package import Telemetry

/// A folder of sheets (CSV, XLSX), in the order of their files' minutes and then of their names; numbers in these count
/// as numbers, so that "-10" follows "-9". Each sheet is compared with what was kept of those before, and tells which
/// rows are new, changed or gone. What rows are, and what one sheet holds of all rows, a `SheetMapping` says.
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

  let mapping: any SheetMapping
  let router: Router
  var position = SheetPosition()
  var kept: KeptRows
  var comparison: SheetComparison?
  var dropped: Set<SourceNote> = []
  var setAside = SheetsSetAside()
  var folderNotes: Set<SourceNote> = []
  /// Sheets that wait for a word from somebody, by name, with what is odd about them.
  var held: [String: HeldSheet] = [:]
  /// Names of sheets that are taken whatever they lack.
  let accepted: Set<String>
  /// What was refused so far was refused under another mapping: those sheets are read again.
  var isOtherMapping = false
  /// Kept rows that go with the next batch.
  var forgotten: [StateWrite] = []
  /// Keys of rejected rows that the next batch settles.
  var settled: [[UInt8]] = []
  /// There are rejected rows of sheets without their columns, where a sheet is all.
  var hasWholeRejected = false
  /// A sheet that is there could not be opened at the last look.
  var isBarred = false
  let sheetsRead: Counter
  let unreadableSheets: Counter
  let rowsRead: Counter

  /// `name` stands in every record, and is never changed. `folder` need not be there yet. Throws where the keys cannot
  /// be derived. `accepted`: names of files that are taken though most of their rows are gone. `metrics` counts sheets
  /// and rows read.
  package init(
    name: String, folder: String, mapping: any SheetMapping, keyring: Keyring, accepting accepted: Set<String> = [],
    metrics: Metrics = Metrics()
  ) throws(PrivacyError) {
    self.accepted = accepted
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
    // Their rows were not added up then.
    if position.isRetelling { position.taken = [] }
    setAside = try kept.resume(from: checkpoint.state)
    comparison = nil
    held = [:]
    isOtherMapping = checkpoint.isOtherMapping
    hasWholeRejected = checkpoint.rejected.contains(Self.wholeKey)
    forgotten = []
    settled = []
  }

  /// What the mapping takes, and how it is told to read numbers.
  package var mappingVersion: String {
    let words = [mapping.version, mapping.signs ?? "", "\(mapping.scope)", mapping.isAddition ? "additions" : ""]
    return (words + mapping.columns).joined(separator: "|")
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
      openNextSheet(names)
    }
    notes.formUnion(dropped)
    notes.formUnion(folderNotes)
    if isBarred { notes.insert(SourceNote(.unread, "a \(mapping.title) may not be read; check its permissions")) }
    guard var sheet = comparison else {
      position.isRetelling = false
      var batch = SourceBatch(
        state: StateWrites(takeForgotten()), position: positionText, isCaughtUp: true, isReadable: !isBarred,
        notes: notes)
      batch.settled = takeSettled()
      return batch
    }
    var events: [PendingEvent] = []
    var writes = takeForgotten()
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
      for key in sheet.stale {
        writes.append(kept.forget(key))
        settled.append(key)
      }
      if sheet.isWhole { settleWhole() }
      writes += sheet.returned.map { kept.note(rolledOut: false, $0) }
      writes += sheet.rolledOut.map { kept.note(rolledOut: true, $0) }
      writes += setAside.settle(sheet.taken.name, sheet.unreadable)
      finish(sheet)
      comparison = nil
    }
    var batch = SourceBatch(
      events: events, state: StateWrites(writes), position: positionText, isCaughtUp: false, notes: notes)
    batch.settled = takeSettled()
    if sheet.isDone, sheet.isRefused { batch.refused = [SheetsSetAside.shown(sheet.name)] }
    return batch
  }

  private func takeForgotten() -> [StateWrite] {
    defer { forgotten = [] }
    return forgotten
  }

  private func takeSettled() -> [[UInt8]] {
    defer { settled = [] }
    return settled
  }

  func settleWhole() {
    if hasWholeRejected { settled.append(Self.wholeKey) }
    hasWholeRejected = false
  }

  /// Stands for all rows of sheets without their columns, where a sheet is all.
  static let wholeKey: [UInt8] = [UInt8(ascii: "b")]

  var positionText: String { position.text(mapping.scope) }

  func unread(_ why: String) -> SourceBatch {
    SourceBatch(position: positionText, isCaughtUp: true, isReadable: false, notes: [SourceNote(.unread, why)])
  }

  // MARK: Events

  private func compare(
    _ row: SheetComparison.Row, _ sheet: SheetComparison, _ events: inout [PendingEvent], _ writes: inout [StateWrite]
  ) throws {
    let place = SourcePosition(stream: "sheet \(sheet.ordinal)", record: row.number)
    guard row.fault == nil, let entry = entry(of: row) else {
      // Where a sheet is all, one without its columns is remembered as a whole.
      var known = Self.wholeKey
      if sheet.isWhole || mapping.scope != .everything {
        let key = kept.rejectedKey(row.row, number: row.distinctNumber, in: sheet.file)
        guard kept.digest(of: key) == nil else { return }
        writes.append(kept.keepRejected(key))
        known = key
      } else {
        hasWholeRejected = true
      }
      return events.append(rejected(row, place, sheet, known: known))
    }
    let key = kept.key(entry.key, in: sheet.file)
    let digest = kept.digest(entry.content)
    let earlier = kept.earlierKey(of: key)
    let old = kept.digest(of: key) ?? earlier.flatMap { kept.digest(of: $0) }
    let isRetold = position.isRetelling && kept.isElsewhere(key)
    guard old != digest || earlier != nil || isRetold else { return }
    let own = old == nil ? nil : try kept.content(of: earlier ?? key)
    let others = try kept.contentsElsewhere(of: key)
    let before = old == nil && others.isEmpty ? nil : together(others, own)
    let after = together(others, entry.content)
    if isRetold || (old != digest && before != after) {
      let isNew = old == nil && before == nil
      append(before, after, isNew ? .create : .update, place, sheet.ordinal, &events)
    }
    if let earlier { writes.append(kept.forget(earlier)) }
    writes.append(kept.keep(entry, digest, as: key))
  }

  /// What is told of a row, given what other files say of it and what this one says; nil: nobody says anything.
  func together(_ others: [[UInt8]], _ own: [UInt8]?) -> [UInt8]? {
    let all = others + (own.map { [$0] } ?? [])
    guard !all.isEmpty else { return nil }
    // What does not fit together is no more than what was said last.
    return (try? mapping.together(all)) ?? own ?? others.first
  }

  private func vanish(
    _ key: [UInt8], _ index: UInt64, _ sheet: SheetComparison, _ events: inout [PendingEvent],
    _ writes: inout [StateWrite]
  ) throws {
    // A row whose person was erased has nothing left to tell of.
    if let own = try kept.content(of: key) {
      let others = try kept.contentsElsewhere(of: key)
      let (before, after) = (together(others, own), together(others, nil))
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

  private func rejected(
    _ row: SheetComparison.Row, _ place: SourcePosition, _ sheet: SheetComparison, known: [UInt8]
  ) -> PendingEvent {
    let fault = row.fault ?? RowFault(reason: Self.unreadable, detail: "")
    let raw = Array(row.row.content.prefix(CaptureLimits.rejectedRawBytes))
    let key = fault.reason == Self.unreadable ? nil : mapping.key(of: row.row)
    return .rejected(
      fault, raw: raw, topic: mapping.topic, route: mapping.route(ofRejected: key, raw: raw), position: place,
      version: .state(sheet.ordinal), occurredAt: nil, known: known,
      place: SheetsSetAside.shown(sheet.name) + (row.number == 0 ? "" : ", row \(row.number)"),
      amount: mapping.amount(ofRejected: row.row))
  }
}
