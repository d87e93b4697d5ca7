/// What a simulated run suffers.
package enum Fault: String, CaseIterable, Sendable {
  /// Capture ends between the outbox's commit and the append.
  case crashBeforeAppend
  /// Capture ends after the append, before the outbox knows of it: the bytes are sent again.
  case crashAfterAppend
  /// The source fails while it is read.
  case crashWhileReading
  /// The log stores a batch twice although it was acknowledged once.
  case duplicateAppend
  /// A batch reaches the log behind later ones of its partition.
  case lateBatch
  /// A state arrives after a newer one, or a request after later ones of its session.
  case lateEvent
  /// The mart's writer is dropped with its rows written and its transaction not committed.
  case crashBeforeCommit
  /// The mart's writer is dropped between two commits.
  case crashAfterCommit
  /// A writer that was replaced while it was paused goes on.
  case zombieWriter
  /// A replay ends while it builds the new generation.
  case crashInRebuild
  /// A replay ends between the hand-over of the old generation and the swap, or right after the swap.
  case crashInSwap
  /// Events are captured and projected while a replay is at work.
  case eventsDuringReplay
  /// The mart goes back to the generation before.
  case rollback
  /// A generation is built that ends in the middle of the log, for looking only.
  case detachedPrefix
}

/// How often each kind was suffered.
package typealias FaultCounts = [Fault: Int]

/// Where a simulated run went wrong.
package struct SimulationFailure: Error, CustomStringConvertible {
  package var seed: UInt64
  package var what: String

  package var description: String {
    "seed \(seed): \(what)\nrun it alone: MILLRACE_SEED=\(seed) swift run millrace-proofs simulate"
  }
}

/// A fault that was planned; nothing else may end a step.
struct PlannedCrash: Error {}
