import Concurrency
import EventLog
import Foundation
import KafkaLog
import Testing

/// A writer and a reader at work on a log while a test breaks things between them and the broker.
///
/// The writer sends as capture does: what is not acknowledged is sent again, the same bytes. The reader follows each partition
/// from an offset of its own.
// Unchecked: the state is behind a mutex; the threads get their own clients.
final class Load: @unchecked Sendable {
  private struct State {
    /// Records of each partition that the log has acknowledged.
    var acknowledged = 0
    /// Records of each partition that the reader has seen, repeated ones aside; the smallest of all partitions.
    var seen = 0
    var failedAppends = 0
    var failedReads = 0
    var read: [TopicPartition: [Read]] = [:]
    var problem: String?
    var isOver = false
    var running = 2
  }

  private static let perAppend = 10
  private let partitions: [TopicPartition]
  private let settings: KafkaSettings
  private let state = Lock(State())

  /// The topic must exist.
  init(_ settings: KafkaSettings, topic: String, partitions: Int32) {
    self.settings = settings
    self.partitions = (0..<partitions).map { TopicPartition(topic, $0) }
    for work in [write, follow] {
      Thread.detachNewThread {
        do { try work() } catch { self.state.withLock { $0.problem = $0.problem ?? "\(error)" } }
        self.state.withLock { $0.running -= 1 }
      }
    }
  }

  var failedAppends: Int { state.withLock { $0.failedAppends } }
  var failedReads: Int { state.withLock { $0.failedReads } }

  /// Waits until so many more records of each partition are acknowledged and read. False: not within two minutes.
  func goesOn(_ records: Int = 100) -> Bool {
    let goal = state.withLock { $0.acknowledged } + records
    let end = Date().addingTimeInterval(120)
    while Date() < end {
      let (seen, problem) = state.withLock { ($0.seen, $0.problem) }
      if problem != nil { return false }
      if seen >= goal { return true }
      usleep(20_000)
    }
    return false
  }

  /// Ends the load and holds it to account: in each partition every number once and in order, repeated ones aside, both for
  /// the reader that was there all the time and for one that comes afterwards.
  func balance(location: SourceLocation = #_sourceLocation) throws {
    state.withLock { $0.isOver = true }
    let end = Date().addingTimeInterval(120)
    while state.withLock({ $0.running }) > 0, Date() < end { usleep(20_000) }
    let state = state.withLock { $0 }
    #expect(state.problem == nil, sourceLocation: location)
    #expect(state.running == 0, "writer or reader hangs", sourceLocation: location)
    let expected = Array(0..<state.acknowledged)
    let later = try KafkaLog(settings)
    for partition in partitions {
      let followed = numbers(state.read[partition] ?? [])
      let stored = numbers(try readAll(later, partition))
      #expect(followed == expected, "\(partition): \(difference(followed, expected))", sourceLocation: location)
      #expect(stored == expected, "\(partition), read again: \(difference(stored, expected))", sourceLocation: location)
    }
  }

  private func difference(_ found: [Int], _ expected: [Int]) -> String {
    let place = zip(found, expected).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    return
      "\(found.count) numbers instead of \(expected.count), first difference at \(place.map(String.init) ?? "the end")"
  }

  private func write() throws {
    let log = try KafkaLog(settings)
    var next = 0
    while !state.withLock({ $0.isOver || $0.problem != nil }) {
      let batches = try partitions.map { try encoded(next..<next + Self.perAppend, for: $0, bytes: 200) }
      while try !takes(batches, log) {
        state.withLock { $0.failedAppends += 1 }
        usleep(100_000)
      }
      next += Self.perAppend
      state.withLock { $0.acknowledged = next }
      usleep(10_000)
    }
  }

  /// False: not now.
  private func takes(_ batches: [EncodedBatch], _ log: KafkaLog) throws -> Bool {
    do {
      _ = try log.append(batches)
      return true
    } catch {
      guard error.kind == .unavailable else { throw error }
      return false
    }
  }

  /// nil: not now.
  private func read(_ partition: TopicPartition, from offset: Offset, _ log: KafkaLog) throws -> RecordBatch? {
    do {
      return try log.read(partition, from: offset, maximumBytes: 1 << 20)
    } catch {
      guard error.kind == .unavailable else { throw error }
      return nil
    }
  }

  private func follow() throws {
    let log = try KafkaLog(settings)
    var positions = Dictionary(uniqueKeysWithValues: partitions.map { ($0, Offset.first) })
    var highest = Dictionary(uniqueKeysWithValues: partitions.map { ($0, -1) })
    while true {
      var isIdle = true
      for partition in partitions {
        let position = positions[partition] ?? .first
        guard let batch = try read(partition, from: position, log) else {
          state.withLock { $0.failedReads += 1 }
          continue
        }
        var next = position
        var found: [Read] = []
        for record in batch.records {
          guard record.offset >= next else { throw Backwards(partition: partition, offset: record.offset, after: next) }
          next = record.offset + 1
          let text = record.value.map { String(decoding: batch.bytes[$0], as: UTF8.self) } ?? ""
          let number = Int(text.prefix { $0 != " " }) ?? -1
          found.append(Read(offset: record.offset, number: number))
          highest[partition] = max(highest[partition] ?? -1, number)
        }
        positions[partition] = batch.nextOffset ?? next
        if !found.isEmpty {
          isIdle = false
          state.withLock { $0.read[partition, default: []] += found }
        }
      }
      let seen = (highest.values.min() ?? -1) + 1
      let isDone = state.withLock { state in
        state.seen = seen
        return state.problem != nil || (state.isOver && state.running == 1 && seen >= state.acknowledged)
      }
      if isDone { return }
      if isIdle { usleep(5_000) }
    }
  }

  struct Backwards: Error {
    var partition: TopicPartition
    var offset: Offset
    var after: Offset
  }
}
