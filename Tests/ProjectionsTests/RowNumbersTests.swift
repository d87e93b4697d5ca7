import Entity
import Marts
import Projections
import SQLite
import TestSupport
import Testing

/// Numbers of rows, and tables of newest states whose rows name one another.
@Suite("Numbers of rows", .temporaryFolder)
struct RowNumbersTests {
  private let writer: MartWriter
  private let directory: MartDirectory
  private static let tables =
    [
      TableDefinition.ofRows(
        "pets", "Pets.", number: ("pet", "the pet"),
        columns: [.init("owner", "INTEGER", "Number of the owner."), .init("name", "TEXT", "Name.")],
        referring: ["owner"])
    ] + VersionedRows.bookkeeping("pet", of: "a pet", entities: ["pet"])

  init() throws {
    directory = MartDirectory(marts: TemporaryFolder.path, name: "zoo")
    writer = try MartWriter(
      directory, schema: MartSchema(name: "zoo", meaning: "Pets.", tables: Self.tables + Self.tables, views: []),
      identity: GenerationIdentity(parts: [:]))
  }

  private func write(_ body: (MartTransaction) throws -> Void) throws {
    var ledger = try writer.ledger()
    try writer.absorb(&ledger) { try body($0) }
  }

  private func name(_ system: String, _ key: RowKey<PersonToken>) -> RowName { RowName(system: system, key: key) }

  @Test("a row keeps its number, no two rows have one, and its system can be read from it")
  func numbers() throws {
    let keys: [RowKey<PersonToken>] = [
      RowKey(0), RowKey(1 << 48 - 1), RowKey(1 << 48), RowKey(-1), RowKey(.text("0")), RowKey(.uuid(high: 0, low: 0)),
      RowKey(.integer(0), [.integer(0)]),
    ]
    let names = ["b", "a", "c"].flatMap { system in keys.map { name(system, $0) } }
    var given: [RowName: Int64] = [:]
    for _ in 0..<2 {
      try write { transaction in
        let numbers = try RowNumbers(transaction)
        for name in names {
          let number = try numbers.number(of: name)
          #expect(given[name] ?? number == number)
          given[name] = number
          #expect(try numbers.number(of: name.key, besides: number) == number)
          let system = try transaction.database.string(
            "SELECT name FROM systems WHERE number = (?1 >> 48) & 32767", [.integer(number)])
          #expect(system == name.system)
          let isPlain = name.key.integer.map { (0..<1 << 48).contains($0) } ?? false
          #expect((number >= 0) == isPlain)
          #expect(RowNumbers.range(of: number).contains(number))
        }
      }
    }
    #expect(Set(given.values).count == names.count)
  }

  @Test("hashes of keys do not depend on the numbers that keys have")
  func hashes() throws {
    let keys: [RowKey<PersonToken>] = [RowKey(5), RowKey(-5), RowKey(.text("5")), RowKey(.personal(token(5)))]
    var found: [String: [UInt64]] = [:]
    try write { transaction in
      let numbers = try RowNumbers(transaction)
      for system in ["a", "b"] {
        for key in system == "a" ? keys : keys.reversed() {
          found[key.text, default: []].append(try numbers.keyHash(of: numbers.number(of: name(system, key))))
        }
      }
      #expect(
        try numbers.systemHash(of: numbers.number(of: name("a", keys[0])))
          != numbers.systemHash(of: numbers.number(of: name("b", keys[0]))))
    }
    #expect(found.values.allSatisfy { Set($0).count == 1 })
    #expect(Set(found.values.map { $0[0] }).count == keys.count)
  }

  /// Goal: a reference stays within its system, whatever type its key has. Method: pets of two systems whose owners have one
  /// key, and come in another order the second time.
  @Test("a state may name another row of its system, which need not have arrived")
  func references() throws {
    var dumps: [String] = []
    for systems in [["a", "b"], ["b", "a"]] {
      var rows = VersionedRows(
        prefix: "pet", tables: [VersionedTable(entity: "pet", table: "pets", number: "pet", values: ["owner", "name"])])
      func fold(_ system: String, _ key: RowKey<PersonToken>, _ version: UInt64, _ values: [RowValue]?) {
        rows.fold(
          VersionedRows.Key(table: 0, name: name(system, key)),
          VersionedRows.State(version: StateVersion(major: 1, minor: version), values: values, flags: ["tame"]))
      }
      try write { transaction in
        try transaction.database.execute(
          "DELETE FROM pets; DELETE FROM pet_flags; DELETE FROM pet_tombstones; DELETE FROM row_keys; DELETE FROM systems"
        )
        for system in systems {
          fold(system, RowKey(.text("rex")), 2, [.row(RowKey(.text("ann"))), .text("Rex of \(system)")])
          fold(system, RowKey(.text("tom")), 2, [.row(RowKey(9)), .text("Tom of \(system)")])
          fold(system, RowKey(.text("kit")), 2, nil)
          try rows.flush(into: transaction)
          fold(system, RowKey(.text("kit")), 1, [.integer(nil), .text("Kit")])
        }
        try rows.flush(into: transaction)
      }
      dumps.append(try MartReader(directory).canonicalDump(tables: Self.tables))
    }
    #expect(dumps[0].contains("\"a\"\t\"'rex'\"\t1\t2\t\"'ann'\"\t\"Rex of a\"\n"))
    #expect(dumps[0].contains("\"b\"\t\"'tom'\"\t1\t2\t9\t\"Tom of b\"\n"))
    #expect(dumps[0].contains("\"pet\"\t\"b\"\t\"'kit'\"\t1\t2\n"))
    // The books say that the second round was another batch.
    func pets(_ dump: String) -> [Substring] { Array(dump.split(separator: "\n").drop { $0 != "# pets" }) }
    #expect(pets(dumps[0]) == pets(dumps[1]))
  }
}
