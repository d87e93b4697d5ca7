package import EventLog

/// What `KafkaLog.verify` went through without finding damage.
package struct KafkaVerification: Sendable, Equatable {
  /// Read and found whole.
  package var records: Int64 = 0
  /// Bytes of keys, values and origins.
  package var bytes: Int64 = 0
  /// Anchors that hold.
  package var anchorsChecked = 0
  /// Anchors whose records the topic no longer keeps, or of a kind that Kafka cannot compare.
  package var anchorsUnknown = 0
}

extension KafkaLog {
  /// Reads every record once, checksums included, and compares `anchors` by digest. Reports progress in records.
  ///
  /// Kafka keeps no chain, so this tells damaged batches, a lost tail and a topic made anew from the log that was
  /// written; not a record that was changed, checksum included, away from the anchors.
  package func verify(
    anchors: [TopicPartition: [LogAnchor]], progress: (_ done: Int64, _ total: Int64) -> Void
  ) throws(LogError) -> KafkaVerification {
    var result = KafkaVerification()
    var work: [(partition: TopicPartition, bounds: LogBounds)] = []
    for topic in try topics() {
      for partition in try partitions(of: topic) { work.append((partition, try bounds(of: partition))) }
    }
    for missing in anchors.keys.sorted() where !work.contains(where: { $0.partition == missing }) {
      throw damage(missing, nil, "an anchor names this partition, but the log does not have it")
    }
    let total = work.reduce(0) { $0 &+ $1.bounds.count }
    for (partition, bounds) in work {
      var next = bounds.earliest
      while next < bounds.next {
        let batch = try read(partition, from: next, maximumBytes: KafkaLimits.fetchBytes)
        guard let after = batch.nextOffset else { break }
        result.records &+= Int64(batch.records.count)
        result.bytes &+= Int64(batch.bytes.count)
        next = after
        progress(result.records, max(total, result.records))
      }
      for anchor in anchors[partition] ?? [] {
        switch try check(anchor, of: partition) {
        case .holds: result.anchorsChecked += 1
        case .unknown: result.anchorsUnknown += 1
        case .differs:
          throw damage(
            partition, anchor.nextOffset,
            "another record stands before this anchor, or none: the topic lost its tail or was made anew")
        }
      }
    }
    return result
  }

  private func damage(_ partition: TopicPartition, _ offset: Offset?, _ cause: String) -> LogError {
    LogError(
      .damaged, operation: "verify", partition: partition, offset: offset, cause: cause,
      hint: "restore the topic, or rebuild the marts from what it holds now")
  }
}
