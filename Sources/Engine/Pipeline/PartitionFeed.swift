internal import EventLog
internal import Marts

/// Which partitions a mart reads, from where, and up to where.
struct PartitionFeed: Sendable {
  struct Partition: Sendable {
    let name: TopicPartition
    var nextOffset: Offset
    /// High-water mark at the start; nil while live.
    var target: Offset?
    var isOpen: Bool { target.map { nextOffset < $0 } ?? true }
  }

  private(set) var partitions: [Partition] = []
  private let topics: [String]
  /// Topics that do not exist yet; looked for again while live.
  private var missingTopics: [String]
  private var order: ReadOrder
  private let isLive: Bool
  private let mart: String
  /// Partitions in a row that had nothing.
  private var empty = 0

  init(mart: String, topics: [String], order: ReadOrder, isLive: Bool) {
    self.mart = mart
    self.topics = topics
    missingTopics = topics
    self.order = order
    self.isLive = isLive
  }

  /// Adds the partitions that exist now, after proving that the mart's positions belong to this log.
  mutating func discover(in log: any LogReader, positions: [TopicPartition: LogAnchor]) throws {
    var new: [(name: TopicPartition, bounds: LogBounds)] = []
    for topic in topics {
      let found = try log.partitions(of: topic)
      if found.isEmpty { continue }
      missingTopics.removeAll { $0 == topic }
      for partition in found where !partitions.contains(where: { $0.name == partition }) {
        new.append((partition, try log.bounds(of: partition)))
      }
    }
    log.willRead(starts(of: new, positions))
    for partition in new { try add(partition.name, positions[partition.name], partition.bounds, log) }
    // A position on a topic that the log does not have: another log, or a topic made anew.
    for (partition, position) in positions where position.nextOffset > .first {
      guard !partitions.contains(where: { $0.name == partition }) else { continue }
      throw PipelineError(
        .notThisLog, mart: mart,
        cause: "the mart stands at offset \(position.nextOffset) of \(partition), which this log does not have",
        hint: "restore the log that fed the mart, or rebuild the mart from this one")
    }
  }

  /// Where reading begins: at the record before the mart's position, which its anchor is held against.
  private func starts(
    of new: [(name: TopicPartition, bounds: LogBounds)], _ positions: [TopicPartition: LogAnchor]
  ) -> [TopicPartition: Offset] {
    var starts: [TopicPartition: Offset] = [:]
    for (partition, bounds) in new {
      let position = positions[partition]
      let start = (position?.nextOffset ?? .first) - (position?.proof.isEmpty == false ? 1 : 0)
      if start >= bounds.earliest, start < bounds.next { starts[partition] = start }
    }
    return starts
  }

  private mutating func add(
    _ partition: TopicPartition, _ position: LogAnchor?, _ bounds: LogBounds, _ log: any LogReader
  ) throws {
    let start = position?.nextOffset ?? .first
    let place = position ?? LogAnchor(nextOffset: start)
    switch try log.check(place, of: partition, within: bounds) {
    case .holds: break
    case .beyondEnd:
      throw PipelineError(
        .notThisLog, mart: mart,
        cause: "the mart stands at offset \(start) of \(partition), ahead of the log's end at \(bounds.next)",
        hint: "the log lost its tail: restore the log that fed the mart, or rebuild the mart from this one")
    case .gone(let missing):
      throw PipelineError(
        .positionGone, mart: mart,
        cause: "the mart needs offset \(start) of \(partition), the log begins at \(bounds.earliest): a gap of "
          + "\(missing)",
        hint:
          "the gap cannot be closed from this log; rebuild with `millrace replay --from-archive` from a copy that has it, "
          + "or accept a rebuild from the log's start")
    case .differs:
      throw PipelineError(
        .notThisLog, mart: mart,
        cause: "the log before offset \(start) of \(partition) is not the one that the mart was fed from",
        hint: "the log was exchanged or rewritten: run `millrace log verify`, restore the log, or rebuild the mart")
    }
    partitions.append(Partition(name: partition, nextOffset: start, target: isLive ? nil : bounds.next))
  }

  var isWaitingForTopics: Bool { !missingTopics.isEmpty }

  /// Records between here and the targets; 0 while live.
  var remaining: Int64 {
    partitions.reduce(0) { $0 &+ max(0, $1.nextOffset.distance(to: $1.target ?? $1.nextOffset)) }
  }

  enum Turn {
    case read(slot: Int, from: Offset, RecordBatch)
    /// This partition has nothing now.
    case nothing
    /// No partition had anything in a whole round.
    case idle
    /// All targets are reached.
    case done
  }

  mutating func next(_ log: any LogReader) throws -> Turn {
    let open = partitions.indices.filter { partitions[$0].isOpen }
    if open.isEmpty { return isLive ? .idle : .done }
    let slot = open[order.partition(among: open.count)]
    let start = partitions[slot].nextOffset
    let batch = try log.read(partitions[slot].name, from: start, maximumBytes: order.readBytes())
    guard let next = batch.nextOffset else {
      empty += 1
      guard empty >= open.count else { return .nothing }
      empty = 0
      return .idle
    }
    empty = 0
    partitions[slot].nextOffset = next
    return .read(slot: slot, from: start, batch)
  }
}
