internal import Telemetry

/// What a mart tells of its generations: openings, checkpoints, hand-overs, swaps, deletions. No content of rows.
struct MartTelemetry: Sendable {
  private let logger: Logger
  private let checkpoints: Counter
  private let keptBack: Counter
  private let swaps: Counter
  private let handOvers: Histogram

  init(_ mart: String, _ logger: Logger, _ metrics: Metrics) {
    let scope = TelemetryScope("millrace_mart", "mart", mart, logger, metrics)
    self.logger = scope.logger
    checkpoints = scope.counter("checkpoints", "Times that a mart's write-ahead log was moved into its file.")
    keptBack = scope.counter("checkpoints_kept_back", "Checkpoints that readers kept from finishing.")
    swaps = scope.counter("swaps", "Times that another generation was put to use.")
    handOvers = scope.histogram(seconds: "hand_over", "How long a writer took to make way.")
  }

  func opened(_ generation: Int, isNew: Bool, ownerEpoch: Int64) {
    logger.debug(
      isNew ? "generation made" : "generation opened for writing",
      ["generation": .integer(Int64(generation)), "owner_epoch": .integer(ownerEpoch)])
  }

  /// Another writer has the generation now; this one has written nothing since.
  func fenced(_ generation: Int, ownerEpoch: Int64) {
    logger.warning(
      "another writer has taken the generation over",
      ["generation": .integer(Int64(generation)), "owner_epoch": .integer(ownerEpoch)])
  }

  func checkpointed(_ generation: Int, isDone: Bool) {
    (isDone ? checkpoints : keptBack).add()
    logger.debug(
      isDone ? "checkpoint" : "readers keep a checkpoint from finishing", ["generation": .integer(Int64(generation))])
  }

  func isCurrent(_ generation: Int, after before: Int?) {
    // A replay that was killed in the last moment does its swap again.
    guard before != generation else { return }
    swaps.add()
    logger.info(
      before == nil ? "the first generation is put to use" : "another generation is put to use",
      ["generation": .integer(Int64(generation)), "before": .integer(Int64(before ?? 0))])
  }

  func asksToMakeWay(_ generation: Int) {
    logger.info("asking the generation's writer to make way", ["generation": .integer(Int64(generation))])
  }

  func madeWay(_ generation: Int, afterMilliseconds waited: Int) {
    handOvers.observe(Double(waited) / 1_000)
    logger.info(
      "the generation's writer has made way",
      ["generation": .integer(Int64(generation)), "milliseconds": .integer(Int64(waited))])
  }

  func doesNotMakeWay(_ generation: Int, afterMilliseconds waited: Int) {
    logger.warning(
      "the generation's writer does not make way",
      ["generation": .integer(Int64(generation)), "milliseconds": .integer(Int64(waited))])
  }

  func deleted(_ generation: Int) { logger.info("generation deleted", ["generation": .integer(Int64(generation))]) }

  func stays(_ generation: Int) {
    logger.info(
      "a generation that is to be deleted stays, since somebody reads it", ["generation": .integer(Int64(generation))])
  }
}
