import EventLog
import Files
import Foundation
import Marts
import SQLite
import TestSupport
import Testing

@Suite("Mart reader", .temporaryFolder) struct MartReaderTests {
  @Test("a mart that was never built says so") func missing() {
    #expect(kind { _ = try MartReader(toyDirectory()) } == .missing)
  }

  @Test(
    "a damaged CURRENT is refused, not guessed",
    arguments: [
      "", "toy.000001.sqlite", "../x.sqlite\n", "toy.1.sqlite\n", "sales.000001.sqlite\n", "toy.000000.sqlite\n",
      "toy.00000a.sqlite\n",
    ])
  func damagedPointer(text: String) throws {
    try openToy().close()
    try Files.replace(toyDirectory().folder + "/CURRENT", with: Array(text.utf8))
    #expect(kind { _ = try MartReader(toyDirectory()) } == .damaged)
    #expect(kind { _ = try openToy() } == .damaged)
  }

  @Test("readers stay with their generation, new ones follow CURRENT") func generations() throws {
    let directory = toyDirectory()
    let first = try openToy()
    var ledger = try first.ledger()
    try absorb(1...1, amount: 1, into: first, &ledger)
    let early = try MartReader(directory)
    let second = try openToy(generation: 2)
    var other = try second.ledger()
    try absorb(1...1, amount: 2, into: second, &other)
    #expect(try MartReader(directory).generation == 1)
    try directory.makeCurrent(2)
    #expect(try directory.generations() == [1, 2])
    let late = try MartReader(directory)
    #expect(late.generation == 2)
    #expect(try late.database.integer("SELECT total FROM sums") == 2)
    #expect(try early.database.integer("SELECT total FROM sums") == 1)
    #expect(kind { try directory.makeCurrent(3) } == .missing)
  }

  @Test("a snapshot sees one state while the writer goes on") func snapshot() throws {
    let writer = try openToy()
    var ledger = try writer.ledger()
    try absorb(1...1, into: writer, &ledger)
    let reader = try MartReader(toyDirectory())
    try reader.snapshot { database in
      #expect(try database.integer("SELECT total FROM sums") == 1)
      try absorb(2...2, into: writer, &ledger)
      #expect(try database.integer("SELECT total FROM sums") == 1)
      #expect(try reader.positions()[orders0]?.nextOffset == 1)
    }
    #expect(try reader.database.integer("SELECT total FROM sums") == 2)
  }

  @Test("a reader can write neither its own nor an attached mart") func readsOnly() throws {
    try openToy().close()
    let other = MartDirectory(marts: TemporaryFolder.path + "/marts", name: "other")
    try MartWriter(other, schema: toySchema, identity: toyIdentity).close()
    let reader = try MartReader(toyDirectory(), attaching: [other])
    #expect(throws: SQLiteError.self) { try reader.database.run("DELETE FROM sums") }
    #expect(throws: SQLiteError.self) { try reader.database.run("DELETE FROM other.sums") }
    try reader.database.execute("PRAGMA query_only=0")
    #expect(throws: SQLiteError.self) { try reader.database.run("INSERT INTO other.sums VALUES ('x', 1)") }
    #expect(throws: SQLiteError.self) { try reader.database.run("INSERT INTO sums VALUES ('x', 1)") }
  }

  @Test("another mart's current generation joins under its name, and figures stay this mart's own") func attaches()
    throws
  {
    let other = MartDirectory(marts: TemporaryFolder.path + "/marts", name: "other")
    let writer = try openToy()
    var ledger = try writer.ledger()
    try absorb(1...1, amount: 4, into: writer, &ledger)
    let second = try MartWriter(other, schema: toySchema, identity: toyIdentity)
    var ledger2 = try second.ledger()
    try absorb(1...9, amount: 6, into: second, &ledger2)
    let reader = try MartReader(toyDirectory(), attaching: [other])
    let sum = try reader.snapshot {
      try $0.integer("SELECT mine.total + theirs.total FROM sums mine JOIN other.sums theirs USING (name)")
    }
    #expect(sum == 10)
    #expect(try reader.counts().applied == 1)
    #expect(
      kind {
        _ = try MartReader(toyDirectory(), attaching: [MartDirectory(marts: "/", name: "x; DROP")])
      } == .missing)
  }

  @Test("a copy is whole, without companions, and never overwrites") func copies() throws {
    let writer = try openToy()
    var ledger = try writer.ledger()
    try absorb(1...3, amount: 7, into: writer, &ledger)
    let target = TemporaryFolder.path + "/copy.sqlite"
    try MartReader(toyDirectory()).copy(to: target)
    #expect(!Files.exists(target + "-wal"))
    #expect(!Files.exists(target + ".partial"))
    let copy = try Database(target, .readOnly)
    #expect(try copy.string("SELECT total FROM sums_readable") == "7 units")
    #expect(try copy.applicationID == Int64(MartSchema.applicationID))
    #expect(try copy.string("PRAGMA journal_mode") == "delete")
    #expect(kind { try MartReader(toyDirectory()).copy(to: target) } == .exists)
    // The copy took no lock from the writer.
    try absorb(4...4, amount: 1, into: writer, &ledger)
    #expect(try copy.integer("SELECT total FROM sums") == 7)
  }

  @Test("dumps are equal for equal content and differ in one value; the owner does not count") func dumps() throws {
    func build(_ generation: Int, amounts: [Int64]) throws -> String {
      let writer = try openToy(generation: generation)
      var ledger = try writer.ledger()
      for (index, amount) in amounts.enumerated() {
        let number = UInt64(index + 1)
        try absorb(number...number, amount: amount, into: writer, &ledger)
      }
      return try MartReader(toyDirectory(), generation: generation).canonicalDump(tables: toySchema.tables)
    }
    let first = try build(1, amounts: [1, 2, 3])
    // Another opening, hence another owner epoch.
    try openToy(generation: 1).close()
    let again = try MartReader(toyDirectory(), generation: 1).canonicalDump(tables: toySchema.tables)
    #expect(first == again)
    #expect(try build(2, amounts: [3, 2, 1]) == first)
    #expect(try build(3, amounts: [3, 2, 2]) != first)
    #expect(first.contains("# sums\n\"a\"\t6\n"))
    #expect(first.contains("# millrace_positions\n\"orders\"\t0\t3\tx0102\n"))
    #expect(!first.contains("millrace_owner"))
  }

  @Test("the data dictionary names every table, view and column with its meaning") func describes() {
    let text = toySchema.dataDictionary()
    for table in toySchema.tables + MartSchema.bookkeeping {
      #expect(text.contains("  \(table.name): \(table.meaning)"))
      for column in table.columns { #expect(text.contains(column.meaning), "\(table.name).\(column.name)") }
    }
    #expect(text.contains("sums_readable: sums with words"))
    #expect(text.contains("sum with its unit"))
  }
}
