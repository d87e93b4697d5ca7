internal import EventLog
internal import Foundation

/// Counts what was read, per partition; told from the preparing threads.
final class ReplayMeter: @unchecked Sendable {
  // NSLock, since ThreadSanitizer reports false races on Synchronization.Mutex.
  private let lock = NSLock()
  private let mart: String
  private let report: @Sendable (ReplayProgress) -> Void
  private var done: [TopicPartition: Int64] = [:]
  private var targets: [TopicPartition: Int64] = [:]
  private var number = 0
  private var read: Int64 = 0
  private var first: [TopicPartition: Int64]?

  init(_ mart: String, _ report: @escaping @Sendable (ReplayProgress) -> Void) {
    self.mart = mart
    self.report = report
  }

  var generation: Int {
    get { lock.withLock { number } }
    set { lock.withLock { number = newValue } }
  }

  var ends: [TopicPartition: Int64] { lock.withLock { targets } }
  var began: [TopicPartition: Int64] { lock.withLock { first ?? [:] } }

  func begin(_ ends: [TopicPartition: Int64], at positions: [TopicPartition: Int64]) {
    lock.withLock {
      targets = ends
      done = positions
      first = first ?? positions
    }
  }

  func note(_ partition: TopicPartition, from offset: Int64, to next: Int64) {
    let progress = lock.withLock {
      done[partition] = next
      read &+= next &- offset
      return ReplayProgress(
        mart: mart, generation: number,
        partitions: targets.sorted { $0.key < $1.key }.map {
          ReplayProgress.Partition(name: $0.key, done: min(done[$0.key] ?? 0, $0.value), total: $0.value)
        }, read: read)
    }
    report(progress)
  }
}
