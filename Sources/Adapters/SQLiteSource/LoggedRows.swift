internal import Capture
internal import Entity
internal import Money

/// Rows that the log has, of a source that kept nothing when they were delivered. They are noted beside the known rows
/// while those are filled, and taken away again as each row is found: what is left is gone.
///
/// Rows whose key is personal are left out: the log has its seal only.
struct LoggedRows {
  /// A row that was noted.
  struct Noted {
    var table: Int
    /// The parts of its key.
    var key: [SourceValue]
    var isGone: Bool
    var route: Token
    fileprivate var version: (UInt64, UInt64)
  }

  /// Behind those of rows and of rejected ones.
  private static let mark: UInt8 = 3
  static let range = KeptKey([mark])..<KeptKey([mark + 1])

  /// The parts of a key that is not personal; nil: it is.
  static func parts<P: Phase>(_ key: RowKey<P>) -> [SourceValue]? {
    var values: [SourceValue] = []
    for part in key.parts {
      switch part {
      case .integer(let number): values.append(.integer(number))
      case .text(let text): values.append(.text(text))
      case .bytes(let bytes): values.append(.bytes(bytes))
      case .uuid, .personal: return nil
      }
    }
    return values
  }

  static func bytes(_ parts: [SourceValue]) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in parts { RowStub.append(part, to: &bytes) }
    return bytes
  }

  /// `token`: of the key's bytes.
  static func key(_ table: Int, _ token: Token) -> [UInt8] {
    [mark, UInt8(truncatingIfNeeded: table >> 8), UInt8(truncatingIfNeeded: table)] + token.bytes
  }

  /// What is to be noted of a record where `known` was noted of the same row; nil: nothing, since it is older.
  static func value(_ row: LoggedRow, route: [UInt8], parts: [SourceValue], after known: [UInt8]?) -> [UInt8]? {
    guard route.count == 16 else { return nil }
    let version = (row.version.major, row.version.minor)
    if let known, let noted = noted(key: [mark, 0, 0], known), noted.version >= version { return nil }
    var bytes: [UInt8] = []
    for number in [version.0, version.1] { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
    return bytes + [row.isGone ? 1 : 0] + route + Self.bytes(parts)
  }

  /// What is to be noted of a row whose end was just read: newer than all that the log has.
  static func gone(_ parts: [SourceValue]) -> [UInt8] {
    [UInt8](repeating: 0xff, count: 16) + [1] + [UInt8](repeating: 0, count: 16) + bytes(parts)
  }

  /// nil: the bytes are none of ours.
  static func noted(key: [UInt8], _ value: [UInt8]) -> Noted? {
    guard key.count >= 3, value.count >= 33, let parts = RowStub.values(Array(value.dropFirst(33))) else { return nil }
    func number(_ start: Int) -> UInt64 { value[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
    return Noted(
      table: Int(key[1]) << 8 | Int(key[2]), key: parts, isGone: value[16] == 1, route: Token(bytes: value[17..<33]),
      version: (number(0), number(8)))
  }
}

/// Filling the known rows of a workspace of an earlier version, first from its log.
extension SQLiteSource {
  /// Notes what the log has of this source, one part at each call. Answers whether that is done.
  func noteLogged() throws -> Bool {
    guard let delivered = deliveredRecords, try known.fact(.loggedRead) == nil else { return true }
    guard let records = try delivered.next() else {
      known.set(.loggedRead, "noted")
      return true
    }
    for record in records {
      guard let row = mapping.loggedRow(record.value), row.source == name, let parts = LoggedRows.parts(row.key),
        let table = tables.firstIndex(where: { $0.name == row.table }), parts.count == tables[table].key.count
      else { continue }
      let key = LoggedRows.key(table, known.token(ofLogged: LoggedRows.bytes(parts)))
      let value = LoggedRows.value(row, route: record.route, parts: parts, after: try known.value(key))
      if let value { known.setValue(key, value) }
    }
    return false
  }

  /// The row's end was read before its known rows were filled: what the log has of it is over.
  func noteGone(_ event: PendingEvent, of table: Int) {
    guard let parts = event.key.flatMap({ LoggedRows.parts($0) }) else { return }
    known.setValue(LoggedRows.key(table, known.token(ofLogged: LoggedRows.bytes(parts))), LoggedRows.gone(parts))
  }

  /// The row is there. Answers what is to be delivered of it: nothing where the log has it, or nobody can tell.
  func fill(_ row: ComparedRow, of table: Int, _ now: Timestamp) throws -> PendingEvent? {
    let read = event(of: row, .create, now)
    // Its change was read meanwhile, or it is met again.
    let isKnown = try known.compare(row.change.row, read, of: table) != .isNew
    try known.keep(row.change.row, read, of: table)
    guard try known.fact(.loggedRead) != nil else { return nil }
    // A row that is rejected today may have been delivered before.
    let named =
      read.operation == .rejected
      ? mapping.pendingEvent(
        of: RowChange(deleted: row.change.row), .delete, at: row.place, version: .state(row.version), time: now)
      : read
    guard let parts = named.key.flatMap({ LoggedRows.parts($0) }) else { return nil }
    let key = LoggedRows.key(table, known.token(ofLogged: LoggedRows.bytes(parts)))
    let noted = try known.value(key).flatMap { LoggedRows.noted(key: key, $0) }
    if noted != nil { known.setValue(key, nil) }
    if isKnown || noted?.isGone == false { return nil }
    return read.operation == .rejected ? nil : read
  }

  /// What is left is gone. Answers whether an epoch begins with it. A new epoch makes that newer than the newest change taken, which may be one of the same row;
  /// and whatever comes later is newer still.
  func sweepLogged(
    _ now: Timestamp, _ position: inout SQLitePosition, _ events: inout [PendingEvent]
  ) throws -> Bool {
    let before = findings.gone
    let (left, next) = try known.values(
      in: LoggedRows.range, after: sweptUpTo, limit: SQLiteSourceLimits.rowsPerRead)
    let version = UInt64(clamping: position.sequence)
    for (key, value) in left {
      known.setValue(key, nil)
      guard let noted = LoggedRows.noted(key: key, value), !noted.isGone, noted.table < tables.count else { continue }
      let table = tables[noted.table]
      guard noted.key.count == table.key.count else { continue }
      var values = [SourceValue](repeating: .null, count: table.columns.count)
      for (place, part) in zip(table.key, noted.key) { values[place] = part }
      var event = mapping.pendingEvent(
        of: RowChange(deleted: SourceRow(table, values)), .delete,
        at: SourcePosition(stream: table.name, record: version, index: 3), version: .state(version), time: now)
      // Only what is known by the same key in the log.
      guard event.operation == .delete, event.key.flatMap({ LoggedRows.parts($0) }) == noted.key else { continue }
      event.route = noted.route
      findings.gone += 1
      events.append(event)
    }
    sweptUpTo = next
    let beginsEpoch = before == 0 && findings.gone > 0
    guard next == nil else { return beginsEpoch }
    position.due = []
    position.phase = .changes
    known.set(.isWhole, "since the table was noted down")
    if findings.new + findings.gone > 0 { known.set(.lastFindings, findings.text(at: now)) }
    findings = ComparisonFindings()
    return beginsEpoch
  }
}
