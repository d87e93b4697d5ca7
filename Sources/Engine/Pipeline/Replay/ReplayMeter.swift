internal import Concurrency
internal import EventLog

/// Counts what was read, per partition; told from the preparing threads.
final class ReplayMeter: Sendable {
  private struct State {
    var done: [TopicPartition: Offset] = [:]
    var targets: [TopicPartition: Offset] = [:]
    var number = 0
    var read: Int64 = 0
    var first: [TopicPartition: Offset]?
  }

  private let mart: String
  private let report: @Sendable (ReplayProgress) -> Void
  private let state = Lock(State())

  init(_ mart: String, _ report: @escaping @Sendable (ReplayProgress) -> Void) {
    self.mart = mart
    self.report = report
  }

  var generation: Int {
    get { state.withLock { $0.number } }
    set { state.withLock { $0.number = newValue } }
  }

  var ends: [TopicPartition: Offset] { state.withLock { $0.targets } }
  var began: [TopicPartition: Offset] { state.withLock { $0.first ?? [:] } }

  func begin(_ ends: [TopicPartition: Offset], at positions: [TopicPartition: Offset]) {
    state.withLock { state in
      state.targets = ends
      state.done = positions
      state.first = state.first ?? positions
    }
  }

  func note(_ partition: TopicPartition, from offset: Offset, to next: Offset) {
    let progress = state.withLock { state in
      state.done[partition] = next
      state.read &+= offset.distance(to: next)
      return ReplayProgress(
        mart: mart, generation: state.number,
        partitions: state.targets.sorted { $0.key < $1.key }.map {
          ReplayProgress.Partition(
            name: $0.key, done: min(state.done[$0.key] ?? .first, $0.value).rawValue, total: $0.value.rawValue)
        }, read: state.read)
    }
    report(progress)
  }
}
