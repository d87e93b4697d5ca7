import EventLog
import Marts
import SQLite
import TestSupport
import Testing

@Suite("Ledger") struct LedgerTests {
  /// Goal: what the file keeps of numbers survives any cut into transactions. Method: random numbers through writers that
  /// absorb at random borders and reopen; counts, last number and gaps against a plain set.
  @Test("numbers, gaps and counts in the file agree with a set", .temporaryFolder, arguments: 0..<6)
  func agreesWithSet(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    var seen: Set<UInt64> = []
    var expected = MartCounts()
    var offset = Offset.first
    for _ in 0..<4 {
      let writer = try openToy()
      var ledger = try writer.ledger()
      for _ in 0..<5 {
        let stream = ledger.stream(StreamKey(source: "weblog", epoch: 3, partition: orders1))
        for _ in 0..<Int.random(in: 1...12, using: &random) {
          let number = UInt64.random(in: 1...70, using: &random)
          let isNew = ledger.accept(number: number, in: stream)
          let isUnseen = seen.insert(number).inserted
          #expect(isNew == isUnseen)
          expected.eventsIn += 1
          if !isNew {
            expected.duplicates += 1
          } else if number.isMultiple(of: 7) {
            expected.quarantined += 1
            ledger.quarantine(entry(offset: offset, number: number), in: stream)
          } else {
            expected.applied += 1
            ledger.applied(in: stream)
          }
          offset += 1
        }
        ledger.move(orders1, to: LogAnchor(nextOffset: offset))
        try writer.absorb(&ledger) { _ in }
      }
      try writer.close()
    }
    let reader = try MartReader(toyDirectory())
    #expect(try reader.counts() == expected)
    #expect(expected.balances)
    let top = try #require(seen.max())
    let missing = (1...top).filter { !seen.contains($0) }
    #expect(try reader.gaps().flatMap { Array($0.numbers) } == missing)
    #expect(try reader.quarantineCounts().reduce(0) { $0 + $1.count } == expected.quarantined)
    #expect(try reader.positions() == [orders1: LogAnchor(nextOffset: offset)])
  }

  /// Goal: the balance is held by the file, not by the care of callers. Method: an event that is accepted and then forgotten.
  @Test("a batch whose counts do not balance is refused as a whole", .temporaryFolder) func refusesImbalance() throws {
    let writer = try openToy()
    var ledger = try writer.ledger()
    let stream = ledger.stream(StreamKey(source: "platform", epoch: 1, partition: orders0))
    let isNew = ledger.accept(number: 1, in: stream)
    #expect(isNew)
    ledger.move(orders0, to: LogAnchor(nextOffset: 1))
    #expect(kind { try writer.absorb(&ledger) { try add(1, to: "a", $0) } } == .storage)
    #expect(try MartReader(toyDirectory()).positions().isEmpty)
    #expect(try MartReader(toyDirectory()).database.integer("SELECT count(*) FROM sums") == 0)
  }

  @Test("a source's age only moves forward", .temporaryFolder) func ages() throws {
    let writer = try openToy()
    var ledger = try writer.ledger()
    ledger.sourceRead("platform", orders0, upTo: 2_000)
    ledger.sourceRead("platform", orders0, upTo: 1_000)
    ledger.move(orders0, to: LogAnchor(nextOffset: 2))
    try writer.absorb(&ledger) { _ in }
    let expected = [SourceAge(source: "platform", partition: orders0, readUpTo: 2_000)]
    #expect(try MartReader(toyDirectory()).sourceAges() == expected)
  }

  private func entry(offset: Offset, number: UInt64) -> QuarantineEntry {
    QuarantineEntry(
      partition: orders1, offset: offset, source: "weblog", epoch: 3, number: Int64(number), stage: "fold",
      reason: "order.absurdQuantity", detail: "quantity", capturedAt: 5, valueHash: [9])
  }
}
