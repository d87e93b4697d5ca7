/// What went wrong, as programs tell it apart. Each kind is one exit code of the command line.
package enum FailureKind: Sendable, CaseIterable {
  /// A defect of this program.
  case unexpected
  /// What was asked for makes no sense.
  case usage
  /// There is no workspace or backup there, or it is damaged.
  case workspace
  case configuration
  /// Another process does this job.
  case locked
  case logDamaged
  case mart
  case keys
  case source
  case storage
  /// A replay cannot begin.
  case notReady
  /// A replay was stopped, and can go on.
  case unfinished
  /// The log cannot be reached now.
  case unavailable
}
