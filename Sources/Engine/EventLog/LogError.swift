package import Failures

/// What a log refused: kind, operation, position, cause, and a hint that says what to do.
package struct LogError: ExplainedError, Equatable {
  /// What a caller tells apart.
  package enum Kind: String, Sendable {
    /// The offset is no longer (or not yet) in the log.
    case positionGone
    /// Stored bytes fail their checksum, their chain or their format.
    case damaged
    case unavailable
    /// Disk full, I/O error: nothing more is acknowledged.
    case storage
    /// Wrong settings, wrong log, unknown version.
    case configuration
    /// The connection is set up wrongly: properties, secrets, certificates, rights. The log itself was never seen.
    case connection
    /// The log was reached, and does not take what is sent by its own rules: record times, policies, versions. Waiting
    /// does not help, a changed setting does; nothing is damaged, and what was captured stays to be sent.
    case refused
    case tooLarge
  }

  /// What a caller decides by.
  package var kind: Kind
  /// What was being done, as a verb: "append", "find the bounds of".
  package var operation: String
  /// Where; nil: not in one partition.
  package var partition: TopicPartition?
  /// Of the record in question; nil: of none.
  package var offset: Offset?
  /// Why, as a phrase. Never content of records.
  package var cause: String
  /// What to do about it.
  package var hint: String

  package init(
    _ kind: Kind, operation: String, partition: TopicPartition? = nil, offset: Offset? = nil, cause: String,
    hint: String
  ) {
    self.kind = kind
    self.operation = operation
    self.partition = partition
    self.offset = offset
    self.cause = cause
    self.hint = hint
  }

  package var description: String {
    let place = partition.map { " \($0)" + (offset.map { " at offset \($0)" } ?? "") } ?? ""
    return "log: cannot \(operation)\(place): \(cause); \(hint)"
  }
}

extension LogError {
  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind {
    switch kind {
    case .positionGone, .damaged, .configuration: .logDamaged
    case .connection, .refused, .tooLarge: .configuration
    case .storage: .storage
    case .unavailable: .unavailable
    }
  }

  /// A broker restarts, or the line is cut.
  package var isPassing: Bool { kind == .unavailable }
}
