/// What a capture has done.
package struct CaptureCounts: Sendable, Equatable {
  /// What one source gave.
  package struct Source: Sendable, Equatable {
    /// Numbered events without heartbeats; rejected ones included.
    package var events = 0
    /// Records that became a rejected event, counted among the events.
    package var rejected = 0
    /// The rejected ones by reason, the most frequent first.
    package var rejections: [RejectionCount] = []
    /// Files of which no record could be read.
    package var refused: [String] = []
    /// Heartbeats, not counted among the events.
    package var heartbeats = 0
    /// Of encoded events.
    package var bytes = 0
    package init() {}
  }

  /// By the source's name; one that gave nothing may be missing.
  package var sources: [String: Source] = [:]
  /// Events that an earlier run had finished but perhaps not delivered.
  package var resent = 0

  package init() {}

  /// Over all sources.
  package var events: Int { sources.values.reduce(0) { $0 + $1.events } }
  /// Over all sources, the most frequent first.
  package var rejections: [RejectionCount] {
    sources.values.flatMap(\.rejections).sorted(by: RejectionCount.isMoreFrequent)
  }
  /// Over all sources, sorted.
  package var refused: [String] { sources.values.flatMap(\.refused).sorted() }
  /// Over all sources.
  package var rejected: Int { sources.values.reduce(0) { $0 + $1.rejected } }
  /// Over all sources.
  package var heartbeats: Int { sources.values.reduce(0) { $0 + $1.heartbeats } }
}

/// How far a run has come with one source.
package struct CaptureProgress: Sendable, Equatable {
  /// The source's name.
  package var source: String
  /// Events of this source in this run.
  package var events: Int
  /// Share of the work in sight that is done, 0...1, where the source can tell.
  package var share: Double?
  package init(source: String, events: Int, share: Double?) {
    self.source = source
    self.events = events
    self.share = share
  }
}
