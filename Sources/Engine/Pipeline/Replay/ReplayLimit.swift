package import EventLog
package import Money

/// Where a detached generation ends.
package enum ReplayLimit: Equatable, Sendable {
  /// Before the first record of each partition that was captured at this moment or later.
  case moment(Timestamp)
  /// At these offsets; partitions that are not named end where the log does.
  case offsets([String: Offset])

  /// "2026-10-31", "2026-10-31T12:00:00Z", or "orders/0=120,orders/1=90". nil: none of these.
  package init?(_ text: String) {
    if let moment = Timestamp(text) {
      self = .moment(moment)
    } else if let day = CivilDate(text) {
      self = .moment(day.startOfDay)
    } else {
      var offsets: [String: Offset] = [:]
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        let sides = part.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, sides[0].contains("/"), let offset = Int64(sides[1]), offset >= 0,
          offsets.updateValue(Offset(offset), forKey: String(sides[0])) == nil
        else { return nil }
      }
      self = .offsets(offsets)
    }
  }

  /// The end of each partition. Throws `ReplayError(.usage)` for a partition that is not the mart's, or an offset
  /// beyond its end.
  func ends(_ log: any LogReader, of partitions: [TopicPartition], mart: String) throws -> [TopicPartition: Offset] {
    var ends: [TopicPartition: Offset] = [:]
    for partition in partitions {
      let bounds = try log.bounds(of: partition)
      switch self {
      case .moment(let moment): ends[partition] = try ReplayLimit.first(at: moment.millis, log, partition, bounds)
      case .offsets(let offsets):
        ends[partition] = offsets[partition.description] ?? bounds.next
        guard ends[partition] ?? .first <= bounds.next else {
          throw ReplayError(
            .usage, mart: mart, cause: "\(partition) ends at offset \(bounds.next)", hint: "name an offset up to there")
        }
      }
    }
    if case .offsets(let offsets) = self {
      let unknown = Set(offsets.keys).subtracting(partitions.map(\.description)).sorted()
      guard unknown.isEmpty else {
        throw ReplayError(
          .usage, mart: mart, cause: "it does not read \(unknown.joined(separator: ", "))",
          hint: "its partitions: \(partitions.map(\.description).joined(separator: ", "))")
      }
    }
    return ends
  }

  /// By bisection, since records are appended in the order of their capture.
  private static func first(
    at millis: Int64, _ log: any LogReader, _ partition: TopicPartition, _ bounds: LogBounds
  ) throws -> Offset {
    var low = bounds.earliest
    var high = bounds.next
    while low < high {
      let middle = low + low.distance(to: high) / 2
      let record = try log.read(partition, from: middle, maximumBytes: 1).records.first
      // No record: a hole up to the log's end.
      if let record, record.timestampMillis < millis { low = record.offset.next } else { high = middle }
    }
    return low
  }
}
