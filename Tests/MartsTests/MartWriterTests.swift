import EventLog
import Files
import Foundation
import Marts
import SQLite
import TestSupport
import Testing

@Suite("Mart writer", .temporaryFolder) struct MartWriterTests {
  @Test("rows, positions, numbers and anchor of a batch are there together after reopening") func absorbs() throws {
    do {
      let writer = try openToy()
      #expect(writer.isNew)
      var ledger = try writer.ledger()
      try absorb(1...3, amount: 5, into: writer, &ledger)
      #expect(ledger.nextOffset(of: orders0) == 3)
      try writer.close()
    }
    let writer = try openToy()
    #expect(!writer.isNew)
    let ledger = try writer.ledger()
    #expect(ledger.positions == [orders0: LogAnchor(nextOffset: 3, proof: [1, 2])])
    #expect(ledger.counts == MartCounts(eventsIn: 3, applied: 3))
    #expect(ledger.streams.map(\.tracker) == [NumberTracker(last: 3)])
    #expect(try MartReader(toyDirectory()).database.integer("SELECT total FROM sums") == 5)
  }

  @Test("a flush that fails leaves nothing behind") func rollsBack() throws {
    struct Refusal: Error {}
    let writer = try openToy()
    var ledger = try writer.ledger()
    ledger.move(orders0, to: LogAnchor(nextOffset: 9))
    let thrown = kind {
      try writer.absorb(&ledger) {
        try add(1, to: "a", $0)
        throw Refusal()
      }
    }
    #expect(thrown == .storage)
    let reader = try MartReader(toyDirectory())
    #expect(try reader.positions().isEmpty)
    #expect(try reader.database.integer("SELECT count(*) FROM sums") == 0)
    var fresh = try writer.ledger()
    try absorb(1...2, into: writer, &fresh)
    #expect(try reader.positions()[orders0]?.nextOffset == 2)
  }

  @Test("a second writer of a generation is refused at once") func locked() throws {
    let writer = try openToy()
    #expect(kind { _ = try openToy() } == .locked)
    try writer.close()
  }

  /// Goal: a paused, forgotten twin cannot write. Method: its lock file is deleted under it, so that a second writer gets
  /// in; then the first one goes on.
  @Test("a writer that was replaced cannot commit and does not checkpoint") func fencesTwin() throws {
    let first = try openToy()
    var ledger = try first.ledger()
    try absorb(1...2, into: first, &ledger)
    try Files.remove(toyDirectory().lockPath(of: 1))
    let second = try openToy()
    #expect(kind { try absorb(3...4, amount: 100, into: first, &ledger) } == .fenced)
    var other = try second.ledger()
    #expect(other.nextOffset(of: orders0) == 2)
    try absorb(3...4, amount: 10, into: second, &other)
    let log = toyDirectory().path(of: 1) + "-wal"
    let before = try size(log)
    try first.close()
    #expect(try size(log) == before)
    #expect(try MartReader(toyDirectory()).database.integer("SELECT total FROM sums") == 11)
    try second.close()
    #expect(try size(log) == 0)
  }

  /// Goal: a mart never skips records. Method: a ledger loaded before another batch was absorbed.
  @Test("a batch that does not start where the mart stands is refused") func refusesStaleLedger() throws {
    let writer = try openToy()
    var early = try writer.ledger()
    var ledger = try writer.ledger()
    try absorb(1...2, into: writer, &ledger)
    var late = try writer.ledger()
    try absorb(3...4, into: writer, &ledger)
    #expect(kind { try absorb(1...5, into: writer, &early) } == .positionMismatch)
    #expect(kind { try absorb(3...9, into: writer, &late) } == .positionMismatch)
    #expect(try MartReader(toyDirectory()).positions()[orders0]?.nextOffset == 4)
  }

  @Test("another identity is refused, with the parts that differ and what to do") func comparesIdentity() throws {
    try openToy().close()
    var other = toyIdentity
    other.parts["projection.toy"] = "2"
    other.parts["data.userAgents"] = "abc"
    let error = #expect(throws: MartError.self) { try openToy(identity: other) }
    #expect(error?.kind == .identityDiffers)
    #expect(
      error?.cause == "data.userAgents was absent, is abc; projection.toy was 1, is 2")
    #expect(error?.hint.contains("rebuild") == true)
    // Another generation may have it.
    #expect(try openToy(generation: 2, identity: other).isNew)
  }

  @Test("another log is told apart from another identity") func otherLog() throws {
    try openToy().close()
    var other = toyIdentity
    other.parts["log"] = "log-b"
    #expect(kind { _ = try openToy(identity: other) } == .notThisLog)
  }

  @Test("a newer schema, a foreign file and a file that is no database are refused unchanged") func refusesForeign()
    throws
  {
    try openToy().close()
    let path = toyDirectory().path(of: 1)
    try withDatabase(path) { try $0.setUserVersion(MartSchema.version + 1) }
    #expect(kind { _ = try openToy() } == .newerSchema)
    #expect(kind { _ = try MartReader(toyDirectory()) } == .newerSchema)
    try withDatabase(path) { try $0.setApplicationID(7) }
    #expect(kind { _ = try openToy() } == .damaged)
    #expect(kind { _ = try MartReader(toyDirectory()) } == .damaged)
    let text = Array(String(repeating: "not a database ", count: 100).utf8)
    try Files.create(toyDirectory().path(of: 2), with: text, mode: 0o600)
    #expect(kind { _ = try openToy(generation: 2) } == .damaged)
    #expect(try Files.read(toyDirectory().path(of: 2), limit: 10_000).bytes == text)
  }

  @Test("an orphan write-ahead log beside a new generation is refused") func refusesOrphan() throws {
    let directory = toyDirectory()
    try directory.create()
    try Files.create(directory.path(of: 1) + "-wal", with: [1], mode: 0o600)
    #expect(kind { _ = try openToy() } == .damaged)
    #expect(!Files.exists(directory.path(of: 1)))
  }

  @Test("a mart reached by a symbolic or hard link is refused") func refusesLinks() throws {
    try openToy().close()
    let path = toyDirectory().path(of: 1)
    let elsewhere = TemporaryFolder.path + "/elsewhere.sqlite"
    try FileManager.default.linkItem(atPath: path, toPath: elsewhere)
    #expect(kind { _ = try openToy() } == .damaged)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: elsewhere)
    #expect(kind { _ = try openToy() } == .damaged)
    #expect(kind { _ = try MartReader(toyDirectory()) } == .damaged)
  }

  @Test("a folder that is a link is refused") func refusesLinkedFolder() throws {
    try openToy().close()
    let folder = toyDirectory().folder
    try FileManager.default.moveItem(atPath: folder, toPath: folder + "-moved")
    try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: folder + "-moved")
    #expect(kind { _ = try openToy() } == .damaged)
    #expect(kind { _ = try MartReader(toyDirectory()) } == .damaged)
  }

  @Test("a generation that CURRENT names and that is gone is not quietly made anew") func missingFile() throws {
    try openToy().close()
    try FileManager.default.removeItem(atPath: toyDirectory().path(of: 1))
    #expect(kind { _ = try openToy() } == .missing)
    #expect(kind { _ = try MartReader(toyDirectory()) } == .missing)
  }

  @Test("the write-ahead log stays near its limit while batches go on") func checkpoints() throws {
    let writer = try openToy()
    var ledger = try writer.ledger()
    var largest: Int64 = 0
    for batch in 1...12 {
      ledger.move(orders0, to: LogAnchor(nextOffset: Offset(Int64(batch))))
      try writer.absorb(&ledger) { transaction in
        try add(1, to: String(repeating: "x", count: 3 << 20) + "\(batch)", transaction)
      }
      largest = max(largest, try size(toyDirectory().path(of: 1) + "-wal"))
    }
    #expect(largest > 8 << 20)
    #expect(largest < 2 * MartLimits.checkpointBytes)
  }

  private func size(_ path: String) throws -> Int64 {
    // Not through Files: even a test must not open and close a live mart's files.
    (try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber)?.int64Value ?? 0
  }

  private func withDatabase(_ path: String, _ body: (Database) throws -> Void) throws {
    let database = try Database(path, .readWrite)
    try body(database)
    try database.checkpoint()
  }
}
