import EventLog
import TestSupport
import Testing

extension LogContract {
  static let orderChecks: [Check] = [
    Check("records come back as they were written, in order") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "order", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      _ = try log.append([encoded(samples(0..<100), for: partition)])
      _ = try log.append([encoded(samples(100..<101), for: partition), encoded(samples(101..<150), for: partition)])
      #expect(try readAll(log, partition) == samples(0..<150))
      #expect(try log.bounds(of: partition) == LogBounds(earliest: 0, next: 150))
    },
    Check("a tombstone, an empty value, an empty key, any bytes and falling timestamps survive") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "shapes", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      var shapes = samples(0..<6)
      shapes[0].value = nil
      shapes[1].value = []
      shapes[2].key = []
      shapes[3].value = (0...255).map { UInt8($0) }
      shapes[4].timestampMillis = 0
      shapes[5].origin = [0]
      _ = try log.append([encoded(shapes, for: partition)])
      #expect(try readAll(log, partition) == shapes)
    },
    Check("a record as large as is allowed passes") { test in
      let log = try test.open()
      let partition = TopicPartition(test.prefix + "large", 0)
      try log.ensureTopic(partition.topic, partitions: 1)
      var large = Sample(1)
      let room = EventLogLimits.recordBytes - large.key.count - (large.origin?.count ?? 0)
      large.value = [UInt8](repeating: 7, count: room)
      _ = try log.append([encoded([large], for: partition)])
      #expect(try readAll(log, partition, maximumBytes: 1) == [large])
    },
    Check("partitions are independent, and one append may fill several") { test in
      let log = try test.open()
      let topic = test.prefix + "several"
      try log.ensureTopic(topic, partitions: 3)
      let ranges = try log.append([
        encoded(samples(0..<10), for: TopicPartition(topic, 2)),
        encoded(samples(10..<15), for: TopicPartition(topic, 0)),
        encoded(samples(15..<16), for: TopicPartition(topic, 2)),
      ])
      #expect(ranges.map(\.partition.partition) == [2, 0, 2])
      #expect(ranges.map(\.baseOffset) == [0, 0, 10])
      #expect(ranges.map(\.nextOffset) == [10, 5, 11])
      #expect(try readAll(log, TopicPartition(topic, 0)) == samples(10..<15))
      #expect(try readAll(log, TopicPartition(topic, 1)) == [])
      #expect(try readAll(log, TopicPartition(topic, 2)) == samples(0..<10) + samples(15..<16))
    },
    Check("what one has appended, another sees, and both may append in turn") { test in
      let first = try test.open()
      let second = try test.open()
      let partition = TopicPartition(test.prefix + "turns", 0)
      try first.ensureTopic(partition.topic, partitions: 1)
      for turn in 0..<10 {
        let writer = turn % 2 == 0 ? first : second
        let reader = turn % 2 == 0 ? second : first
        let range = try writer.append([encoded(samples(turn..<turn + 1), for: partition)])
        #expect(range.first?.baseOffset == Offset(Int64(turn)))
        #expect(try readAll(reader, partition) == samples(0..<turn + 1))
      }
    },
    Check("random appends and reads agree with a plain array") { test in
      for seed in 1...5 as ClosedRange<UInt64> {
        var random = SeededGenerator(seed: seed)
        let log = try test.open()
        let topic = test.prefix + "random-\(seed)"
        try log.ensureTopic(topic, partitions: 2)
        var model: [[Sample]] = [[], []]
        for _ in 0..<30 {
          let number = Int.random(in: 0..<2, using: &random)
          let partition = TopicPartition(topic, Int32(number))
          if Bool.random(using: &random) {
            let start = model[number].count
            let added = samples(start..<start + Int.random(in: 1...40, using: &random))
            _ = try log.append([encoded(added, for: partition)])
            model[number] += added
          } else {
            let from = Int.random(in: 0...model[number].count, using: &random)
            let limit = Int.random(in: 1...2_000, using: &random)
            let read = try readAll(log, partition, from: Offset(Int64(from)), maximumBytes: limit)
            #expect(read == Array(model[number][from...]), "seed \(seed)")
          }
        }
      }
    },
  ]
}
