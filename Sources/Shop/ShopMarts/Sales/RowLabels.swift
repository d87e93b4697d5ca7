internal import Entity
internal import Projections
internal import Reports
internal import SQLite

/// Rows that a report names: how it shows them, and their order by system and key. Their numbers show and order
/// nothing.
struct RowLabels {
  private var labels: [Int64: ReportCell] = [:]
  private var ranks: [Int64: Int] = [:]

  /// A row by what it is outside of the mart.
  private struct Place {
    var number: Int64
    var system: [UInt8]
    /// Canonical bytes of the key.
    var key: [UInt8]
  }

  init(_ sales: Database, of numbers: Set<Int64>) throws {
    var systems: [Int64: String] = [:]
    try sales.query("SELECT number, name FROM systems") { systems[$0.int64(0)] = $0.text(1) }
    let stored = try sales.prepare("SELECT key, text FROM row_keys WHERE number = ?1")
    var places: [Place] = []
    places.reserveCapacity(numbers.count)
    for number in numbers {
      let name = RowNumbers.parts(of: number)
      let system = systems[name.system] ?? ""
      var place = Place(number: number, system: Array(system.utf8), key: [])
      var text = String(name.integer ?? 0)
      if let integer = name.integer {
        place.key = RowKey<PersonToken>(integer).canonicalBytes
      } else {
        stored.bind(1, number)
        if try stored.step() { (place.key, text) = (stored.blob(0), stored.text(1)) }
        stored.reset()
      }
      places.append(place)
      // A text that is a key stands in quotes, so what reads as a number is one.
      labels[number] =
        systems.count > 1 ? .text("\(system)/\(text)") : Int64(text).map { .integer($0) } ?? .text(text)
    }
    places.sort {
      $0.system == $1.system ? $0.key.lexicographicallyPrecedes($1.key) : $0.system.lexicographicallyPrecedes($1.system)
    }
    for (rank, place) in places.enumerated() { ranks[place.number] = rank }
  }

  /// The key, with "SYSTEM/" before it where the mart has several systems.
  func cell(_ number: Int64) -> ReportCell { labels[number] ?? .text("") }

  /// The row's place among those asked for.
  func rank(_ number: Int64) -> Int { ranks[number] ?? 0 }
}
