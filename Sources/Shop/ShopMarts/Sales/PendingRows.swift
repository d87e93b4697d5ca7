internal import Entity
internal import Events
internal import Projections

/// Newest states of rows that wait to be written, by row.
///
/// Orders and their lines are most of what a mart of sales folds, and nearly all of them have an integer as their key.
/// So these stand by it alone, apart for each system: this and the layout of keys (`RowKey`) took 9 % off a rebuild.
struct PendingRows<Row: Sendable & Equatable> {
  struct State {
    var version: StateVersion
    /// The change that made it, as a whole: it is one reference, a row is many. nil: deleted.
    var change: Change<Row>?
    var flags: [String]
  }

  /// Rows whose numbers need no table: places of their states.
  private struct OfSystem {
    let name: String
    var rows: [Int64: Int32] = [:]
  }

  /// In the order in which the rows came first. Tables and sorting handle places: a state counts references.
  private var states: [State] = []
  private var systems: [OfSystem] = []
  /// Place of the system that a row came from last: mostly the next one's, too.
  private var last = 0
  private var others: [RowName: Int32] = [:]

  var count: Int { states.count }

  /// `place`: from `numbered`.
  subscript(_ place: Int32) -> State { _read { yield states[Int(place)] } }

  mutating func removeAll() {
    states.removeAll(keepingCapacity: true)
    for place in systems.indices { systems[place].rows.removeAll(keepingCapacity: true) }
    others.removeAll(keepingCapacity: true)
  }

  /// Keeps the row's new state when it is newer than what waits for it. Answers which of the two does not stay; nil:
  /// nothing waited, or it is the same version.
  @inline(__always) @discardableResult
  mutating func keep(_ change: Change<Row>, _ key: RowKey<PersonToken>, of event: Event<PersonToken>) -> State? {
    if let integer = key.integer, RowNumbers.isPlain(integer) {
      if systems.isEmpty || !RowName.isSame(systems[last].name, event.source) { look(up: event.source) }
      return Self.replace(&systems[last].rows[integer], in: &states, change, event)
    } else {
      return Self.replace(&others[RowName(system: event.source, key: key)], in: &states, change, event)
    }
  }

  /// In the dictionary's own place, so that a row is looked up once.
  @inline(__always)
  private static func replace(
    _ place: inout Int32?, in states: inout [State], _ change: Change<Row>, _ event: Event<PersonToken>
  ) -> State? {
    let isDelete = event.operation == .delete
    let new = State(version: event.version, change: isDelete ? nil : change, flags: isDelete ? [] : event.flags)
    guard let known = place.map(Int.init) else {
      place = Int32(states.count)
      states.append(new)
      return nil
    }
    let version = states[known].version
    if version >= event.version { return version == event.version ? nil : new }
    let old = states[known]
    states[known] = new
    return old
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

  /// The rows with their numbers in the mart, in the order of these, which is that of the tables.
  func numbered(_ numbers: RowNumbers) throws -> [Numbered] {
    var numbered: [Numbered] = []
    numbered.reserveCapacity(count)
    for system in systems where !system.rows.isEmpty {
      let first = try numbers.number(of: RowName(system: system.name, key: 0))
      for (key, place) in system.rows { numbered.append(Numbered(number: first | key, place: place)) }
    }
    for (name, place) in others { numbered.append(Numbered(number: try numbers.number(of: name), place: place)) }
    numbered.sort { $0.number < $1.number }
    return numbered
  }

  struct Numbered {
    var number: Int64
    /// Of the state.
    var place: Int32
  }
}
