internal import Entity
internal import Events
internal import Projections

/// Newest states of rows that wait to be written, by row.
///
/// Orders and their lines are most of what a mart of sales folds, and nearly all of them have an integer as their key.
/// So these stand by it alone, apart for each system: this and the layout of keys (`RowKey`) took 9 % off a rebuild.
struct PendingRows<Row> {
  struct State {
    var version: StateVersion
    /// nil: deleted.
    var row: Row?
    var flags: [String]
  }

  /// Rows whose numbers need no table.
  private struct OfSystem {
    let name: String
    var rows: [Int64: State] = [:]
  }

  private var systems: [OfSystem] = []
  /// Place of the system that a row came from last: mostly the next one's, too.
  private var last = 0
  private var others: [RowName: State] = [:]

  var count: Int { systems.reduce(others.count) { $0 + $1.rows.count } }

  mutating func removeAll() {
    for place in systems.indices { systems[place].rows.removeAll(keepingCapacity: true) }
    others.removeAll(keepingCapacity: true)
  }

  /// Keeps the row's new state (`row` nil: deleted) when it is newer than what waits for it.
  @inline(__always)
  mutating func keep(_ row: Row?, _ key: RowKey<PersonToken>, of event: Event<PersonToken>) {
    if let integer = key.integer, RowNumbers.isPlain(integer) {
      if systems.isEmpty || !RowName.isSame(systems[last].name, event.source) { look(up: event.source) }
      Self.replace(&systems[last].rows[integer], row, event)
    } else {
      Self.replace(&others[RowName(system: event.source, key: key)], row, event)
    }
  }

  /// In the dictionary's own place, so that a row is looked up once.
  @inline(__always)
  private static func replace(_ state: inout State?, _ row: Row?, _ event: Event<PersonToken>) {
    if let known = state?.version, known >= event.version { return }
    state = State(version: event.version, row: row, flags: row == nil ? [] : event.flags)
  }

  private mutating func look(up name: String) {
    if let place = systems.firstIndex(where: { RowName.isSame($0.name, name) }) {
      last = place
    } else {
      last = systems.count
      systems.append(OfSystem(name: name))
    }
  }

  /// Names of the systems that rows wait of.
  var systemNames: Set<String> {
    Set(systems.filter { !$0.rows.isEmpty }.map(\.name)).union(others.keys.map(\.system))
  }

  /// The rows by their numbers in the mart.
  func numbered(_ numbers: RowNumbers) throws -> Numbered {
    var numbered = Numbered(systems: [], others: [:], ascending: [])
    numbered.ascending.reserveCapacity(count)
    for system in systems where !system.rows.isEmpty {
      let first = try numbers.number(of: RowName(system: system.name, key: 0))
      numbered.systems.append((first, system.rows))
      numbered.ascending.append(contentsOf: system.rows.keys.lazy.map { first | $0 })
    }
    for (name, state) in others {
      let number = try numbers.number(of: name)
      numbered.others[number] = state
      numbered.ascending.append(number)
    }
    numbered.ascending.sort()
    return numbered
  }

  struct Numbered {
    /// By the number of the row with the key 0.
    fileprivate var systems: [(first: Int64, rows: [Int64: State])]
    fileprivate var others: [Int64: State]
    /// Numbers of all rows, in their order, which is that of the tables.
    fileprivate(set) var ascending: [Int64]

    /// nil: nothing waits for this row.
    subscript(number: Int64) -> State? {
      let first = RowNumbers.range(of: number).lowerBound
      for place in systems.indices where systems[place].first == first { return systems[place].rows[number ^ first] }
      return others[number]
    }
  }
}
