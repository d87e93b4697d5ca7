/// Limits of this module, each with its reason.
package enum PipelineLimits {
  /// Preparing threads of a mart. One folds about twice as fast as one prepares, and three marts keep two cores busy
  /// with two each; more pay off where there are more cores.
  package static let workers = 2
  /// Each has a tokenizer, an enricher and a turn of prepared events: some 10 MB.
  package static let mostWorkers = 8
  /// Bytes asked from a partition in one turn. A turn of web requests becomes about 4 MB of prepared events; as many
  /// turns as there are workers, and two more, are alive at once in each of three marts.
  package static let readBytes = 1 << 20
  /// Prepared chunks waiting for the fold: the work of the preparing threads while a batch is being written, or a good
  /// part of it. A chunk of web requests takes about 2 MB.
  package static let waitingChunks = 4
  /// Events per transaction while catching up. Folding many at once is what makes a rebuild fast; more gained nothing.
  package static let flushEvents = 100_000
  /// Batches after a start that are smaller, the first an eighth: something is committed within a second of a restart.
  package static let smallFlushes = 3
  /// Entries held by a mart's projections between flushes; bounds memory where every event touches another row.
  package static let pendingEntries = 60_000
  /// While live, nothing waits longer than this for its transaction, even when events never pause.
  package static let liveFlushMilliseconds: Int64 = 200
  /// Pause of a live reader that found nothing. Short against the promised second, long against the cost of a look.
  package static let pollMilliseconds = 20
  /// Idle polls between two looks for topics that did not exist yet: about one second.
  package static let pollsPerTopicLook = 50
  /// Idle polls between two looks for partitions that a topic got meanwhile: about half a minute, since nobody adds any
  /// in a hurry, and a look asks a broker.
  package static let pollsPerPartitionLook = 1_500
  /// Tries of a batch that failed for a passing reason before the run stops.
  package static let attempts = 5
  /// Longest pause before an unreachable log is tried again: short against the minute that a broker takes to restart.
  package static let longestRetryMilliseconds = 10_000
  /// Tries to open a mart that another process holds, when that may be a swap of some milliseconds.
  package static let refusals = 3
  /// Log lines about one batch's quarantined events, a line for each stage and reason. Events of our own have some
  /// dozens of reasons, of which a batch seldom meets more than two; more lines than this nobody reads.
  static let toldReasons = 20
  /// An event that trapped this often is quarantined unparsed at the next start.
  package static let traps: Int64 = 2
  /// Traps remembered at once. Each one ends the process, so a few threads give a few at most per life.
  package static let suspects = 16
  /// Bytes of JSON in one batch of a tokenized copy, and in one commit of it. With the longest record behind it a batch
  /// still stays below a log's own limit; a commit of this size takes far longer to make than to sync.
  static let sanitizedBytes = 4 << 20
}
