internal import Marts
internal import Telemetry

/// What a mart's pipeline and its replays tell of their work: faults that pass, hand-overs, quarantined events, steps.
/// Lines carry counts, codes and names of ours, never content of events. A batch is no line.
struct PipelineTelemetry: Sendable {
  private let scope: TelemetryScope
  private let batches: Counter
  private let events: Counter
  private let duplicates: Counter
  private let retries: Counter
  private let refusals: Counter
  private let handOvers: Histogram

  init(_ mart: String, _ logger: Logger, _ metrics: Metrics) {
    scope = TelemetryScope("millrace_pipeline", "mart", mart, logger, metrics)
    batches = scope.counter("batches", "Batches that were written into a mart.")
    events = scope.counter("events", "Events that were read into a mart, duplicates and quarantined ones included.")
    duplicates = scope.counter("duplicates", "Events that were dropped because their number had been seen.")
    retries = scope.counter("retries", "Times that a mart's work was tried again after a fault that may pass.")
    refusals = scope.counter("replays_refused", "Replays whose generation was not put to use by itself.")
    handOvers = scope.histogram(
      seconds: "hand_over", "How long a projector left its mart to another process.")
  }

  private var logger: Logger { scope.logger }

  // MARK: Batches

  /// A batch is in the mart: what became of its events, and why some were left out.
  func absorbed(_ counts: MartCounts, _ quarantined: [QuarantineCount], generation: Int) {
    guard counts != MartCounts() else { return }
    batches.add()
    events.add(counts.eventsIn)
    duplicates.add(counts.duplicates)
    for (told, group) in quarantined.enumerated() {
      scope.counter(
        "quarantined", by: ("stage", group.stage), "Events that were left out of a mart, by where that was found."
      ).add(group.count)
      // Codes of rejected records come out of the log, so nothing says that they are few.
      guard told < PipelineLimits.toldReasons else { continue }
      logger.info(
        "events were quarantined",
        [
          "generation": .integer(Int64(generation)), "stage": .string(group.stage), "reason": .string(group.reason),
          "events": .integer(group.count),
        ])
    }
  }

  // MARK: Faults that pass

  /// `attempt`: from 1. A fault that lasts is told once; further tries are for those who look closely.
  func retries(_ failure: PipelineError, attempt: Int, afterMilliseconds pause: Int) {
    retries.add()
    logger.log(
      attempt == 1 ? .warning : .debug, "cannot go on and tries again",
      [
        "kind": .string(failure.kind.rawValue), "cause": .string(failure.cause), "attempt": .integer(Int64(attempt)),
        "milliseconds": .integer(Int64(pause)),
      ])
  }

  func goesOn(afterAttempts attempts: Int) { logger.info("goes on", ["attempts": .integer(Int64(attempts))]) }

  // MARK: Hand-overs

  func makesWay() { logger.info("makes way at the end of a batch: another process asked for the mart") }

  func isBack(afterMilliseconds away: Int64) {
    handOvers.observe(Double(away) / 1_000)
    logger.info("has the mart again", ["milliseconds": .integer(away)])
  }

  /// Somebody else has the mart for a moment, as at a swap.
  func waitsForMart(_ failure: PipelineError) {
    logger.info("waits for the mart, which another process has", ["cause": .string(failure.cause)])
  }

  // MARK: Replays

  /// `generation`: the one that is built; 0: there is none yet.
  func reached(_ step: ReplayStep, generation: Int) {
    scope.counter("replay_steps", by: ("step", step.rawValue), "Steps that replays of a mart have reached.").add()
    logger.info(
      "a replay has reached a step", ["generation": .integer(Int64(generation)), "step": .string(step.rawValue)])
  }

  func refused(_ generation: Int, differingTables: Int) {
    refusals.add()
    // Whoever asked for the replay is told why at length.
    logger.info(
      "a replayed generation is not put to use by itself",
      ["generation": .integer(Int64(generation)), "differing_tables": .integer(Int64(differingTables))])
  }
}
