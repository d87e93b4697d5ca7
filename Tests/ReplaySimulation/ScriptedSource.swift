import Capture
import Entity
import Events
import Foundation
import Money
import Projections

/// A source that hands over a script, as much of it as has happened, in batches of a few events.
final class ScriptedSource: CaptureSource, @unchecked Sendable {
  let name: String
  let topics: [String]
  let readsAhead: Bool
  private let events: [PendingEvent]
  private let batch: Int
  // NSLock, since ThreadSanitizer reports false races on Synchronization.Mutex.
  private let lock = NSLock()
  private var next = 0
  private var happened: Int
  private var readsBeforeCrash: Int?

  init(_ script: Script, happened: Int, batch: Int, readsAhead: Bool, readsBeforeCrash: Int?) {
    name = script.mart.source
    topics = script.mart.definition.topics
    events = script.events
    self.happened = happened
    self.batch = batch
    self.readsAhead = readsAhead
    self.readsBeforeCrash = readsBeforeCrash
  }

  func resume(from checkpoint: SourceCheckpoint) throws {
    lock.withLock { next = checkpoint.position.flatMap { Int($0) } ?? 0 }
  }

  func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    try lock.withLock {
      if let left = readsBeforeCrash {
        if left == 0 { throw PlannedCrash() }
        readsBeforeCrash = left - 1
      }
      let end = min(happened, next + batch)
      let part = Array(events[next..<end])
      next = end
      return SourceBatch(events: part, position: "\(end)", isCaughtUp: end == happened)
    }
  }

  func delivered() throws {}
}
