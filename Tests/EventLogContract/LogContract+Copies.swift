internal import Concurrency
package import EventLog
import TestSupport
import Testing

/// A copy target that a check may open several times, each time as another process would.
package struct CopyTargetUnderTest {
  package let prefix: String
  /// Id of the log that is copied.
  package let lineage: String
  private let opener: (String) throws -> any LogCopyTarget

  /// `opener` opens or makes a target of the given lineage.
  package init(prefix: String, lineage: String = "0123", _ opener: @escaping (String) throws -> any LogCopyTarget) {
    self.prefix = prefix
    self.lineage = lineage
    self.opener = opener
  }

  package func open() throws -> any LogCopyTarget { try opener(lineage) }
  func open(lineage: String) throws -> any LogCopyTarget { try opener(lineage) }
}

extension LogContract {
  /// A check of a log as the target of a copy:
  ///
  ///     @Test("copies keep the contract", .temporaryFolder, arguments: LogContract.copyChecks)
  ///     func keepsContract(check: LogContract.CopyCheck) throws {
  ///       try check.run(CopyTargetUnderTest(prefix: "a") { try MyLog(…, lineage: $0) })
  ///     }
  package struct CopyCheck: Sendable, CustomTestStringConvertible {
    package let name: String
    let body: @Sendable (CopyTargetUnderTest) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (CopyTargetUnderTest) throws -> Void) {
      self.name = name
      self.body = body
    }

    package var testDescription: String { name }
    package func run(_ target: CopyTargetUnderTest) throws { try body(target) }
  }

  package static let copyChecks: [CopyCheck] = [
    CopyCheck("a copy keeps order, keys, tombstones, timestamps and origins, in every partition") { test in
      let source = MemoryLog(logID: test.lineage)
      for number in 0..<3 as Range<Int32> {
        source.change(TopicPartition(test.prefix + "kept", number)) {
          $0.append(Int(number) * 50..<Int(number) * 80 + 40)
        }
      }
      source.change(TopicPartition(test.prefix + "kept", 3)) { _ in }
      let target = try test.open()
      let summary = try LogCopy(from: source, to: target).run()
      #expect(summary.records == 40 + 70 + 100)
      #expect(try target.partitions(of: test.prefix + "kept").count == 4)
      try expectSame(source, target)
    },
    CopyCheck("a copy has the lineage of its original, and no other is taken for it") { test in
      let target = try test.open()
      #expect(target.logID == test.lineage)
      #expect(try test.open().logID == test.lineage)
      #expect(errorKind { _ = try test.open(lineage: "4567") } == .configuration)
      #expect(errorKind { _ = try LogCopy(from: MemoryLog(logID: "4567"), to: target) } == .configuration)
    },
    CopyCheck("a topic with another number of partitions is refused") { test in
      let target = try test.open()
      let topic = test.prefix + "counts"
      try target.ensureTopic(topic, partitions: 2)
      let source = MemoryLog(logID: test.lineage)
      source.change(TopicPartition(topic, 0)) { $0.append(0..<3) }
      #expect(errorKind { try LogCopy(from: source, to: target).run() } == .configuration)
    },
    CopyCheck("copying again copies nothing twice, and what came meanwhile once") { test in
      let source = MemoryLog(logID: test.lineage)
      let partition = TopicPartition(test.prefix + "again", 0)
      var count = 0
      for more in [5, 0, 1, 30, 0] {
        source.change(partition) { $0.append(count..<count + more) }
        count += more
        let target = try test.open()
        #expect(try LogCopy(from: source, to: target).run().records == Int64(more))
        #expect(try target.copiedUpTo(partition) == Offset(Int64(count)))
        try expectSame(source, target)
      }
    },
    CopyCheck("holes in the original are no losses") { test in
      let source = MemoryLog(logID: test.lineage)
      let partition = TopicPartition(test.prefix + "holes", 0)
      source.change(partition) {
        $0.append(0..<5, skipping: 3)
        $0.append(5..<6, skipping: 1)
        $0.append(6..<7, skipping: 1_000_000)
        $0.append(7..<7, skipping: 2)
      }
      let target = try test.open()
      #expect(try LogCopy(from: source, to: target).run().records == 7)
      try expectSame(source, target)
      #expect(try LogCopy(from: source, to: target).unfinished() == [])
      #expect(try LogCopy(from: source, to: test.open()).run().records == 0)
      source.change(partition) { $0.append(7..<9) }
      #expect(try LogCopy(from: source, to: target).unfinished() == [partition])
      #expect(try LogCopy(from: source, to: test.open()).run().records == 2)
      try expectSame(source, target)
    },
    CopyCheck("an original that has lost its beginning is copied from where it begins") { test in
      let source = MemoryLog(logID: test.lineage)
      let partition = TopicPartition(test.prefix + "begins", 0)
      source.change(partition) {
        $0.append(0..<40)
        $0.entries.removeFirst(25)
        $0.earliest = 25
      }
      let target = try test.open()
      let summary = try LogCopy(from: source, to: target).run()
      #expect(summary.records == 15)
      #expect(summary.beginnings == [partition: 25])
      try expectSame(source, target)
      // Retention goes on; what the copy has it keeps.
      source.change(partition) {
        $0.append(40..<45)
        $0.entries.removeFirst(10)
        $0.earliest = 35
      }
      #expect(try LogCopy(from: source, to: test.open()).run().records == 5)
      let first = try target.translate(25, of: partition)
      #expect(try readSome(target, partition, from: first).count == 20)
      #expect(try LogCopy(from: source, to: target).compare().records == 10)
    },
    CopyCheck("every position of the original is translated, and digests of its records hold") { test in
      let source = MemoryLog(logID: test.lineage)
      let partition = TopicPartition(test.prefix + "positions", 0)
      source.change(partition) {
        $0.append(0..<9, skipping: 2)
        $0.append(9..<10, skipping: 4)
        $0.append(10..<30, skipping: 1)
        $0.append(30..<30, skipping: 3)
      }
      let target = try test.open()
      try LogCopy(from: source, to: target).run()
      let end = try target.bounds(of: partition).next
      var before = Offset(.min)
      for original in 0...(try source.bounds(of: partition).next) {
        let place = try target.translate(original, of: partition)
        #expect(place >= before)
        before = place
        let expected = source.entries(partition).first { $0.offset >= original }
        let found = try readSome(target, partition, from: place).first
        #expect(found?.key == expected?.key, "\(original)")
        if expected == nil { #expect(place == end || found == nil, "\(original)") }
        let anchor = try source.digest(before: original, of: partition)
        #expect(try target.digest(before: place, of: partition)?.proof == anchor?.proof, "\(original)")
        if let anchor {
          #expect(
            try target.check(LogAnchor(nextOffset: place, proof: anchor.proof), of: partition) == .holds, "\(original)")
        }
      }
    },
    CopyCheck("a source that lost its tail, was made anew, or lacks what comes next is refused") { test in
      let source = MemoryLog(logID: test.lineage)
      let partition = TopicPartition(test.prefix + "broken", 0)
      source.change(partition) { $0.append(0..<20) }
      try LogCopy(from: source, to: test.open()).run()

      let shorter = MemoryLog(logID: test.lineage)
      shorter.change(partition) { $0.append(0..<19) }
      #expect(errorKind { try LogCopy(from: shorter, to: test.open()).run() } == .positionGone)
      let other = MemoryLog(logID: test.lineage)
      other.change(partition) { $0.append(100..<125) }
      #expect(errorKind { try LogCopy(from: other, to: test.open()).run() } == .damaged)
      #expect(errorKind { _ = try LogCopy(from: other, to: test.open()).compare() } == .damaged)
      source.change(partition) {
        $0.append(20..<40)
        $0.entries.removeFirst(27)
        $0.earliest = 27
      }
      let error = #expect(throws: LogError.self) { try LogCopy(from: source, to: test.open()).run() }
      #expect(error?.kind == .positionGone)
      #expect(error?.cause.contains("a gap of 7 records") == true, "\(error?.cause ?? "")")
      #expect(try test.open().copiedUpTo(partition) == 20)
    },
    CopyCheck("a copy that is broken off at any point goes on without loss or repetition") { test in
      for seed in 1...3 as ClosedRange<UInt64> {
        var random = SeededGenerator(seed: seed)
        let source = MemoryLog(logID: test.lineage)
        let partitions = (0..<2 as Range<Int32>).map { TopicPartition(test.prefix + "random-\(seed)", $0) }
        var numbers = 0
        for partition in partitions { source.change(partition) { _ in } }
        for _ in 0..<12 {
          let partition = partitions[Int.random(in: 0..<2, using: &random)]
          let more = Int.random(in: 1...40, using: &random)
          let hole = Bool.random(using: &random) ? Int64.random(in: 1...9, using: &random) : 0
          source.change(partition) { $0.append(numbers..<numbers + more, skipping: hole) }
          numbers += more
          var left = Int.random(in: 0...6, using: &random)
          let stop = StopFlag()
          if left == 0 { stop.ask() }
          try LogCopy(from: source, to: test.open(), topics: [partition.topic]).run(stop: stop) { _ in
            left -= 1
            if left == 0 { stop.ask() }
          }
        }
        let target = try test.open()
        try LogCopy(from: source, to: target, topics: [partitions[0].topic]).run()
        try expectSame(source, target)
      }
    },
  ]
}

/// Same records on both sides, by reading and by the copy's own comparison.
private func expectSame(_ source: MemoryLog, _ target: any LogCopyTarget) throws {
  var records: Int64 = 0
  for topic in try source.topics() {
    for partition in try source.partitions(of: topic) {
      let expected = source.entries(partition)
      let start = try target.translate(try source.bounds(of: partition).earliest, of: partition)
      let found = try readSome(target, partition, from: start)
      #expect(found.count == expected.count, "\(partition)")
      for (one, other) in zip(found, expected) {
        #expect(one.key == other.key)
        #expect(one.value == other.value)
        #expect(one.origin == other.origin)
        #expect(one.timestampMillis == other.timestampMillis)
      }
      records += Int64(expected.count)
    }
  }
  #expect(try LogCopy(from: source, to: target).compare().records == records)
}

/// Everything from `offset` on, read in small steps; offsets rise.
private func readSome(_ log: any LogReader, _ partition: TopicPartition, from offset: Offset) throws -> [Sample] {
  var result: [Sample] = []
  var next = offset
  while true {
    let batch = try log.read(partition, from: next, maximumBytes: 200)
    for record in batch.records {
      try #require(record.offset >= next)
      next = record.offset + 1
      result.append(Sample(record, in: batch))
    }
    guard let after = batch.nextOffset else { return result }
    next = after
  }
}
