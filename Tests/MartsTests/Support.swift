import EventLog
import Files
import Marts
import SQLite
import TestSupport
import Testing

let toySchema = MartSchema(
  name: "toy", meaning: "Sums for tests.",
  tables: [
    TableDefinition(
      "sums", "one sum per name",
      columns: [
        .init("name", "TEXT NOT NULL PRIMARY KEY", "whose sum"),
        .init("total", "INTEGER NOT NULL", "sum of all amounts, whole units"),
      ], withoutRowID: true, indexes: ["CREATE INDEX sums_by_total ON sums (total)"],
      canonicalDump: "SELECT name, total FROM sums ORDER BY name")
  ],
  views: [
    ViewDefinition(
      "sums_readable", "sums with words", select: "SELECT name, total || ' units' FROM sums",
      columns: [("name", "whose sum"), ("total", "sum with its unit")])
  ])

let toyIdentity = GenerationIdentity(parts: ["projection.toy": "1", "keys.tokenVersion": "1", "log": "log-a"])
let orders0 = TopicPartition("orders", 0)
let orders1 = TopicPartition("orders", 1)

func toyDirectory() -> MartDirectory { MartDirectory(marts: TemporaryFolder.path + "/marts", name: "toy") }

func openToy(generation: Int? = nil, identity: GenerationIdentity = toyIdentity) throws(MartError) -> MartWriter {
  try MartWriter(toyDirectory(), generation: generation, schema: toySchema, identity: identity)
}

/// Absorbs numbers `numbers` of orders/0 as applied events, and adds `amount` to the sum of "a".
func absorb(_ numbers: ClosedRange<UInt64>, amount: Int64 = 1, into writer: MartWriter, _ ledger: inout MartLedger)
  throws
{
  let stream = ledger.stream(StreamKey(source: "platform", epoch: 1, partition: orders0))
  for number in numbers where ledger.accept(number: number, in: stream) { ledger.applied(in: stream) }
  ledger.move(orders0, to: LogAnchor(nextOffset: Offset(Int64(numbers.upperBound)), proof: [1, 2]))
  try writer.absorb(&ledger) { try add(amount, to: "a", $0) }
}

func add(_ amount: Int64, to name: String, _ transaction: MartTransaction) throws {
  let upsert = try transaction.statement(
    "INSERT INTO sums VALUES (?1, ?2) ON CONFLICT DO UPDATE SET total = total + excluded.total")
  upsert.bind(1, name)
  upsert.bind(2, amount)
  try upsert.run()
}

/// Kind of the `MartError` that `body` throws, or nil when it throws none.
func kind(_ body: () throws -> Void) -> MartError.Kind? {
  do {
    try body()
    return nil
  } catch let error as MartError {
    return error.kind
  } catch {
    Issue.record("not a MartError: \(error)")
    return nil
  }
}
