internal import Capture
internal import Entity
internal import Events
internal import Money
internal import Privacy

/// Decisions that are to be recorded now. They come from nowhere that could be read again, so the outbox alone
/// remembers them until they are in the log.
// Unchecked: the session calls a source from one thread at a time.
final class OperatorSource: CaptureSource, @unchecked Sendable {
  let name = SourceName.operator
  let topics = [Topic.decisions]
  let readsAhead = false

  private let router: Router
  private var waiting: [(decision: Decision, at: Timestamp)]
  /// Decisions handed over since the workspace began.
  private var recorded: UInt64 = 0

  init(_ decisions: [(decision: Decision, at: Timestamp)], keyring: Keyring) throws {
    router = try Router(keyring)
    waiting = decisions
  }

  func resume(from checkpoint: SourceCheckpoint) throws {
    recorded = checkpoint.position.flatMap(UInt64.init) ?? 0
  }

  func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    let events = waiting.map { decision, moment in
      recorded += 1
      return PendingEvent(
        topic: Topic.decisions, route: router.token("decision", Array(decision.kind.utf8)), operation: .create,
        position: SourcePosition(stream: "decisions", record: recorded), version: .eventTime, occurredAt: moment,
        payload: .decision(decision), subjects: .none)
    }
    waiting = []
    return SourceBatch(events: events, position: String(recorded), isCaughtUp: true)
  }

  func delivered() throws {}
}
