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
    for key in digests.keys where isRow(key) { hold(key, true) }
    return setAside
  }

  // MARK: Keys

  /// How rows name their file; empty where one sheet is all.
  func file(_ token: Token) -> [UInt8] { scope == .everything ? [] : Array(token.bytes.prefix(Self.fileBytes)) }

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

  /// Keys of the file's rows and of its rejected ones, in an order that stays.
  func keys(of file: [UInt8]) -> (rows: [[UInt8]], rejected: [[UInt8]]) {
    let known = digests.keys.sorted { $0.lexicographicallyPrecedes($1) }
    return (
      known.filter { isRow($0) && $0.starts(with: file) },
      known.filter { $0.count == rowBytes + 1 && $0.dropFirst().starts(with: file) }
    )
  }

  // MARK: Rows

  /// nil: it is not kept.
  func digest(of key: [UInt8]) -> [UInt8]? { digests[key] }

  /// What a row says; nil: nobody can read it any more, or it is not kept.
  func content(of key: [UInt8]) throws -> [UInt8]? { try state?.content(of: key)?.bytes }

  /// The same row as another file has it.
  func contentElsewhere(of key: [UInt8]) throws -> [UInt8]? {
    guard scope == .itsOwn else { return nil }
    let others = (holders[Array(key.suffix(Self.tokenBytes))] ?? []).filter { $0 != Array(key.prefix(Self.fileBytes)) }
    guard let other = others.min(by: { $0.lexicographicallyPrecedes($1) }) else { return nil }
    return try content(of: other + key.suffix(Self.tokenBytes))
  }

  /// The digest that belongs to what a row says.
  func digest(_ entry: SheetEntry) -> [UInt8] { router.token(names.content, entry.content).bytes }

  mutating func keep(_ entry: SheetEntry, _ digest: [UInt8], as key: [UInt8]) -> StateWrite {
    digests[key] = digest
    hold(key, true)
    return StateWrite(key: key, digest: digest, content: PersonalData(bytes: entry.content), subjects: entry.subjects)
  }

  mutating func keepRejected(_ key: [UInt8]) -> StateWrite {
    digests[key] = [1]
    return StateWrite(key: key, digest: [1])
  }

  mutating func forget(_ key: [UInt8]) -> StateWrite {
    digests[key] = nil
    if isRow(key) { hold(key, false) }
    return StateWrite(key: key, digest: nil)
  }

  private mutating func hold(_ key: [UInt8], _ holds: Bool) {
    guard scope == .itsOwn else { return }
    let row = Array(key.suffix(Self.tokenBytes))
    if holds {
      holders[row, default: []].insert(Array(key.prefix(Self.fileBytes)))
    } else {
      holders[row]?.remove(Array(key.prefix(Self.fileBytes)))
    }
  }
}
