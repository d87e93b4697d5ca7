internal import Capture
internal import Entity
internal import Files
internal import Privacy

/// What is known of the texts of one web log, kept in capture's state: a row for each, under its number.
struct LogMemory {
  private var marks: [UInt64: FileMark] = [:]
  private var places: [FileIdentity: UInt64] = [:]
  private var heads: [FileMark.Head: [UInt64]] = [:]
  /// How many heads there are of each length.
  private var lengths: [Int: Int] = [:]
  private var next: UInt64 = 1
  private var changed: Set<UInt64> = []
  private var forgotten: Set<UInt64> = []
  /// Texts that are not done.
  private(set) var open: Set<UInt64> = []

  /// Nothing was known before.
  var isEmpty: Bool { marks.isEmpty }

  /// What was committed. `position`: as `position` gave it, or the list of marks that earlier versions wrote.
  init(position: String?, rows: [(key: [UInt8], digest: [UInt8])]) {
    for row in rows {
      guard let mark = FileMark(Substring(String(decoding: row.digest, as: UTF8.self))), mark.id > 0 else { continue }
      insert(mark)
    }
    next = (marks.keys.max() ?? 0) + 1
    // Earlier versions remembered what was long gone, too; the newest stood last.
    let earlier = Self.isEarlier(position) ? (position ?? "").split(separator: " ").compactMap { FileMark($0) } : []
    for (index, mark) in earlier.enumerated() {
      var mark = mark
      mark.isDone = index + 1 < earlier.count
      add(mark)
    }
  }

  /// Whether an earlier version wrote this position: it left out what had a date in its name, or was compressed.
  static func isEarlier(_ position: String?) -> Bool {
    guard let first = position?.split(separator: " ").first else { return false }
    return first.contains(":")
  }

  /// The source's own text beside the rows. Empty: nothing was seen yet.
  var position: String { next == 1 ? "" : "2 \(next)" }

  /// The rows that changed since the last call.
  mutating func takeChanges() -> [StateWrite] {
    defer {
      changed = []
      forgotten = []
    }
    return changed.sorted().compactMap { id in
      marks[id].map { StateWrite(key: Self.key(id), digest: Array($0.text.utf8)) }
    } + forgotten.sorted().map { StateWrite(key: Self.key($0), digest: nil) }
  }

  private static func key(_ id: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * $0)) } }

  // MARK: Looking up

  subscript(_ id: UInt64) -> FileMark? { marks[id] }

  /// What stood there last.
  func mark(at identity: FileIdentity) -> FileMark? { places[identity].flatMap { marks[$0] } }

  /// Texts that begin as these bytes do, longest read first.
  func marks(beginningAs bytes: [UInt8], _ router: Router) -> [FileMark] {
    lengths.keys.filter { $0 <= bytes.count }
      .flatMap { length -> [UInt64] in
        heads[FileMark.Head(length: length, token: router.token("weblog-head", Array(bytes.prefix(length))))] ?? []
      }
      .compactMap { marks[$0] }.sorted { ($0.offset, $0.id) > ($1.offset, $1.id) }
  }

  /// Texts of which an earlier version did not note the beginning, longest read first.
  var headless: [FileMark] {
    marks.values.filter { $0.head == nil && $0.offset > 0 }.sorted { ($0.offset, $0.id) > ($1.offset, $1.id) }
  }

  // MARK: Changing

  /// A new text; answers it with its number.
  @discardableResult
  mutating func add(_ mark: FileMark) -> FileMark {
    var mark = mark
    mark.id = next
    next += 1
    insert(mark)
    changed.insert(mark.id)
    if marks.count > WeblogLimits.rememberedFiles, let oldest = marks.values.filter(\.isDone).map(\.id).min() {
      forget(oldest)
    }
    return mark
  }

  mutating func update(_ mark: FileMark) {
    guard let old = marks[mark.id], old != mark else { return }
    // Another text may stand by now where this one stood.
    let isThere = old.identity != mark.identity || places[mark.identity] == mark.id
    remove(mark.id)
    insert(mark, isThere: isThere)
    changed.insert(mark.id)
  }

  private mutating func insert(_ mark: FileMark, isThere: Bool = true) {
    marks[mark.id] = mark
    if isThere { places[mark.identity] = mark.id }
    if let head = mark.head {
      heads[head, default: []].append(mark.id)
      lengths[head.length, default: 0] += 1
    }
    if mark.isDone { open.remove(mark.id) } else { open.insert(mark.id) }
  }

  private mutating func remove(_ id: UInt64) {
    guard let mark = marks.removeValue(forKey: id) else { return }
    if places[mark.identity] == id { places[mark.identity] = nil }
    open.remove(id)
    guard let head = mark.head else { return }
    heads[head]?.removeAll { $0 == id }
    if heads[head]?.isEmpty == true { heads[head] = nil }
    lengths[head.length, default: 1] -= 1
    if lengths[head.length] == 0 { lengths[head.length] = nil }
  }

  private mutating func forget(_ id: UInt64) {
    remove(id)
    changed.remove(id)
    forgotten.insert(id)
  }
}
