import EventLog
import Glibc
import Testing

extension LogContract {
  static let topicChecks: [Check] = [
    Check("a new topic has its partitions in order, and is empty") { test in
      let log = try test.open()
      let topic = test.prefix + "new"
      #expect(try log.partitions(of: topic) == [])
      #expect(try !log.topics().contains(topic))
      try log.ensureTopic(topic, partitions: 4)
      #expect(try log.partitions(of: topic) == (0..<4).map { TopicPartition(topic, $0) })
      #expect(try log.topics().contains(topic))
      for partition in try log.partitions(of: topic) {
        #expect(try log.bounds(of: partition) == LogBounds(earliest: 0, next: 0))
        #expect(try log.read(partition, from: 0, maximumBytes: 1_000).records.isEmpty)
        #expect(try log.anchor(of: partition, at: 0) == nil)
      }
    },
    Check("topics are listed sorted") { test in
      let log = try test.open()
      for name in ["zebra", "ant", "Cat", "ant-2"] { try log.ensureTopic(test.prefix + name, partitions: 1) }
      func list() throws -> [String] { try log.topics().filter { $0.hasPrefix(test.prefix) } }
      var listed = try list()
      // The brokers of a cluster learn of a new topic one after the other, and any of them may be asked.
      for _ in 0..<100 where listed.count < 4 {
        usleep(50_000)
        listed = try list()
      }
      #expect(listed == ["Cat", "ant", "ant-2", "zebra"].map { test.prefix + $0 })
    },
    Check("an existing topic is kept, and another partition count is refused") { test in
      let log = try test.open()
      let topic = test.prefix + "kept"
      try log.ensureTopic(topic, partitions: 2)
      _ = try log.append([encoded(samples(0..<3), for: TopicPartition(topic, 1))])
      try log.ensureTopic(topic, partitions: 2)
      #expect(errorKind { try log.ensureTopic(topic, partitions: 3) } == .configuration)
      #expect(try log.partitions(of: topic).count == 2)
      #expect(try readAll(log, TopicPartition(topic, 1)) == samples(0..<3))
    },
    Check("a name or a number that no log can keep is refused") { test in
      let log = try test.open()
      for name in ["", "a b", "a/b", ".", "..", "é", String(repeating: "x", count: 250), "a\nb"] {
        #expect(errorKind { try log.ensureTopic(name, partitions: 1) } == .configuration, "\(name.debugDescription)")
      }
      #expect(errorKind { try log.ensureTopic(test.prefix + "none", partitions: 0) } == .configuration)
      #expect(errorKind { try log.ensureTopic(test.prefix + "less", partitions: -1) } == .configuration)
    },
    Check("a topic or partition that is not there is a configuration error, not an empty one") { test in
      let log = try test.open()
      let topic = test.prefix + "absent"
      try log.ensureTopic(topic, partitions: 1)
      for partition in [
        TopicPartition(test.prefix + "never", 0), TopicPartition(topic, 1), TopicPartition(topic, -1),
      ] {
        #expect(errorKind { _ = try log.bounds(of: partition) } == .configuration)
        #expect(errorKind { _ = try log.read(partition, from: 0, maximumBytes: 1_000) } == .configuration)
        #expect(errorKind { _ = try log.append([encoded(samples(0..<1), for: partition)]) } == .configuration)
      }
    },
    Check("the log's identity is the same for all who open it") { test in
      let first = try test.open()
      let second = try test.open()
      #expect(!first.logID.isEmpty)
      #expect(first.logID == second.logID)
    },
  ]
}
