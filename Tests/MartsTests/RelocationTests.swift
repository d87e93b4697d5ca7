import EventLog
import Files
import Marts
import SQLite
import TestSupport
import Testing

@Suite("Moving a mart to a copy of its log", .temporaryFolder)
struct RelocationTests {
  private let proof = [UInt8](repeating: 7, count: 33)

  /// A generation at offset 3 of orders/0, with events in quarantine at 0, 1 and 2.
  private func makeMart() throws {
    let writer = try openToy()
    var ledger = try writer.ledger()
    try absorb(1...3, amount: 5, into: writer, &ledger)
    try writer.close()
    let database = try Database(toyDirectory().path(of: 1), .readWrite)
    for offset in 0..<3 as Range<Int64> {
      try database.run(
        "INSERT INTO millrace_quarantine VALUES ('orders', 0, ?1, 's', 1, ?1, 'fold', 'r', '', 0, x'')",
        [.integer(offset)])
    }
  }

  @Test("positions and quarantine move, rows and identity stay, and the next batch follows")
  func moves() throws {
    try makeMart()
    try Files.create(toyDirectory().trapPath(of: 1), with: [1], mode: 0o600)
    do {
      let relocation = try MartRelocation(toyDirectory(), generation: 1)
      #expect(try relocation.logID() == "log-a")
      #expect(try relocation.positions() == [orders0: LogAnchor(nextOffset: 3, proof: [1, 2])])
      #expect(try relocation.quarantined() == [orders0: [0, 1, 2]])
      // Each row's new place is another one's old place.
      try relocation.overwritePositionsWithoutRows(
        [orders0: LogAnchor(nextOffset: 4, proof: proof)],
        movingQuarantine: [orders0: [(from: 0, to: 1), (from: 1, to: 2), (from: 2, to: 3)]])
      #expect(try relocation.quarantined() == [orders0: [1, 2, 3]])
    }
    #expect(!Files.exists(toyDirectory().trapPath(of: 1)))
    let numbers = try Database(toyDirectory().path(of: 1), .readOnly).rows(
      "SELECT number FROM millrace_quarantine ORDER BY record_offset"
    ) { $0.int64(0) }
    #expect(numbers == [0, 1, 2])
    let writer = try openToy()
    var ledger = try writer.ledger()
    #expect(ledger.positions == [orders0: LogAnchor(nextOffset: 4, proof: proof)])
    try absorb(4...6, amount: 5, into: writer, &ledger)
    #expect(try MartReader(toyDirectory()).database.integer("SELECT total FROM sums") == 10)
  }

  @Test("what does not move leaves the guard against crash loops alone")
  func keepsTrap() throws {
    try makeMart()
    try Files.create(toyDirectory().trapPath(of: 1), with: [1], mode: 0o600)
    let relocation = try MartRelocation(toyDirectory(), generation: 1)
    try relocation.overwritePositionsWithoutRows(
      [orders0: LogAnchor(nextOffset: 3, proof: proof)], movingQuarantine: [:])
    #expect(Files.exists(toyDirectory().trapPath(of: 1)))
    #expect(try relocation.positions() == [orders0: LogAnchor(nextOffset: 3, proof: proof)])
  }

  @Test("a generation that is written, or is none, is refused, and a writer that was paused cannot go on")
  func refuses() throws {
    try makeMart()
    let writer = try openToy()
    #expect(kind { _ = try MartRelocation(toyDirectory(), generation: 1) } == .locked)
    #expect(kind { _ = try MartRelocation(toyDirectory(), generation: 2) } == .missing)
    // Its lock is lost, as after a pause.
    var ledger = try writer.ledger()
    try Files.remove(toyDirectory().lockPath(of: 1))
    let relocation = try MartRelocation(toyDirectory(), generation: 1)
    #expect(kind { _ = try openToy() } == .locked)
    try relocation.overwritePositionsWithoutRows(
      [orders0: LogAnchor(nextOffset: 3, proof: proof)], movingQuarantine: [:])
    #expect(kind { try absorb(4...5, into: writer, &ledger) } == .fenced)
  }
}
