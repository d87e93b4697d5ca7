package import EventLog
internal import SQLite

/// Numbers that have not come.
package struct MartGap: Equatable, Sendable {
  /// The sequence that they are missing from.
  package var stream: StreamKey
  /// First and last missing number; at least 1.
  package var numbers: ClosedRange<UInt64>

  package init(stream: StreamKey, numbers: ClosedRange<UInt64>) {
    self.stream = stream
    self.numbers = numbers
  }
}

/// Up to which moment a source has been read, on one partition.
package struct SourceAge: Equatable, Sendable {
  /// Name of the source.
  package var source: String
  /// The partition that its heartbeats came by.
  package var partition: TopicPartition
  /// Milliseconds since 1970.
  package var readUpTo: Int64

  package init(source: String, partition: TopicPartition, readUpTo: Int64) {
    self.source = source
    self.partition = partition
    self.readUpTo = readUpTo
  }
}

/// How many events were left out for one reason.
package struct QuarantineCount: Equatable, Sendable {
  /// "capture", "decode", "open", "validate" or "fold".
  package var stage: String
  /// The typed reason, e.g. "order.absurdQuantity".
  package var reason: String
  /// At least 1.
  package var count: Int64

  package init(stage: String, reason: String, count: Int64) {
    self.stage = stage
    self.reason = reason
    self.count = count
  }
}

extension MartReader {
  /// What this generation is a function of besides the log, as it was made.
  package func identity() throws(MartError) -> GenerationIdentity {
    try reading("the identity") {
      var parts: [String: String] = [:]
      try database.query("SELECT part, value FROM main.millrace_identity") { parts[$0.text(0)] = $0.text(1) }
      return GenerationIdentity(parts: parts)
    }
  }

  /// Where the generation stands in each partition that it knows.
  package func positions() throws(MartError) -> [TopicPartition: LogAnchor] {
    try reading("positions") {
      var positions: [TopicPartition: LogAnchor] = [:]
      try database.query("SELECT topic, partition, next_offset, anchor FROM main.millrace_positions") {
        positions[$0.partition(0)] = LogAnchor(nextOffset: $0.offset(2), proof: $0.blob(3))
      }
      return positions
    }
  }

  /// Sum over all sources and epochs.
  package func counts() throws(MartError) -> MartCounts {
    try countsByStream().values.reduce(MartCounts()) { $0 + $1 }
  }

  /// One entry for each source, epoch and partition that anything came from.
  package func countsByStream() throws(MartError) -> [StreamKey: MartCounts] {
    try reading("counts") {
      var counts: [StreamKey: MartCounts] = [:]
      try database.query(
        """
        SELECT source, epoch, topic, partition, events_in, applied, quarantined, duplicates FROM main.millrace_numbers
        """
      ) {
        counts[$0.streamKey] = MartCounts(
          eventsIn: $0.int64(4), applied: $0.int64(5), quarantined: $0.int64(6), duplicates: $0.int64(7))
      }
      return counts
    }
  }

  /// Open intervals, by stream and number.
  package func gaps() throws(MartError) -> [MartGap] {
    try reading("gaps") {
      try database.rows(
        """
        SELECT source, epoch, topic, partition, first_number, last_number FROM main.millrace_gaps
        ORDER BY source, epoch, topic, partition, first_number
        """
      ) {
        let first = UInt64(clamping: $0.int64(4))
        return MartGap(stream: $0.streamKey, numbers: first...max(first, UInt64(clamping: $0.int64(5))))
      }
    }
  }

  /// How many events are in quarantine, most frequent reason first. `topics` empty: all.
  package func quarantineCounts(topics: [String] = []) throws(MartError) -> [QuarantineCount] {
    try reading("the quarantine") {
      let places = topics.indices.map { "?\($0 + 1)" }.joined(separator: ", ")
      return try database.rows(
        """
        SELECT stage, reason, count(*) FROM main.millrace_quarantine \(topics.isEmpty ? "" : "WHERE topic IN (\(places))")
        GROUP BY stage, reason ORDER BY count(*) DESC, stage, reason
        """, topics.map { .text($0) }
      ) { QuarantineCount(stage: $0.text(0), reason: $0.text(1), count: $0.int64(2)) }
    }
  }

  /// How many events in quarantine still count, most frequent reason first. Reads all rows where any rule is there.
  package func quarantineCounts(counting rules: QuarantineRules) throws(MartError) -> [QuarantineCount] {
    guard !rules.isEmpty else { return try quarantineCounts() }
    var counts: [[String]: Int64] = [:]
    for entry in try quarantine(limit: .max) where rules.counts(entry) {
      counts[[entry.stage, entry.reason], default: 0] += 1
    }
    return counts.map { QuarantineCount(stage: $0.key[0], reason: $0.key[1], count: $0.value) }
      .sorted { ($1.count, $0.stage, $0.reason) < ($0.count, $1.stage, $1.reason) }
  }

  /// Rows of the quarantine in log order, at most `limit`.
  package func quarantine(limit: Int) throws(MartError) -> [QuarantineEntry] {
    try reading("the quarantine") {
      try database.rows(
        """
        SELECT topic, partition, record_offset, source, epoch, number, stage, reason, detail, captured_at, value_sha256
        FROM main.millrace_quarantine ORDER BY topic, partition, record_offset LIMIT ?1
        """, [.integer(Int64(limit))]
      ) {
        QuarantineEntry(
          partition: $0.partition(0), offset: $0.offset(2), source: $0.text(3), epoch: $0.int64(4), number: $0.int64(5),
          stage: $0.text(6), reason: $0.text(7), detail: $0.text(8), capturedAt: $0.int64(9), valueHash: $0.blob(10))
      }
    }
  }

  /// What heartbeats told, per source and partition.
  package func sourceAges() throws(MartError) -> [SourceAge] {
    try reading("the sources") {
      try database.rows(
        """
        SELECT source, topic, partition, read_up_to FROM main.millrace_sources ORDER BY source, topic, partition
        """
      ) { SourceAge(source: $0.text(0), partition: $0.partition(1), readUpTo: $0.int64(3)) }
    }
  }

  private func reading<R>(_ what: String, _ body: () throws -> R) throws(MartError) -> R {
    try MartError.wrapping(name, "read \(what)", body)
  }
}
