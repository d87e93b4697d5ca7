internal import Entity
internal import EventLog
internal import Events
internal import Marts
internal import Projections
internal import SQLite
internal import ShopMarts
internal import Workspace

/// Rows that a mart has refused, and of which a newer state, or their end, came through since: those no longer count.
///
/// The quarantine knows a record's place and nothing of its row, so the log is asked; on a broker that would make every
/// report wait for it, and there such rows count until they are discarded. Keys that are one number are looked up: those
/// of orders and their lines, of products, customers and stores.
struct CorrectedRows {
  /// Records that are looked up in each mart; more of them are no single bad rows.
  private static let mostRecords = 2_000

  /// A table of rows' newest states, and of the versions of deletes beside it.
  private struct Place {
    var table: String
    var number: String
    var tombstones: String
    var entity: Value
  }

  private static let places: [String: Place] = [
    "order": Place(table: "orders", number: "order_id", tombstones: "order_tombstones", entity: .integer(1)),
    "order line": Place(table: "order_lines", number: "line_id", tombstones: "order_tombstones", entity: .integer(2)),
    "product": catalog("product", "products", "product_id"),
    "customer": catalog("customer", "customers", "customer_id"),
    "store": catalog("store", "stores", "store_id"),
  ]

  private static func catalog(_ entity: String, _ table: String, _ number: String) -> Place {
    Place(table: table, number: number, tombstones: "catalog_tombstones", entity: .text(entity))
  }

  /// Blocks. Where the log cannot be read nothing is corrected as far as anybody knows.
  static func find(in workspace: Workspace) throws -> Set<QuarantineRules.Record> {
    guard case .embedded = try workspace.configuration().log else { return [] }
    var found: Set<QuarantineRules.Record> = []
    var newest: [[String]: (record: QuarantineRules.Record, version: StateVersion)] = [:]
    var log: LogInspection?
    for definition in Shop.marts {
      guard let reader = try? MartReader(workspace.mart(definition.name)),
        try reader.quarantineCounts().contains(where: { $0.stage == "validate" || $0.stage == "fold" })
      else {
        continue
      }
      let entries = try reader.quarantine(limit: .max).filter { $0.stage == "validate" || $0.stage == "fold" }
      for entry in entries.prefix(mostRecords) {
        if log == nil { log = try? LogInspection(workspace) }
        guard let event = try? log?.event(at: entry.partition, entry.offset), let key = event.key?.integer,
          RowNumbers.isPlain(key), let place = places[event.payload.name]
        else { continue }
        let record = QuarantineRules.Record(partition: entry.partition, offset: entry.offset)
        // A generation of an earlier build has other tables, and tells nothing.
        if (try? reader.snapshot { try isNewer($0, place, key, event) }) == true { found.insert(record) }
        // A row that was refused again counts once.
        let row = [event.source, event.payload.name, "\(key)"]
        if let other = newest[row], other.record != record {
          found.insert(other.version < event.version ? other.record : record)
          if other.version > event.version { continue }
        }
        newest[row] = (record, event.version)
      }
    }
    return found
  }

  /// Whether the mart has a newer state of the event's row, or its end.
  private static func isNewer(
    _ mart: Database, _ place: Place, _ key: Int64, _ event: Event<SealedPerson>
  ) throws -> Bool {
    guard let system = try mart.integer("SELECT number FROM systems WHERE name = ?1", [.text(event.source)]),
      try mart.integer("SELECT count(*) FROM sqlite_schema WHERE name = ?1", [.text(place.table)]) == 1
    else { return false }
    let number = RowNumbers.number(of: key, in: system)
    let version: [Value] = [.integer(event.version.storedMajor), .integer(event.version.storedMinor)]
    let isNewer = "(version_major, version_minor) > (?2, ?3)"
    let row = "SELECT 1 FROM \(place.table) WHERE \(place.number) = ?1 AND \(isNewer)"
    if try mart.integer(row, [.integer(number)] + version) != nil { return true }
    let end = "SELECT 1 FROM \(place.tombstones) WHERE number = ?1 AND \(isNewer) AND entity = ?4"
    return try mart.integer(end, [.integer(number)] + version + [place.entity]) != nil
  }
}

extension LogInspection {
  /// The event of one record; nil: there is none, or it cannot be read. Blocks.
  func event(at partition: TopicPartition, _ offset: Offset) throws -> Event<SealedPerson>? {
    let batch = try log.read(partition, from: offset, maximumBytes: 1)
    guard let record = batch.records.first, record.offset == offset, let value = record.value else { return nil }
    return try? Event<SealedPerson>(decoding: batch.bytes.span.extracting(value))
  }
}
