internal import Advertising
internal import Capture
internal import Enrichment
internal import EventLog
internal import Files
internal import Marts
internal import Pipeline
internal import Privacy
internal import Reports
internal import Runs
internal import SQLite
internal import YAML

extension Failure {
  /// Any error as a failure. The texts of our modules' errors name places, never content.
  package init(explaining error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as any ClassifiedError: self.init(error.failureKind, "\(error)")
    default:
      // The text of an unforeseen error may hold content; its type does not.
      self.init(.unexpected, "unexpected \(type(of: error)); please report it")
    }
  }
}

/// An error of our modules: its text may be shown, and it is one kind of failure.
private protocol ClassifiedError: Error {
  var failureKind: Failure.Kind { get }
}

extension LogError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind {
    switch kind {
    case .positionGone, .damaged, .configuration: .logDamaged
    case .connection, .refused, .tooLarge: .configuration
    case .storage: .storage
    case .unavailable: .unavailable
    }
  }
}

extension MartError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind {
    switch kind {
    case .locked: .locked
    case .storage: .storage
    default: .mart
    }
  }
}

extension PipelineError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind {
    switch kind {
    case .log where isPassing: .unavailable
    case .connection: .configuration
    case .log, .notThisLog, .positionGone: .logDamaged
    case .privacy: .keys
    case .fenced: .locked
    case .defect: .unexpected
    default: .mart
    }
  }
}

extension SanitizerError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind {
    switch kind {
    case .otherCopy: .mart
    case .notThisLog, .positionGone: .logDamaged
    }
  }
}

extension ReplayError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind {
    switch kind {
    case .preflight: .notReady
    case .busy: .locked
    case .verification: .mart
    case .stopped: .unfinished
    case .usage: .usage
    }
  }
}

extension ReportError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind {
    switch kind {
    case .usage: .usage
    case .mart, .versions: .mart
    }
  }
}

extension CaptureError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind {
    switch kind {
    case .alreadyRunning: .locked
    case .configuration: .configuration
    case .source: .source
    case .positions: .logDamaged
    case .storage: .storage
    }
  }
}

extension PrivacyError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind { kind == .locked ? .locked : .keys }
}

extension AdvertisingError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind { .usage }
}

extension EnrichmentError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind { .configuration }
}

extension YAMLError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind { .configuration }
}

extension RunError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind { .storage }
}

extension FileError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind { .storage }
}

extension SQLiteError: ClassifiedError {
  fileprivate var failureKind: Failure.Kind { .storage }
}
