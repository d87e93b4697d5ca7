internal import Capture
internal import Entity
internal import Privacy

/// What a source of sheets keeps between runs: a keyed digest of each row, and the row itself sealed. Keys are tokens:
/// of the row where one sheet is all, otherwise of its file and the row; and those of rows that were rejected, so that
/// a sheet that still has them does not have them rejected again.
struct KeptRows {
  private let router: Router
  private let scope: SheetScope
  private let names: SheetTokenNames
  private var state: (any SourceStateReader)?
  private var digests: [[UInt8]: [UInt8]] = [:]
  /// Keys of rejected rows.
  private var rejects: Set<[UInt8]> = []
  /// Keys of rows that their file no longer has, since its time has moved on. They count all the same.
  private var rolledOut: Set<[UInt8]> = []
  /// Which files have a row, by its token; only where a file has its own.
  private var holders: [[UInt8]: Set<[UInt8]>] = [:]

  private static let tokenBytes = 16
  private static let fileBytes = 8

  init(_ router: Router, _ scope: SheetScope, _ names: SheetTokenNames) {
    self.router = router
    self.scope = scope
    self.names = names
  }

  /// Reads what was kept, without the sheets that were set aside.
  mutating func resume(from reader: any SourceStateReader) throws -> SheetsSetAside {
    state = reader
    digests = Dictionary(try reader.digests().map { ($0.key, $0.digest) }, uniquingKeysWith: { $1 })
    let setAside = SheetsSetAside(takingFrom: &digests)
    holders = [:]
    rejects = Set(digests.keys.filter(isRejected))
    rolledOut = Set(
      digests.keys.filter { $0.count == rowBytes + 1 && $0.first == Self.rolledMark }.map { Array($0.dropFirst()) })
    for key in digests.keys where isRow(key) { hold(key, true) }
    return setAside
  }

  // MARK: Keys

  /// How rows name their file; empty where one sheet is all.
  func file(_ name: String) -> [UInt8] {
    let known = scope == .list ? SheetList.list(name) : SheetList.file(name)
    return file(router.token(names.file, Array(known.utf8)))
  }

  /// How rows name the list that a file is alone, if the numbers in its name are part of the list's; nil: there are
  /// none.
  func numberedList(_ name: String) -> [UInt8]? {
    guard scope == .list, let known = SheetList.numbered(name) else { return nil }
    return file(router.token(names.file, Array(known.utf8)))
  }

  private func file(_ token: Token) -> [UInt8] { scope == .everything ? [] : Array(token.bytes.prefix(Self.fileBytes)) }

  /// Of a row with this key in a file.
  func key(_ key: [UInt8], in file: [UInt8]) -> [UInt8] { file + router.token(names.key, key).bytes }

  /// Of a rejected row in a file. `number`: where nothing else tells it from others.
  func rejectedKey(_ row: SheetRow, number: UInt64?, in file: [UInt8]) -> [UInt8] {
    let token =
      scope == .everything
      ? router.token(names.rejected, row.content)
      : router.token(names.rejected, row.content, number.map { Array("\($0)".utf8) } ?? [])
    return [UInt8(ascii: "r")] + file + token.bytes
  }

  private var rowBytes: Int { Self.tokenBytes + (scope == .everything ? 0 : Self.fileBytes) }

  private func isRow(_ key: [UInt8]) -> Bool { key.count == rowBytes }

  /// Keys of the file's rows and of its rejected ones, in an order that stays. Rows that have rolled out are among
  /// them.
  func keys(of file: [UInt8]) -> (rows: [[UInt8]], rejected: [[UInt8]]) {
    let known = digests.keys.sorted { $0.lexicographicallyPrecedes($1) }
    return (
      known.filter { isRow($0) && $0.starts(with: file) },
      known.filter { isRejected($0) && $0.dropFirst().starts(with: file) }
    )
  }

  // MARK: Rows

  /// nil: it is not kept.
  func digest(of key: [UInt8]) -> [UInt8]? { digests[key] }

  /// How a row was kept when a folder had one list only; nil: it is none of those.
  func earlierKey(of key: [UInt8]) -> [UInt8]? {
    let earlier = Array(key.suffix(Self.tokenBytes))
    return scope == .list && digests[earlier] != nil ? earlier : nil
  }

  /// Rows that no list has taken over yet.
  var earlierKeys: [[UInt8]] {
    scope == .list
      ? digests.keys.filter { $0.count == Self.tokenBytes }.sorted { $0.lexicographicallyPrecedes($1) } : []
  }

  /// Keys of rejected rows whose file or list is not among these.
  func rejectedKeys(without files: Set<[UInt8]>) -> [[UInt8]] {
    rejects.filter { !files.contains(file(ofRejected: $0)) }.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// How kept rows name the files and lists that have rejected rows.
  var filesWithRejected: Set<[UInt8]> { Set(rejects.map(file(ofRejected:))) }

  private func file(ofRejected key: [UInt8]) -> [UInt8] {
    Array(key.dropFirst().prefix(scope == .everything ? 0 : Self.fileBytes))
  }

  private func isRejected(_ key: [UInt8]) -> Bool { key.count == rowBytes + 1 && key.first == UInt8(ascii: "r") }

  /// What a row says; nil: nobody can read it any more, or it is not kept.
  func content(of key: [UInt8]) throws -> [UInt8]? { try state?.content(of: key)?.bytes }

  /// The same row as another file has it.
  func contentElsewhere(of key: [UInt8]) throws -> [UInt8]? {
    try contentsElsewhere(of: key).first
  }

  /// Whether another file has the same row.
  func isElsewhere(_ key: [UInt8]) -> Bool {
    (holders[Array(key.suffix(Self.tokenBytes))] ?? []).contains { $0 != Array(key.prefix(Self.fileBytes)) }
  }

  /// The same row as other files have it, in an order that stays.
  func contentsElsewhere(of key: [UInt8]) throws -> [[UInt8]] {
    guard scope != .everything, isRow(key) else { return [] }
    let others = (holders[Array(key.suffix(Self.tokenBytes))] ?? []).filter { $0 != Array(key.prefix(Self.fileBytes)) }
    return try others.sorted { $0.lexicographicallyPrecedes($1) }.compactMap {
      try content(of: $0 + key.suffix(Self.tokenBytes))
    }
  }

  /// How many of these rows another file has exactly so, where that is at least half of the smaller of the two: the
  /// same export under two names, or two that overlap. nil: of no file. `rows`: digests by the rows' keys, as the
  /// mapping gives them.
  func overlap(of rows: [[UInt8]: [UInt8]], in file: [UInt8]) -> Int? {
    guard scope == .itsOwn else { return nil }
    var shared: [[UInt8]: Int] = [:]
    for (row, digest) in rows {
      let mine = key(row, in: file)
      for other in holders[Array(mine.suffix(Self.tokenBytes))] ?? []
      where other != file && digests[other + mine.suffix(Self.tokenBytes)] == digest {
        shared[other, default: 0] += 1
      }
    }
    return shared.filter { other, count in
      let theirs = digests.keys.count { isRow($0) && $0.starts(with: other) }
      return count * 2 >= min(rows.count, theirs)
    }.values.max()
  }

  /// The digest that belongs to what a row says.
  func digest(_ content: [UInt8]) -> [UInt8] { router.token(names.content, content).bytes }

  mutating func keep(_ entry: SheetEntry, _ digest: [UInt8], as key: [UInt8]) -> StateWrite {
    digests[key] = digest
    hold(key, true)
    return StateWrite(key: key, digest: digest, content: PersonalData(bytes: entry.content), subjects: entry.subjects)
  }

  mutating func keepRejected(_ key: [UInt8]) -> StateWrite {
    digests[key] = [1]
    rejects.insert(key)
    return StateWrite(key: key, digest: [1])
  }

  private static let rolledMark = UInt8(ascii: "o")

  func hasRolledOut(_ key: [UInt8]) -> Bool { rolledOut.contains(key) }

  /// The file no longer has the row, or has it again.
  mutating func note(rolledOut isOut: Bool, _ key: [UInt8]) -> StateWrite {
    let mark = [Self.rolledMark] + key
    if isOut { rolledOut.insert(key) } else { rolledOut.remove(key) }
    digests[mark] = isOut ? [1] : nil
    return StateWrite(key: mark, digest: digests[mark])
  }

  mutating func forget(_ key: [UInt8]) -> StateWrite {
    digests[key] = nil
    rejects.remove(key)
    if isRow(key) { hold(key, false) }
    return StateWrite(key: key, digest: nil)
  }

  private mutating func hold(_ key: [UInt8], _ holds: Bool) {
    guard scope != .everything else { return }
    let row = Array(key.suffix(Self.tokenBytes))
    if holds {
      holders[row, default: []].insert(Array(key.prefix(Self.fileBytes)))
    } else {
      holders[row]?.remove(Array(key.prefix(Self.fileBytes)))
    }
  }
}
