internal import Events
internal import Files
package import Money
package import Privacy

/// An inbox folder of lead sheets, in the order of their names. Numbers in them count as numbers, so that "-10" follows
/// "-9". Each sheet is the whole list as it is now: compared with
/// the last good one it tells which leads are new, changed or gone. What is kept for the comparison is a keyed digest of
/// each row, and the row itself sealed.
package final class LeadsSource: CaptureSource, @unchecked Sendable {
  package let name = SourceName.leads
  package let topics = [Topic.leads]
  /// A comparison reads what the commit before has written.
  package let readsAhead = false

  /// A sheet whose changes are being handed over.
  private struct Comparison {
    var taken: LeadsPosition.Taken
    var content: String
    var isGood: Bool
    var ordinal: UInt64
    var rows: [Row]
    var next = 0
    var vanished: [[UInt8]]
    var nextVanished = 0
    var stale: [[UInt8]]
    /// Why the sheet cannot be read; nil: it can.
    var unreadable: String?
  }
  private struct Row {
    /// Row of the sheet, the header being 1.
    var number: UInt64
    var row: LeadRow
    var fault: RowFault?
  }

  private let folder: String
  private let router: Router
  private var position = LeadsPosition()
  private var state: (any SourceStateReader)?
  private var digests: [[UInt8]: [UInt8]] = [:]
  private var comparison: Comparison?
  private var dropped: Set<SourceNote> = []
  private var setAside = SheetsSetAside()
  private var setAsideNotes: Set<SourceNote> = []
  /// A sheet that is there could not be opened at the last look.
  private var isBarred = false

  package init(folder: String, keyring: Keyring) throws {
    self.folder = folder
    router = try Router(keyring)
  }

  package func resume(from checkpoint: SourceCheckpoint) throws {
    position = checkpoint.position.flatMap(LeadsPosition.init) ?? LeadsPosition()
    state = checkpoint.state
    digests = Dictionary(try checkpoint.state.digests().map { ($0.key, $0.digest) }, uniquingKeysWith: { $1 })
    setAside = SheetsSetAside(takingFrom: &digests)
    comparison = nil
  }

  package func delivered() throws {}

  package func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    guard Files.exists(folder) else {
      return SourceBatch(
        position: position.text, isCaughtUp: true, isReadable: false,
        notes: [SourceNote(.unread, "the folder of lead sheets is not there yet")])
    }
    var notes = dropped
    if comparison == nil {
      guard let names = try? Files.names(in: folder) else {
        return SourceBatch(
          position: position.text, isCaughtUp: true, isReadable: false,
          notes: [SourceNote(.unread, "the folder of lead sheets cannot be listed; check its permissions")])
      }
      if let waiting = openNextSheet(names) { notes.insert(waiting) }
      notes.formUnion(dropped)
    }
    notes.formUnion(setAsideNotes)
    if isBarred { notes.insert(SourceNote(.unread, "a lead sheet may not be read; check its permissions")) }
    guard var sheet = comparison else {
      return SourceBatch(position: position.text, isCaughtUp: true, isReadable: !isBarred, notes: notes)
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
    if !sheet.isGood { position.rejecting = LeadsPosition.Rejecting(content: sheet.content, rows: sheet.next) }
    if sheet.next == sheet.rows.count, sheet.nextVanished == sheet.vanished.count {
      for key in sheet.stale { forget(key, &writes) }
      writes += setAside.settle(sheet.taken.name, sheet.unreadable)
      finish(sheet)
      comparison = nil
    }
    return SourceBatch(
      events: events, state: writes, position: position.text, isCaughtUp: false, notes: notes)
  }

  // MARK: Which sheet

  /// Finds the next sheet that is new and whole; answers a note where one has to wait.
  private func openNextSheet(_ names: [String]) -> SourceNote? {
    isBarred = false
    setAsideNotes = []
    var present: Set<String> = []
    var next: (path: String, taken: LeadsPosition.Taken)?
    var waiting: SourceNote?
    for name in names.filter(Self.isSheet).sorted(by: SheetOrder.precedes) {
      let path = folder + "/" + name
      guard let file = LogFile(path) else {
        if LogFile.isBarred(path) { isBarred = true }
        continue
      }
      let token = router.token("sheet-name", Array(name.utf8)).hexadecimal
      present.insert(token)
      if let note = setAside.note(on: name, token) { setAsideNotes.insert(note) }
      let taken = LeadsPosition.Taken(
        name: token, size: file.size, modifiedMillis: file.modifiedMillis, inode: file.identity.inode)
      if next != nil || waiting != nil || position.taken.contains(taken) { continue }
      // The sheets after one that is still being written wait too: order is what a comparison is about.
      if LogFile.systemMillis - file.modifiedMillis < CaptureLimits.sheetSettlingMillis {
        waiting = .sheetIsYoung
      } else {
        next = (path, taken)
      }
    }
    position.taken.removeAll { !present.contains($0.name) }
    if let next { open(next.path, next.taken) }
    return waiting
  }

  private static func isSheet(_ name: String) -> Bool {
    let lower = name.lowercased()
    return (lower.hasSuffix(".csv") || lower.hasSuffix(".xlsx")) && !lower.hasPrefix("~$") && !lower.hasPrefix(".")
  }

  private func open(_ path: String, _ taken: LeadsPosition.Taken) {
    // Counted from the first batch on: a sheet that replaces a half-compared one must have newer versions than that.
    position.ordinal += 1
    var sheet = Comparison(
      taken: taken, content: "-", isGood: false, ordinal: position.ordinal, rows: [], vanished: [], stale: [])
    defer { comparison = sheet }
    let bytes: [UInt8]
    do {
      bytes = try Files.read(path, limit: CaptureLimits.sheetBytes).bytes
    } catch {
      sheet.rows = [unreadable(error.reason, [])]
      sheet.unreadable = error.reason
      return
    }
    sheet.content = router.token("sheet-content", bytes).hexadecimal
    if sheet.content == position.lastGood || sheet.content == position.lastBad {
      sheet.isGood = sheet.content == position.lastGood
      // Known bytes under another name: their rows are not rejected again, but the file is named.
      if !sheet.isGood { sheet.unreadable = LoadedSheet.fault(of: path)?.reason }
      return
    }
    let loaded: LoadedSheet
    do {
      loaded = try LoadedSheet(path)
    } catch {
      sheet.rows = [unreadable(error.reason, bytes)]
      sheet.unreadable = error.reason
      return
    }
    sheet.isGood = loaded.missing.isEmpty
    // A sheet that lacks columns may lack its header altogether: then its first row is a person, whom no note may name.
    dropped =
      sheet.isGood ? Set(loaded.dropped.map { SourceNote(.droppedColumn, "lead sheet: \($0)") }) : []
    for (number, row) in loaded.rows {
      var fault: RowFault?
      if let missing = loaded.missing.first { fault = RowFault(reason: "sheet.missingColumn", detail: missing) }
      sheet.rows.append(Row(number: UInt64(number), row: row, fault: fault))
    }
    if sheet.isGood {
      compareKeys(&sheet)
    } else if let begun = position.rejecting, begun.content == sheet.content {
      // Its first rows were rejected before an interruption.
      sheet.next = min(begun.rows, sheet.rows.count)
    }
  }

  private func unreadable(_ reason: String, _ bytes: [UInt8]) -> Row {
    let raw = String(decoding: bytes.prefix(CaptureLimits.rejectedRawBytes), as: UTF8.self)
    let cells = [raw] + [String](repeating: "", count: LeadRow.columns.count - 1)
    return Row(
      number: 0, row: LeadRow(cells: cells),
      fault: RowFault(reason: "sheet.unreadable", detail: LogText.cut(reason, to: CaptureLimits.utmBytes)))
  }

  /// Settles which rows count (of several with one id the last), and what the sheet no longer has.
  private func compareKeys(_ sheet: inout Comparison) {
    var last: [[UInt8]: Int] = [:]
    var present: Set<[UInt8]> = []
    var seen: Set<[UInt8]> = []
    for (index, row) in sheet.rows.enumerated() {
      if !row.row.leadID.isEmpty { present.insert(leadKey(row.row.leadID)) }
      do {
        _ = try row.row.lead()
        last[leadKey(row.row.leadID)] = index
      } catch {
        sheet.rows[index].fault = error
        seen.insert(rejectedKey(row.row))
      }
    }
    var kept: [Row] = []
    for (index, row) in sheet.rows.enumerated() {
      if row.fault != nil || last[leadKey(row.row.leadID)] == index { kept.append(row) }
    }
    sheet.rows = kept
    let known = digests.keys.sorted { $0.lexicographicallyPrecedes($1) }
    sheet.vanished = known.filter { $0.count == Self.leadKeyBytes && !present.contains($0) }
    sheet.stale = known.filter { $0.count != Self.leadKeyBytes && !seen.contains($0) }
  }

  private func finish(_ sheet: Comparison) {
    position.rejecting = nil
    if sheet.isGood, sheet.content != "-" {
      position.lastGood = sheet.content
    } else {
      position.lastBad = sheet.content
    }
    position.taken.removeAll { $0.name == sheet.taken.name }
    position.taken.append(sheet.taken)
  }

  // MARK: Keys of the kept rows

  private static let leadKeyBytes = 16

  private func leadKey(_ id: String) -> [UInt8] { router.token("lead", Array(id.utf8)).bytes }

  /// A row that was rejected is remembered, so that it is not rejected again by every sheet that still has it.
  private func rejectedKey(_ row: LeadRow) -> [UInt8] {
    [UInt8(ascii: "r")] + router.token("lead-rejected", row.content).bytes
  }

  private func forget(_ key: [UInt8], _ writes: inout [StateWrite]) {
    digests[key] = nil
    writes.append(StateWrite(key: key, digest: nil))
  }

  // MARK: Events

  /// Some lists number their leads by e-mail address. The event then names the lead by a token, always the same one.
  private func lead(_ row: LeadRow) throws(RowFault) -> Lead<Person> {
    var lead = try row.lead()
    if TextScrubber.scrubIfSuspicious(lead.leadID) != lead.leadID {
      lead.leadID = "~" + router.token("lead", Array(lead.leadID.utf8)).hexadecimal
    }
    return lead
  }

  private func compare(
    _ row: Row, _ sheet: Comparison, _ events: inout [PendingEvent], _ writes: inout [StateWrite]
  ) throws {
    let place = SourcePosition(stream: "sheet \(sheet.ordinal)", record: row.number)
    if let fault = row.fault {
      // Only rows of a usable sheet are remembered: a sheet without its columns is remembered as a whole.
      if sheet.isGood {
        let key = rejectedKey(row.row)
        guard digests[key] == nil else { return }
        digests[key] = [1]
        writes.append(StateWrite(key: key, digest: [1]))
      }
      events.append(rejected(row.row, fault, place, sheet.ordinal))
      return
    }
    let key = leadKey(row.row.leadID)
    let content = row.row.content
    let digest = router.token("lead-row", content).bytes
    guard digests[key] != digest else { return }
    let lead = try lead(row.row)
    var before: Lead<Person>?
    if digests[key] != nil, let old = try state?.content(of: key).flatMap({ LeadRow(content: $0.bytes) }) {
      before = try? self.lead(old)
      if old.subjects != row.row.subjects {
        // One event's fields are sealed for one person: those of an earlier contact are left out.
        before?.contactName = nil
        before?.contactEmail = nil
        before?.contactPhone = nil
      }
    }
    events.append(
      PendingEvent(
        topic: Topic.leads, route: router.token("lead", Array(row.row.leadID.utf8)),
        operation: digests[key] == nil ? .create : .update, position: place, version: .state(sheet.ordinal),
        occurredAt: lead.statusUpdatedAt, payload: .lead(Change(before: before, after: lead)),
        subjects: .all(row.row.subjects)))
    digests[key] = digest
    writes.append(
      StateWrite(key: key, digest: digest, content: PersonalData(bytes: content), subjects: row.row.subjects))
  }

  private func vanish(
    _ key: [UInt8], _ index: UInt64, _ sheet: Comparison, _ events: inout [PendingEvent], _ writes: inout [StateWrite]
  ) throws {
    // A lead whose contact was erased has no row left to tell of.
    if let row = try state?.content(of: key).flatMap({ LeadRow(content: $0.bytes) }), let lead = try? self.lead(row) {
      events.append(
        PendingEvent(
          topic: Topic.leads, route: router.token("lead", Array(row.leadID.utf8)), operation: .delete,
          position: SourcePosition(stream: "sheet \(sheet.ordinal) vanished", record: index),
          version: .state(sheet.ordinal), occurredAt: nil, payload: .lead(Change(before: lead, after: nil)),
          subjects: .all(row.subjects)))
    }
    forget(key, &writes)
  }

  private func rejected(_ row: LeadRow, _ fault: RowFault, _ place: SourcePosition, _ ordinal: UInt64) -> PendingEvent {
    let raw = Array(row.content.prefix(CaptureLimits.rejectedRawBytes))
    let key = row.leadID.isEmpty || fault.reason == "sheet.unreadable" ? raw : Array(row.leadID.utf8)
    return PendingEvent(
      topic: Topic.leads, route: router.token("lead", key), operation: .rejected, position: place,
      version: .state(ordinal), occurredAt: nil,
      payload: .rejected(Rejected(reason: fault.reason, detail: fault.detail, raw: PersonalData(bytes: raw))),
      subjects: .unparsed)
  }
}
