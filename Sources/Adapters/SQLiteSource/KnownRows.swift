internal import Capture
internal import Entity
internal import Money
internal import Privacy

/// What capture has delivered of each row: its key and a keyed digest, so that a table can be compared with it when
/// changes were missed. Kept in capture.sqlite, committed with the events; about 80 bytes for a row with an integer
/// key.
///
/// A key that is personal is kept as a token, with what it stands for sealed.
struct KnownRows {
  /// A row that was delivered.
  struct Known {
    /// Under which it is kept.
    var key: [UInt8]
    /// What its event was routed by.
    var route: Token
    /// Its key and what it refers to; all other values are null. nil: its person was forgotten.
    var stub: SourceRow?
  }

  /// Facts beside the rows.
  enum Fact: UInt8 {
    /// Every row delivered since the snapshot began is kept.
    case isWhole = 1
    /// Of the last comparison, for people.
    case lastFindings = 2
    /// Where the comparison that goes round stands.
    case round = 3
  }

  private let router: Router
  private let mapping: any RowMapping
  private let tables: [SourceTable]
  /// By table: the values that are kept.
  private let stubPlaces: [[Int]]
  private var state: (any SourceStateReader)?
  /// What the last batches have written, the newest last: they may not be committed yet.
  private var recent: [WrittenRows] = []
  private var written = WrittenRows()
  /// Room in which a row's bytes are put together.
  private var scratch = Scratch()
  /// How many rows of a table are kept, of those tables that are counted.
  private var counts: [Int: Int] = [:]

  /// One batch is read, one sealed, one delivered.
  private static let batchesUnderWay = 3
  private static let digestBytes = 16
  private static let routeBytes = 16

  init(_ keyring: Keyring, _ mapping: any RowMapping) throws(PrivacyError) {
    router = try Router(keyring)
    self.mapping = mapping
    tables = mapping.tables
    stubPlaces = tables.map(Self.stubPlaces)
  }

  mutating func resume(from reader: any SourceStateReader) {
    state = reader
    recent = []
    counts = [:]
    discard()
  }

  /// Forgets what a batch that was not finished has written.
  mutating func discard() { if !written.writes.isEmpty { written = WrittenRows() } }

  /// What goes into the batch that is finished now.
  mutating func takeWrites() -> StateWrites {
    let taken = written.writes
    recent.append(written)
    if recent.count > Self.batchesUnderWay { recent.removeFirst() }
    // The next batch is mostly as large.
    written = WrittenRows(asLargeAs: taken)
    return taken
  }

  // MARK: Facts

  private static func key(_ fact: Fact) -> [UInt8] { [0, fact.rawValue] }

  func fact(_ fact: Fact) throws -> String? {
    if let text = written.facts[fact] { return text }
    // Asked at every look: the rows of these batches are not to be gone through for it.
    for batch in recent.reversed() { if let text = batch.facts[fact] { return text } }
    return try state?.digest(of: Self.key(fact)).map { String(decoding: $0, as: UTF8.self) }
  }

  mutating func set(_ fact: Fact, _ text: String) {
    written.facts[fact] = text
    written.writes.append(Self.key(fact), Array(text.utf8))
  }

  // MARK: Keys

  /// Tells a row from all others; in memory only, since it may be personal.
  func plainKey(_ row: SourceRow, of table: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    Self.appendPlainKey(texts(row, table), of: table, to: &bytes)
    return bytes
  }

  /// `texts`: of the key's columns.
  private static func appendPlainKey(_ texts: [String?], of table: Int, to bytes: inout [UInt8]) {
    bytes.append(1)
    append(UInt16(truncatingIfNeeded: table), to: &bytes)
    bytes.append(0)
    for text in texts {
      guard let text else {
        append(.max, to: &bytes)
        continue
      }
      let count = min(text.utf8.count, CaptureLimits.fieldBytes)
      append(UInt16(truncatingIfNeeded: count), to: &bytes)
      if count == text.utf8.count {
        bytes.append(contentsOf: text.utf8)
      } else {
        bytes.append(contentsOf: text.utf8.prefix(count))
      }
    }
  }

  private static func append(_ number: UInt16, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: number >> 8))
    bytes.append(UInt8(truncatingIfNeeded: number))
  }

  private static func prefix(_ table: Int) -> [UInt8] {
    [1, UInt8(truncatingIfNeeded: table >> 8), UInt8(truncatingIfNeeded: table)]
  }

  private static func range(of table: Int) -> Range<KeptKey> {
    KeptKey(prefix(table))..<KeptKey(prefix(table + 1))
  }

  /// The key in clear, or a token where it is personal.
  private func key(_ plain: [UInt8], isPersonal: Bool) -> [UInt8] {
    isPersonal ? Array(plain.prefix(3)) + [1] + router.token("known-row", plain).bytes : plain
  }

  private func isPersonal(_ row: SourceRow, _ event: PendingEvent, _ table: Int) -> Bool {
    if event.key?.isPersonal ?? true { return true }
    return stubPlaces[table].contains { place in
      let text: String
      switch row.values[place] {
      case .text(let plain): text = plain
      case .foreignText: text = row.values[place].text ?? ""
      case .null, .integer, .real, .bytes: return false
      }
      return TextScrubber.scrubIfSuspicious(text) != text
    }
  }

  // MARK: Rows

  private mutating func entry(_ key: [UInt8]) throws -> [UInt8]? {
    if let known = written.entry(key) { return known }
    for batch in recent.indices.reversed() { if let known = recent[batch].entry(key) { return known } }
    return try state?.digest(of: key)
  }

  /// How a row as it is compares with what was delivered.
  enum Comparison { case isNew, hasChanged, isSame }

  /// `event`: that of the row. A rejected one is the same as long as the row that was rejected is.
  mutating func compare(_ row: SourceRow, _ event: PendingEvent, of table: Int) throws -> Comparison {
    if event.operation == .rejected, try entry(rejectedKey(row, table)) == digest(of: row).bytes { return .isSame }
    let key = key(plainKey(row, of: table), isPersonal: isPersonal(row, event, table))
    guard let known = try entry(key) else { return .isNew }
    return known.starts(with: digest(of: row).bytes) ? .isSame : .hasChanged
  }

  /// What was kept of the row with this key; nil: nothing. `event`: one of the row.
  mutating func find(_ row: SourceRow, _ event: PendingEvent, of table: Int) throws -> Known? {
    let key = key(plainKey(row, of: table), isPersonal: isPersonal(row, event, table))
    return try entry(key).flatMap { try known(key, $0, table) }
  }

  private func known(_ key: [UInt8], _ value: [UInt8], _ table: Int) throws -> Known? {
    guard value.count >= Self.digestBytes + Self.routeBytes else { return nil }
    let route = Token(bytes: value[Self.digestBytes..<Self.digestBytes + Self.routeBytes])
    var stub = Array(value.dropFirst(Self.digestBytes + Self.routeBytes))
    if key[3] == 1 {
      guard let sealed = try state?.content(of: key) else { return Known(key: key, route: route, stub: nil) }
      stub = sealed.bytes
    }
    let places = stubPlaces[table]
    return Known(key: key, route: route, stub: RowStub.decode(stub, tables[table], places, key: key))
  }

  /// Under which it is noted that a row was rejected.
  private func rejectedKey(_ row: SourceRow, _ table: Int) -> [UInt8] {
    [2] + Self.prefix(table).dropFirst() + router.token("rejected-row", plainKey(row, of: table)).bytes
  }

  /// Tells the row's key from others, in few bytes.
  func mark(of row: SourceRow, _ table: Int) -> Token { router.token("known-row", plainKey(row, of: table)) }

  /// The row was delivered as it stands here. Of a rejected row it is noted that it was, so that no comparison rejects
  /// it again.
  mutating func keep(_ row: SourceRow, _ event: PendingEvent, of table: Int) throws {
    guard event.operation != .rejected else {
      return written.writes.append(rejectedKey(row, table), digest(of: row).bytes)
    }
    let texts = texts(row, table)
    scratch.empty()
    Self.appendPlainKey(texts, of: table, to: &scratch.key)
    digest(of: row).append(to: &scratch.value)
    event.route.append(to: &scratch.value)
    guard isPersonal(row, event, table) else {
      RowStub.encode(row, stubPlaces[table], texts: texts, into: &scratch.value)
      if counts[table] != nil { try count(table, 1, under: scratch.key) }
      return written.writes.append(scratch.key, scratch.value)
    }
    let key = key(scratch.key, isPersonal: true)
    var stub: [UInt8] = []
    RowStub.encode(row, stubPlaces[table], texts: [], into: &stub)
    try count(table, 1, under: key)
    let owners = event.subjects.of(.rowKey)
    written.writes.append(
      StateWrite(
        key: key, digest: scratch.value, content: PersonalData(bytes: stub),
        subjects: owners.isEmpty ? [Subject("known-row", Array(key.dropFirst(4)))] : owners))
  }

  /// The row is gone. `event`: that of its end.
  mutating func forget(_ row: SourceRow, _ event: PendingEvent, of table: Int) throws {
    let key = key(plainKey(row, of: table), isPersonal: isPersonal(row, event, table))
    try forget(key, of: table)
  }

  mutating func forget(_ key: [UInt8], of table: Int) throws {
    try count(table, -1, under: key)
    written.writes.append(key, nil)
  }

  /// The rows of a table that are kept behind this key, in the order of their keys, at most so many; what a batch under
  /// way has forgotten is left out. `next`: where the following begin; nil: there are none.
  mutating func rows(of table: Int, after key: [UInt8]?, limit: Int) throws -> (rows: [Known], next: [UInt8]?) {
    guard let state else { return ([], nil) }
    let range = Self.range(of: table)
    let start = key.map { KeptKey($0 + [0]) } ?? range.lowerBound
    let found = try state.digests(in: start..<range.upperBound, limit: limit)
    var rows: [Known] = []
    for (key, _) in found {
      if let value = try entry(key), let row = try known(key, value, table) { rows.append(row) }
    }
    return (rows, found.count < limit ? nil : found.last?.key)
  }

  // MARK: Counting

  /// Counts the rows of this table from now on. Only while nothing is under way.
  mutating func beginCounting(_ table: Int) throws {
    guard counts[table] == nil, recent.allSatisfy(\.writes.isEmpty), written.writes.isEmpty else { return }
    counts[table] = try state?.count(in: Self.range(of: table)) ?? 0
  }

  /// How many rows of it are kept; nil: it is not counted.
  func count(of table: Int) -> Int? { counts[table] }

  private mutating func count(_ table: Int, _ change: Int, under key: [UInt8]) throws {
    guard let known = counts[table] else { return }
    let isThere = try entry(key) != nil
    if isThere == (change < 0) { counts[table] = known + change }
  }

  // MARK: Bytes

  /// What of a row is kept: its key, and what it refers to.
  private static func stubPlaces(_ table: SourceTable) -> [Int] {
    guard let place = table.refersTo.flatMap({ table.place(of: $0.column) }), !table.key.contains(place) else {
      return table.key
    }
    return table.key + [place]
  }

  /// The texts that stand in the row's plain key.
  private func texts(_ row: SourceRow, _ table: Int) -> [String?] {
    tables[table].key.map { mapping.keyText(tables[table].columns[$0], of: row) }
  }

  private mutating func digest(of row: SourceRow) -> Token {
    scratch.row.removeAll(keepingCapacity: true)
    for value in row.values { RowStub.append(value, to: &scratch.row) }
    return router.token("known-digest", scratch.row)
  }
}

/// Reused for each row.
private struct Scratch {
  var key: [UInt8] = []
  var value: [UInt8] = []
  var row: [UInt8] = []

  mutating func empty() {
    key.removeAll(keepingCapacity: true)
    value.removeAll(keepingCapacity: true)
  }
}

/// What a batch writes; found by key once somebody asks, which a snapshot never does.
private struct WrittenRows {
  var writes = StateWrites()
  var facts: [KnownRows.Fact: String] = [:]
  private var index: [[UInt8]: [UInt8]?] = [:]
  private var indexed = (plain: 0, sealed: 0)

  init() {}
  init(asLargeAs other: StateWrites) { writes = StateWrites(asLargeAs: other) }

  /// nil: nothing was written under this key; nil inside: that it is forgotten.
  mutating func entry(_ key: [UInt8]) -> [UInt8]?? {
    writes.forEachPlain(from: indexed.plain) { index[Array($0)] = .some($1.map { Array($0) }) }
    for write in writes.sealed.dropFirst(indexed.sealed) { index[write.key] = .some(write.digest) }
    indexed = (writes.plainCount, writes.sealed.count)
    return index[key]
  }
}

extension Token {
  fileprivate init(bytes: ArraySlice<UInt8>) {
    let halves = [bytes.prefix(8), bytes.dropFirst(8).prefix(8)].map { $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
    self.init(high: halves[0], low: halves[1])
  }
}
