import EventLog
import Files
import Foundation
import Marts
import SQLite
import TestSupport
import Testing

@testable import Marts

@Suite("Generations", .temporaryFolder) struct GenerationTests {
  private func build(_ generation: Int, amount: Int64 = 1) throws {
    let writer = try openToy(generation: generation)
    var ledger = try writer.ledger()
    try absorb(1...3, amount: amount, into: writer, &ledger)
    #expect(try writer.close())
  }

  private func names() throws -> [String] { try Files.names(in: toyDirectory().folder) }

  @Test("what is written of a generation's state is read back; what cannot be understood is trusted by nobody")
  func states() throws {
    let directory = toyDirectory()
    try directory.create()
    #expect(try directory.state(of: 2) == nil)
    for state in [
      GenerationState(purpose: .replacement, phase: .building, bootID: "a-b"),
      GenerationState(purpose: .detached, phase: .verified, bootID: "", until: "orders/0=1,orders/1=2"),
      GenerationState(purpose: .replacement, phase: .building, bootID: "a-b", snapshot: "/a b/copy.sqlite 7 4096"),
    ] {
      try directory.write(state, of: 2)
      #expect(try directory.state(of: 2) == state)
    }
    #expect(GenerationState(purpose: .replacement, phase: .building, bootID: "x").isSound(bootID: "x"))
    #expect(!GenerationState(purpose: .replacement, phase: .building, bootID: "x").isSound(bootID: "y"))
    #expect(!GenerationState(purpose: .replacement, phase: .building, bootID: "").isSound(bootID: ""))
    #expect(GenerationState(purpose: .replacement, phase: .verified, bootID: "x").isSound(bootID: "y"))
    for text in [
      "", "millrace generation 2\n", "millrace generation 1\npurpose other\nphase building\nboot \nuntil \n",
    ] {
      try Files.replace(directory.statePath(of: 2), with: Array(text.utf8))
      #expect(try directory.state(of: 2)?.isSound(bootID: BootID.current) == false)
    }
    #expect(BootID.current.count == 36)
  }

  @Test("numbers are never given twice, and the first is left to projectors") func numbers() throws {
    let directory = toyDirectory()
    try directory.create()
    #expect(try directory.nextGeneration() == 2)
    try build(1)
    try directory.makeCurrent(1)
    try build(2)
    #expect(try directory.nextGeneration() == 3)
    #expect(try directory.delete(2))
    #expect(try directory.nextGeneration() == 3)
    #expect(try names().contains("toy.000002.lock"))
    try build(3)
    try directory.cleanLeftovers(bootID: BootID.current)
    #expect(try !names().contains("toy.000002.lock"))
    #expect(try directory.generations() == [1, 3])
  }

  @Test("old generations go with all their files; the current one and those that somebody reads or writes stay")
  func retention() throws {
    let directory = toyDirectory()
    for generation in 1...6 { try build(generation, amount: Int64(generation)) }
    #expect(try directory.retire(keeping: 3).isEmpty, "without CURRENT nobody knows what people need")
    try directory.makeCurrent(6)
    let reader = try MartReader(directory, generation: 1)
    let writer = try openToy(generation: 2)
    #expect(try directory.retire(keeping: 3) == [3])
    #expect(try reader.database.integer("SELECT total FROM sums") == 1)
    #expect(try !names().contains { $0.hasPrefix("toy.000003.") })
    withExtendedLifetime((reader, writer)) {}
    #expect(try directory.delete(6) == false)
  }

  @Test("a reader that opened a generation in time reads it to the end, and its deletion comes later")
  func readersStay() throws {
    let directory = toyDirectory()
    for generation in 1...4 { try build(generation, amount: Int64(generation)) }
    try directory.makeCurrent(4)
    do {
      let reader = try MartReader(directory, generation: 1)
      #expect(try directory.retire(keeping: 3).isEmpty)
      #expect(try reader.database.integer("SELECT total FROM sums") == 1)
    }
    #expect(try directory.retire(keeping: 3) == [1])
    #expect(try directory.generations() == [2, 3, 4])
  }

  @Test("leftovers of crashes go: what was half built before a restart, side files of nothing, a half-written CURRENT")
  func leftovers() throws {
    let directory = toyDirectory()
    for generation in 1...5 { try build(generation) }
    try directory.makeCurrent(2)
    try directory.write(.init(purpose: .replacement, phase: .verified, bootID: "old"), of: 2)
    try directory.write(.init(purpose: .replacement, phase: .building, bootID: "old"), of: 3)
    try directory.write(.init(purpose: .detached, phase: .verified, bootID: "old"), of: 4)
    try directory.write(.init(purpose: .replacement, phase: .building, bootID: "now"), of: 5)
    try Files.replace(directory.path(of: 7) + "-wal", with: [1, 2, 3])
    try directory.write(.init(purpose: .replacement, phase: .building, bootID: "now"), of: 8)
    try Files.replace(directory.folder + "/CURRENT.tmp", with: [1])
    try directory.cleanLeftovers(bootID: "now")
    #expect(try directory.generations() == [1, 2, 4, 5])
    #expect(try directory.state(of: 2) == nil)
    let left = try names()
    #expect(!left.contains { $0.contains("000003") || $0.contains("000007") || $0 == "CURRENT.tmp" }, "\(left)")
    #expect(left.filter { $0.contains("000008") } == ["toy.000008.lock"])
    let list = try GenerationList(directory)
    #expect(list.current == 2 && list.kept == [1] && list.building == [5] && list.detached == [4])
    #expect(list.previous == 1)
  }

  @Test("a writer that waited for its lock writes what is current then, not what was") func writerLooksAgain() throws {
    let directory = toyDirectory()
    try build(1)
    try build(2)
    try directory.makeCurrent(1)
    // The writer's look at CURRENT and its lock cannot be parted from outside; what counts is that it opens what CURRENT names.
    try directory.makeCurrent(2)
    #expect(try openToy().generation == 2)
    #expect(kind { _ = try MartReader(directory, generation: 9) } == .missing)
  }

  @Test("who is asked to make way sees it while, and only while, somebody asks") func handOver() throws {
    let directory = toyDirectory()
    try build(1)
    try directory.makeCurrent(1)
    let handOver = HandOver(directory)
    #expect(!handOver.isAsked)
    try handOver.ask(of: 1, withinMilliseconds: 0) { madeWay in
      #expect(!madeWay)
      #expect(handOver.isAsked)
      #expect(kind { _ = try openToy() } == .locked)
    }
    #expect(!handOver.isAsked)
    let writer = try openToy()
    #expect(kind { try handOver.ask(of: 1, withinMilliseconds: 20) { _ in } } == .locked)
    #expect(!handOver.isAsked)
    withExtendedLifetime(writer) {}
  }
}

@Suite("Comparing generations", .temporaryFolder) struct ComparisonTests {
  private func build(_ generation: Int, _ sql: String = "", identity: GenerationIdentity = toyIdentity) throws
    -> MartReader
  {
    do {
      let writer = try openToy(generation: generation, identity: identity)
      var ledger = try writer.ledger()
      try absorb(1...3, amount: 7, into: writer, &ledger)
      try writer.close()
    }
    if !sql.isEmpty { try Database(toyDirectory().path(of: generation), .readWrite).execute(sql) }
    return try MartReader(toyDirectory(), generation: generation)
  }

  private func compare(_ old: MartReader, _ new: MartReader) throws -> MartComparison {
    try MartComparison.compare(old, new, tables: toySchema.tables)
  }

  @Test("equal content is equal, whatever the order of insertion") func equal() throws {
    let first = try build(1, "DELETE FROM sums; INSERT INTO sums VALUES ('a', 1), ('b', 2)")
    let second = try build(2, "DELETE FROM sums; INSERT INTO sums VALUES ('b', 2); INSERT INTO sums VALUES ('a', 1)")
    let found = try compare(first, second)
    #expect(found.isEqual && found.places > 1 && found.identity.isEmpty)
    #expect(try first.controlSums(of: toySchema.tables) == second.controlSums(of: toySchema.tables))
  }

  @Test(
    "another sum, another row, another text, another place in the log: each is found",
    arguments: [
      ("UPDATE sums SET total = 8", "sums", ["total"]), ("INSERT INTO sums VALUES ('z', 0)", "sums", []),
      ("UPDATE sums SET name = 'other'", "sums", []),
      ("UPDATE millrace_numbers SET last_number = 9", "millrace_numbers", ["last_number"]),
    ]) func differences(sql: String, table: String, columns: [String]) throws
  {
    let found = try compare(build(1), build(2, sql))
    #expect(!found.isEqual)
    #expect(found.differingTables == [table])
    #expect(found.differences.first?.sums.map(\.column) == columns)
  }

  @Test("positions and quarantine are told apart by name") func books() throws {
    let found = try compare(
      build(1),
      build(
        2,
        """
        UPDATE millrace_positions SET next_offset = 5;
        INSERT INTO millrace_quarantine VALUES ('orders', 0, 1, 's', 1, 1, 'fold', 'toy.bad', '', 1761955200000, x'00')
        """))
    #expect(found.positions == [orders0])
    #expect(found.quarantine == [QuarantineDifference(stage: "fold", reason: "toy.bad", old: 0, new: 1)])
    #expect(found.differences.contains { $0.table == "millrace_quarantine" && $0.month == "2025-11" })
  }

  @Test("under another token key rows are counted and summed only; under another schema tables are named")
  func otherIdentity() throws {
    var parts = toyIdentity.parts
    parts["keys.tokenVersion"] = "2"
    let found = try compare(
      build(1), build(2, "UPDATE sums SET name = 'other'", identity: GenerationIdentity(parts: parts)))
    #expect(found.isEqual)
    #expect(found.identity == [.init(part: "keys.tokenVersion", old: "1", new: "2")])
    let renamed = try compare(build(3, "ALTER TABLE sums RENAME COLUMN total TO amount"), build(4))
    #expect(renamed.otherTables == ["sums"] && !renamed.isEqual)
  }

  @Test("months are those of the calendar") func months() {
    #expect(MonthText.of(0) == "1970-01")
    #expect(MonthText.of(-1) == "1969-12")
    #expect(MonthText.of(20_757) == "2026-10")
    #expect(MonthText.of(20_758) == "2026-11")
    #expect(MonthText.of(19_782) == "2024-02")
    #expect(MonthText.of(19_783) == "2024-03")
    #expect(MonthText.of(.max) == "?")
  }

  @Test("verification finds broken books, invariants, positions and pages") func verification() throws {
    var schema = toySchema
    #expect(try build(1).verify(schema, positions: [orders0: 3]).isEmpty)
    #expect(try build(2).verify(schema, positions: [orders0: 4]) == ["it stands at offset 3 of orders/0, not at 4"])
    schema.invariants = [
      MartInvariant("toy.sum", "sums are small", violations: "SELECT count(*) FROM sums WHERE total > 5")
    ]
    #expect(try build(3).verify(schema) == ["toy.sum: sums are small, broken 1 times"])
    let quarantined = try build(
      4, "INSERT INTO millrace_quarantine VALUES ('orders', 0, 1, 's', 1, 1, 'fold', 'toy.bad', '', 1, x'00')")
    #expect(try quarantined.verify(toySchema).first?.contains("0 events were quarantined, but 1") == true)
    let gap = try build(5, "INSERT INTO millrace_gaps VALUES ('platform', 1, 'orders', 0, 2, 9)")
    #expect(try gap.verify(toySchema) == ["1 gaps lie beyond the numbers that came"])
    // An index that lacks an entry: SQLite itself finds that.
    let torn = try build(
      6,
      """
      CREATE TABLE torn (a INTEGER) STRICT; INSERT INTO torn VALUES (1), (2); CREATE INDEX torn_a ON torn (a);
      """)
    _ = torn
    let path = toyDirectory().path(of: 6)
    do {
      let database = try Database(path, .readWrite)
      try database.checkpoint()
    }
    var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: path)))
    // The last page is the index's; its cells are zeroed.
    for index in (bytes.count - 64)..<bytes.count { bytes[index] = 0xff }
    try FileManager.default.removeItem(atPath: path)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    #expect(
      try MartReader(toyDirectory(), generation: 6).verify(toySchema).contains { $0.hasPrefix("integrity check") })
  }
}
