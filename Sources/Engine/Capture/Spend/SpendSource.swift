internal import Events
internal import Files
package import Money
package import Privacy

/// A folder of spend sheets (CSV), in the order of their names. Each file holds its rows until it is sent again under the same
/// name: then what changed is an event, and rows that it no longer has are deleted. A row that two files have (the same day,
/// market, channel and campaign) counts once, as it was taken last. A file that is taken out of the folder changes nothing,
/// so that old sheets can be put away.
// Unchecked: the session calls a source from one thread at a time.
package final class SpendSource: CaptureSource, @unchecked Sendable {
  package let name = SourceName.spend
  package let topics = [Topic.spend]
  /// A comparison reads what the commit before has written.
  package let readsAhead = false

  /// A sheet whose changes are being handed over.
  private struct Comparison {
    var taken: SpendPosition.Taken
    var file: [UInt8]
    var rows: [Row] = []
    var next = 0
    /// Kept keys of rows that the sheet no longer has.
    var vanished: [[UInt8]] = []
    var nextVanished = 0
    /// Kept keys of rejected rows that the sheet no longer has.
    var stale: [[UInt8]] = []
    /// Why the sheet cannot be read; nil: it can.
    var unreadable: String?
  }
  private struct Row {
    /// Row of the sheet, the header being 1.
    var number: UInt64
    var row: SpendRow
    var content: Result<Spend, RowFault>

    var fault: RowFault? {
      if case .failure(let fault) = content { fault } else { nil }
    }
  }

  private let folder: String
  private let router: Router
  private var position = SpendPosition()
  private var state: (any SourceStateReader)?
  /// By kept key: token of the file and token of the row, or "r", token of the file and of the rejected content.
  private var digests: [[UInt8]: [UInt8]] = [:]
  /// Which files have a row, by its token.
  private var holders: [[UInt8]: Set<[UInt8]>] = [:]
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
    position = checkpoint.position.flatMap(SpendPosition.init) ?? SpendPosition()
    state = checkpoint.state
    digests = Dictionary(try checkpoint.state.digests().map { ($0.key, $0.digest) }, uniquingKeysWith: { $1 })
    setAside = SheetsSetAside(takingFrom: &digests)
    holders = [:]
    for key in digests.keys where key.count == Self.rowKeyBytes { hold(key, true) }
    comparison = nil
  }

  package func delivered() throws {}

  package func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    guard Files.exists(folder) else {
      return SourceBatch(
        position: position.text, isCaughtUp: true, isReadable: false,
        notes: [SourceNote(.unread, "the folder of spend sheets is not there yet")])
    }
    var notes: Set<SourceNote> = []
    if comparison == nil {
      guard let names = try? Files.names(in: folder) else {
        return SourceBatch(
          position: position.text, isCaughtUp: true, isReadable: false,
          notes: [SourceNote(.unread, "the folder of spend sheets cannot be listed; check its permissions")])
      }
      if let waiting = openNextSheet(names) { notes.insert(waiting) }
    }
    notes.formUnion(dropped)
    notes.formUnion(setAsideNotes)
    if isBarred { notes.insert(SourceNote(.unread, "a spend sheet may not be read; check its permissions")) }
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
    if sheet.next == sheet.rows.count, sheet.nextVanished == sheet.vanished.count {
      for key in sheet.stale { forget(key, &writes) }
      position.taken.removeAll { $0.name == sheet.taken.name }
      position.taken.append(sheet.taken)
      writes += setAside.settle(sheet.taken.name, sheet.unreadable)
      comparison = nil
    }
    return SourceBatch(events: events, state: writes, position: position.text, isCaughtUp: false, notes: notes)
  }

  // MARK: Which sheet

  /// Finds the next sheet that is new and whole; answers a note where one has to wait.
  private func openNextSheet(_ names: [String]) -> SourceNote? {
    isBarred = false
    setAsideNotes = []
    var present: Set<String> = []
    var next: (path: String, name: String, taken: SpendPosition.Taken)?
    var waiting: SourceNote?
    for name in names.filter(Self.isSheet).sorted(by: SheetOrder.precedes) {
      let path = folder + "/" + name
      guard let file = LogFile(path) else {
        if LogFile.isBarred(path) { isBarred = true }
        continue
      }
      let token = router.token("spend-sheet", Array(name.utf8)).hexadecimal
      present.insert(token)
      if let note = setAside.note(on: name, token) { setAsideNotes.insert(note) }
      let taken = SpendPosition.Taken(
        name: token, size: file.size, modifiedMillis: file.modifiedMillis, inode: file.identity.inode)
      if next != nil || waiting != nil || position.taken.contains(taken) { continue }
      // The sheets after one that is still being written wait too: of two with the same row the later one counts.
      if LogFile.systemMillis - file.modifiedMillis < CaptureLimits.sheetSettlingMillis {
        waiting = SourceNote(.waiting, "a spend sheet is still being written")
      } else {
        next = (path, name, taken)
      }
    }
    position.taken.removeAll { !present.contains($0.name) }
    if let next { open(next.path, next.name, next.taken) }
    return waiting
  }

  private static func isSheet(_ name: String) -> Bool {
    name.lowercased().hasSuffix(".csv") && !name.hasPrefix("~$") && !name.hasPrefix(".")
  }

  private func open(_ path: String, _ name: String, _ taken: SpendPosition.Taken) {
    // Counted from the first batch on: a sheet that replaces a half-compared one must have newer versions than that.
    position.ordinal += 1
    var sheet = Comparison(taken: taken, file: Array(router.token("spend-sheet", Array(name.utf8)).bytes.prefix(8)))
    dropped = []
    do {
      let loaded = try SpendSheet(path)
      dropped = Set(loaded.dropped.map { SourceNote(.droppedColumn, "spend sheet: \($0)") })
      for (number, row) in loaded.rows {
        var content = Result { () throws(RowFault) in try row.spend() }
        if let missing = loaded.missing.first {
          content = .failure(RowFault(reason: "sheet.missingColumn", detail: missing))
        }
        sheet.rows.append(Row(number: UInt64(number), row: row, content: content))
      }
      compareKeys(&sheet, isWhole: loaded.missing.isEmpty)
    } catch {
      let fault = RowFault(reason: "sheet.unreadable", detail: LogText.cut(error.reason, to: CaptureLimits.utmBytes))
      sheet.unreadable = fault.detail
      // Told once per state of the file.
      let row = SpendRow(cells: ["\(taken.size)", "\(taken.modifiedMillis)"])
      sheet.rows = [Row(number: 0, row: row, content: .failure(fault))]
      compareKeys(&sheet, isWhole: false)
    }
    comparison = sheet
  }

  /// Settles which rows count (of several with one key the last), and what the sheet no longer has. A sheet that is not
  /// whole takes nothing away.
  private func compareKeys(_ sheet: inout Comparison, isWhole: Bool) {
    var last: [[UInt8]: Int] = [:]
    var present: Set<[UInt8]> = []
    var rejected: Set<[UInt8]> = []
    for (index, row) in sheet.rows.enumerated() {
      switch row.content {
      case .success(let spend):
        let key = rowKey(spend, sheet.file)
        last[key] = index
        present.insert(key)
      case .failure:
        rejected.insert(rejectedKey(row, sheet.file))
        // Its amount is not known, but it is still there.
        if let spend = try? row.row.key() { present.insert(rowKey(spend, sheet.file)) }
      }
    }
    sheet.rows = sheet.rows.enumerated().filter { index, row in
      guard case .success(let spend) = row.content else { return true }
      return last[rowKey(spend, sheet.file)] == index
    }.map(\.element)
    let known = digests.keys.sorted { $0.lexicographicallyPrecedes($1) }
    sheet.stale = known.filter {
      $0.count == Self.rejectedKeyBytes && Array($0[1..<9]) == sheet.file && !rejected.contains($0)
    }
    guard isWhole else { return }
    sheet.vanished = known.filter {
      $0.count == Self.rowKeyBytes && Array($0.prefix(8)) == sheet.file && !present.contains($0)
    }
  }

  // MARK: Keys of the kept rows

  private static let rowKeyBytes = 24
  private static let rejectedKeyBytes = 25

  private func rowKey(_ spend: Spend, _ file: [UInt8]) -> [UInt8] {
    file + router.token("spend-row", spend.keyBytes).bytes
  }

  /// A row that was rejected is remembered, so that a sheet that is sent again does not have it rejected again.
  private func rejectedKey(_ row: Row, _ file: [UInt8]) -> [UInt8] {
    // Without its columns one row looks like another.
    let place = row.fault?.reason == "sheet.missingColumn" ? Array("\(row.number)".utf8) : []
    return [UInt8(ascii: "r")] + file + router.token("spend-rejected", row.row.content, place).bytes
  }

  private func hold(_ key: [UInt8], _ holds: Bool) {
    let row = Array(key.suffix(16))
    if holds {
      holders[row, default: []].insert(Array(key.prefix(8)))
    } else {
      holders[row]?.remove(Array(key.prefix(8)))
    }
  }

  private func forget(_ key: [UInt8], _ writes: inout [StateWrite]) {
    digests[key] = nil
    if key.count == Self.rowKeyBytes { hold(key, false) }
    writes.append(StateWrite(key: key, digest: nil))
  }

  private func kept(_ key: [UInt8]) throws -> Spend? {
    try state?.content(of: key).flatMap { Spend(content: $0.bytes) }
  }

  /// The same row as another file has it.
  private func elsewhere(_ key: [UInt8]) throws -> Spend? {
    let others = (holders[Array(key.suffix(16))] ?? []).filter { $0 != Array(key.prefix(8)) }
    guard let other = others.min(by: { $0.lexicographicallyPrecedes($1) }) else { return nil }
    return try kept(other + key.suffix(16))
  }

  // MARK: Events

  private static let subjects = [Subject("spend", Array("sheets".utf8))]

  private func compare(
    _ row: Row, _ sheet: Comparison, _ events: inout [PendingEvent], _ writes: inout [StateWrite]
  ) throws {
    let place = SourcePosition(stream: "sheet \(position.ordinal)", record: row.number)
    switch row.content {
    case .failure(let fault):
      let key = rejectedKey(row, sheet.file)
      guard digests[key] == nil else { return }
      digests[key] = [1]
      writes.append(StateWrite(key: key, digest: [1]))
      events.append(rejected(row.row, fault, place))
    case .success(let spend):
      let key = rowKey(spend, sheet.file)
      let digest = router.token("spend-content", spend.content).bytes
      guard digests[key] != digest else { return }
      let before = digests[key] != nil ? try kept(key) : try elsewhere(key)
      if before != spend { events.append(change(Change(before: before, after: spend), place)) }
      digests[key] = digest
      hold(key, true)
      writes.append(
        StateWrite(key: key, digest: digest, content: PersonalData(bytes: spend.content), subjects: Self.subjects))
    }
  }

  private func vanish(
    _ key: [UInt8], _ index: UInt64, _ sheet: Comparison, _ events: inout [PendingEvent], _ writes: inout [StateWrite]
  ) throws {
    let place = SourcePosition(stream: "sheet \(position.ordinal) vanished", record: index)
    if let spend = try kept(key) {
      let other = try elsewhere(key)
      if other != spend { events.append(change(Change(before: spend, after: other), place)) }
    }
    forget(key, &writes)
  }

  /// Of one or two states of one row.
  private func change(_ change: Change<Spend>, _ place: SourcePosition) -> PendingEvent {
    let spend = change.after ?? change.before
    return PendingEvent(
      topic: Topic.spend, route: router.token("campaign", Array((spend?.campaign ?? "").utf8)),
      operation: change.after == nil ? .delete : change.before == nil ? .create : .update, position: place,
      version: .state(position.ordinal), occurredAt: spend?.date.startOfDay, payload: .spend(change), subjects: .none)
  }

  private func rejected(_ row: SpendRow, _ fault: RowFault, _ place: SourcePosition) -> PendingEvent {
    let raw = Array(row.content.prefix(CaptureLimits.rejectedRawBytes))
    return PendingEvent(
      topic: Topic.spend, route: router.token("rejected", raw), operation: .rejected, position: place,
      version: .state(position.ordinal), occurredAt: nil,
      payload: .rejected(Rejected(reason: fault.reason, detail: fault.detail, raw: PersonalData(bytes: raw))),
      subjects: .unparsed)
  }
}
