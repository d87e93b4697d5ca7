import EventLog
import Testing

extension LogContract {
  static let positionChecks: [Check] = [
    Check("a read from the middle of a batch begins at exactly that offset") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "middle", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      _ = try log.append([encoded(samples(0..<10), for: partition)])
      _ = try log.append([encoded(samples(10..<20), for: partition)])
      for number in 0..<20 {
        let offset = Offset(Int64(number))
        let batch = try log.read(partition, from: offset, maximumBytes: 1)
        #expect(batch.records.first?.offset == offset)
        #expect(try readAll(log, partition, from: offset) == samples(number..<20))
      }
    },
    Check("a position below the earliest or above the end is gone; the end itself is empty") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "gone", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      #expect(errorKind { _ = try log.read(partition, from: 1, maximumBytes: 1_000) } == .positionGone)
      _ = try log.append([encoded(samples(0..<7), for: partition)])
      for offset in [-1, Offset(.min), 8, .max] as [Offset] {
        #expect(
          errorKind { _ = try log.read(partition, from: offset, maximumBytes: 1_000) } == .positionGone, "\(offset)")
      }
      let end = try log.read(partition, from: 7, maximumBytes: 1_000)
      #expect(end.records.isEmpty)
      #expect(end.nextOffset == nil)
    },
    Check("a read stops near its limit, and never before one batch") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "limit", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      for number in 0..<20 {
        var sample = Sample(number)
        sample.value = [UInt8](repeating: 1, count: 1_000)
        _ = try log.append([encoded([sample], for: partition)])
      }
      #expect(try log.read(partition, from: 0, maximumBytes: 0).records.count >= 1)
      #expect(try log.read(partition, from: 0, maximumBytes: -1).records.count >= 1)
      let few = try log.read(partition, from: 0, maximumBytes: 5_000)
      #expect(few.records.count >= 1 && few.records.count <= 7)
      #expect(try readAll(log, partition, maximumBytes: 3_000).count == 20)
    },
    Check("an anchor is found where an append ended, holds for everybody, and not beyond the log") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "anchors", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      let first = try log.append([encoded(samples(0..<3), for: partition)])
      let second = try log.append([encoded(samples(3..<5), for: partition)])
      let other = try test.open()
      #expect(try other.anchor(of: partition, at: 3) == first.first?.anchor)
      #expect(try other.anchor(of: partition, at: 5) == second.first?.anchor)
      for offset in [1, 2, 4] as [Offset] {
        let found = try log.anchor(of: partition, at: offset)
        #expect((found != nil) == test.capabilities.anchorsEveryRecord, "\(offset)")
      }
      for offset in [-1, 0, 6, .max] as [Offset] {
        #expect(try log.anchor(of: partition, at: offset) == nil, "\(offset)")
      }
      let anchor = try #require(first.first?.anchor)
      #expect(anchor.nextOffset == 3)
      #expect(anchor.proof.count == (test.capabilities.anchorsEveryRecord ? 33 : 32))
      #expect(anchor.proof != second.first?.anchor?.proof)
      #expect(try other.check(anchor, of: partition) == .holds)
    },
    Check("an anchor of another record, or beyond the end, differs") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "differs", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      let ranges = try log.append([encoded(samples(0..<3), for: partition)])
      let anchor = try #require(ranges.first?.anchor)
      var changed = anchor
      changed.proof[20] ^= 1
      #expect(try log.check(changed, of: partition) == .differs)
      #expect(try log.check(LogAnchor(nextOffset: 4, proof: anchor.proof), of: partition) == .differs)
    },
    Check("a kept position holds, or lies beyond the end, or stands behind other records") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "kept", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      let ranges = try log.append([encoded(samples(0..<3), for: partition)])
      let kept = try #require(ranges.first?.anchor)
      let bounds = try log.bounds(of: partition)
      func check(_ offset: Offset, _ proof: [UInt8], _ bounds: LogBounds) throws -> PositionCheck {
        try log.check(LogAnchor(nextOffset: offset, proof: proof), of: partition, within: bounds)
      }
      var other = kept.proof
      other[20] ^= 1
      #expect(try check(3, kept.proof, bounds) == .holds)
      #expect(try check(3, other, bounds) == .differs)
      for offset in [0, 1, 3] as [Offset] { #expect(try check(offset, [], bounds) == .holds, "\(offset)") }
      for offset in [4, .max] as [Offset] { #expect(try check(offset, kept.proof, bounds) == .beyondEnd, "\(offset)") }
      // As after retention: the bounds decide, whatever the proof.
      let shorter = LogBounds(earliest: 3, next: 3)
      #expect(try check(1, other, shorter) == .gone(missing: 2))
      #expect(try check(0, [], shorter) == .gone(missing: 3))
    },
    Check("the anchor after a read is the one that the append gave") { test in
      let writer = try test.open()
      let partition = TopicPartition(test.prefix + "after", 0)
      try writer.ensureTopic(partition.topic, partitions: 1)
      let range = try writer.append([encoded(samples(0..<3), for: partition)])
      let reader = try test.open()
      _ = try reader.bounds(of: partition)
      var next = Offset.first
      while next < 3 {
        let batch = try reader.read(partition, from: next, maximumBytes: 1 << 20)
        next = try #require(batch.nextOffset)
      }
      #expect(try reader.anchor(of: partition, at: 3) == range.first?.anchor)
    },
  ]

  static let appendChecks: [Check] = [
    Check("an append of nothing changes nothing") { test in
      let log = try test.open()
      #expect(try log.append([]) == [])
    },
    Check("damaged or miscounted bytes are refused, and nothing of that append is kept") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "refused", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      let good = try encoded(samples(0..<3), for: partition)
      var flipped = good
      flipped.bytes[flipped.bytes.count - 1] ^= 1
      var miscounted = good
      miscounted.count = 4
      var empty = good
      empty.bytes = []
      for bad in [flipped, miscounted, empty] {
        #expect(errorKind { _ = try log.append([good, bad]) } == .damaged)
      }
      #expect(try log.bounds(of: partition) == LogBounds(earliest: 0, next: 0))
      _ = try log.append([good])
      #expect(try readAll(log, partition) == samples(0..<3))
    },
    Check("the same bytes may be appended again") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "again", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      let batch = try encoded(samples(0..<3), for: partition)
      _ = try log.append([batch])
      _ = try log.append([batch])
      #expect(try readAll(log, partition) == samples(0..<3) + samples(0..<3))
    },
  ]
}
