import Concurrency
import EmbeddedLog
import EventLog
import EventLogContract
import TestSupport
import Testing

@Suite("Copying logs", .temporaryFolder)
struct LogCopyTests {
  private let partition = TopicPartition("orders", 0)

  /// Goal: what the contract asks can be kept by a log that gives its own offsets, too. Method: the checks on one in memory.
  @Test("a target with offsets of its own keeps the contract", arguments: LogContract.copyChecks)
  func keepsContract(check: LogContract.CopyCheck) throws {
    let target = MemoryCopyTarget(lineage: "0123")
    try check.run(
      CopyTargetUnderTest(prefix: "") {
        guard $0 == "0123" else {
          throw LogError(.configuration, operation: "open", cause: "another lineage", hint: "none")
        }
        return target
      })
  }

  @Test("a copy up to given ends holds nothing behind them, and goes on to later ones") func ends() throws {
    let source = MemoryLog(logID: "0123")
    let other = TopicPartition("orders", 1)
    source.change(partition) {
      $0.append(0..<50)
      $0.append(50..<90, skipping: 5)
    }
    source.change(other) { $0.append(90..<99) }
    let target = MemoryCopyTarget(lineage: "0123")
    for end in [0, 17, 52, 53, 70, 200] as [Offset] {
      // In the hole, the copy ends with the last record before it.
      try LogCopy(from: source, to: target).run(upTo: [partition: end])
      let expected = source.entries(partition).filter { $0.offset < end }
      #expect(target.entries(partition).map(\.key) == expected.map(\.key), "\(end)")
      #expect(target.entries(other).isEmpty)
    }
    try LogCopy(from: source, to: target).run()
    #expect(target.entries(other).count == 9)
  }

  /// Goal: nothing is lost or doubled when reads and appends fail, also after the append was done. Method: fail at random
  /// while the source grows; a new copy goes on each time; compare with the source.
  @Test("a target and a source that fail at random moments end up the same")
  func randomFailures() throws {
    for seed in 1...10 as ClosedRange<UInt64> {
      let random = Lock(SeededGenerator(seed: seed))
      let failures = Lock(0)
      @Sendable func fail(oneIn chance: Int) throws(LogError) {
        guard random.withLock({ Int.random(in: 0..<chance, using: &$0) }) == 0, failures.withLock({ $0 < 60 }) else {
          return
        }
        failures.withLock { $0 += 1 }
        throw LogError(.unavailable, operation: "work", cause: "planted", hint: "none")
      }
      let source = MemoryLog(logID: "0123") { () throws(LogError) in try fail(oneIn: 9) }
      let target = MemoryCopyTarget(lineage: "0123") { _ throws(LogError) in try fail(oneIn: 5) }
      var numbers = 0
      source.change(partition) { _ in }
      var finished = 0
      while finished < 8 {
        let more = random.withLock { Int.random(in: 0...90, using: &$0) }
        source.change(partition) { $0.append(numbers..<numbers + more, skipping: Int64(more % 3)) }
        numbers += more
        do {
          try LogCopy(from: source, to: target).run()
          finished += 1
        } catch { #expect(error.kind == .unavailable) }
      }
      while (try? LogCopy(from: source, to: target).run()) == nil {}
      #expect(failures.withLock { $0 } > 1, "seed \(seed): nothing was put to the test")
      #expect(
        target.entries(partition).map(\.key) == source.entries(partition).map(\.key), "seed \(seed)")
      #expect(target.entries(partition).count == numbers)
    }
  }

  @Test("a copy that follows tries again when a log cannot be reached, and ends with any other error")
  func follows() throws {
    let outcomes = Lock([false, true, true, false, true])
    let source = MemoryLog(logID: "0123")
    let target = MemoryCopyTarget(lineage: "0123") { _ throws(LogError) in
      guard outcomes.withLock({ $0.isEmpty ? false : $0.removeFirst() }) else { return }
      throw LogError(.unavailable, operation: "append", cause: "planted", hint: "none")
    }
    source.change(partition) { $0.append(0..<200) }
    var retries = 0
    let stop = StopFlag()
    let copy = try LogCopy(from: source, to: target)
    let summary = try copy.follow(
      stop: stop, retrying: { _ in retries += 1 },
      progress: { _ in if target.entries(partition).count == 200 { stop.ask() } })
    #expect(retries == 3)
    #expect(summary.records <= 200)
    #expect(target.entries(partition).map(\.key) == source.entries(partition).map(\.key))

    source.change(partition) {
      $0.append(200..<260)
      $0.entries.removeFirst(210)
      $0.earliest = 210
    }
    let error = #expect(throws: LogError.self) { try copy.follow(stop: StopFlag()) }
    #expect(error?.kind == .positionGone)
    #expect(error?.cause.contains("a gap of 10 records") == true)
  }

  @Test("a record that was changed, lost, added or moved in the copy is found and named")
  func comparison() throws {
    let source = MemoryLog(logID: "0123")
    source.change(partition) { $0.append(0..<10, skipping: 5) }
    var expected: Offset = 5
    for number in 0..<10 {
      let other = MemoryLog(logID: "0123")
      other.change(partition) {
        $0.append(0..<10, skipping: 5)
        $0.entries[number].timestampMillis += 1
      }
      let copy = MemoryCopyTarget(lineage: "0123")
      try LogCopy(from: other, to: copy).run()
      let error = #expect(throws: LogError.self) { _ = try LogCopy(from: source, to: copy).compare() }
      #expect(error?.kind == .damaged)
      #expect(error?.offset == expected)
      expected += 1
    }
    let fewer = MemoryLog(logID: "0123")
    fewer.change(partition) {
      $0.append(0..<10, skipping: 5)
      $0.entries.remove(at: 4)
    }
    let copy = MemoryCopyTarget(lineage: "0123")
    try LogCopy(from: fewer, to: copy).run()
    #expect(throws: LogError.self) { _ = try LogCopy(from: source, to: copy).compare() }
    let whole = MemoryCopyTarget(lineage: "0123")
    try LogCopy(from: source, to: whole).run()
    #expect(throws: LogError.self) { _ = try LogCopy(from: fewer, to: whole).compare() }
    #expect(try LogCopy(from: source, to: whole).compare().records == 10)
  }

  // MARK: Moving to the copy

  @Test("every place with or without an anchor is moved to the same place, and only once")
  func moving() throws {
    let source = MemoryLog(logID: "0123")
    source.change(partition) {
      $0.append(0..<5, skipping: 2)
      $0.append(5..<9, skipping: 3)
    }
    let target = MemoryCopyTarget(lineage: "0123")
    let copy = try LogCopy(from: source, to: target)
    try copy.run()
    for place in 0...14 as ClosedRange<Offset> {
      let proof = try source.digest(before: place, of: partition)?.proof ?? []
      for old in [LogAnchor(nextOffset: place, proof: proof), LogAnchor(nextOffset: place, proof: [])] {
        guard case .to(let new) = try copy.move(old, of: partition) else {
          Issue.record("not moved: \(place)")
          continue
        }
        #expect(new.proof == proof)
        let rest = source.entries(partition).filter { $0.offset >= place }.map(\.key)
        #expect(target.entries(partition).filter { $0.offset >= new.nextOffset }.map(\.key) == rest)
        if !proof.isEmpty, new.nextOffset != old.nextOffset {
          #expect(try copy.move(new, of: partition) == .before, "\(place)")
        }
      }
    }
    for foreign in [
      LogAnchor(nextOffset: 40, proof: []),
      LogAnchor(nextOffset: 4, proof: [RecordDigest.mark] + [UInt8](repeating: 0, count: 32)),
    ] {
      #expect(throws: LogError.self) { _ = try copy.move(foreign, of: partition) }
    }
  }

  @Test("a place that the source has lost is moved only where the copy holds what follows it")
  func movingLostPlaces() throws {
    let source = MemoryLog(logID: "0123")
    source.change(partition) { $0.append(0..<20) }
    let known = try #require(try source.digest(before: 5, of: partition))
    let folder = TemporaryFolder.path
    let early = try EmbeddedLog(folder: folder + "/early", lineage: "0123", copiedFrom: "test")
    let renumbered = MemoryCopyTarget(lineage: "0123")
    for target in [early, renumbered] as [any LogCopyTarget] { try LogCopy(from: source, to: target).run() }
    source.change(partition) {
      $0.entries.removeFirst(10)
      $0.earliest = 10
    }
    let late = try EmbeddedLog(folder: folder + "/late", lineage: "0123", copiedFrom: "test")
    let lateRenumbered = MemoryCopyTarget(lineage: "0123")
    for target in [late, lateRenumbered] as [any LogCopyTarget] { try LogCopy(from: source, to: target).run() }

    func move(_ target: any LogCopyTarget, _ anchor: LogAnchor) throws -> LogCopy.Moved {
      try LogCopy(from: source, to: target).move(anchor, of: partition)
    }
    let bare = LogAnchor(nextOffset: 5, proof: [])
    #expect(try move(early, known) == .to(known))
    #expect(try move(early, bare) == .to(known))
    guard case .to(let place) = try move(renumbered, known) else {
      throw LogError(.damaged, operation: "", cause: "", hint: "")
    }
    #expect(place.proof == known.proof)
    for target in [late, lateRenumbered] as [any LogCopyTarget] {
      for anchor in [known, bare] {
        let error = #expect(throws: LogError.self) { _ = try move(target, anchor) }
        #expect(error?.kind == .positionGone)
      }
    }
    #expect(throws: LogError.self) { _ = try move(renumbered, bare) }
  }
}
