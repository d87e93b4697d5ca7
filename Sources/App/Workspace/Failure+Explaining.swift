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

/// Which kind of failure each module's errors are. The texts of these errors name places, never content.
extension Failure {
  package init(explaining error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as LogError:
      switch error.kind {
      case .positionGone, .damaged, .configuration: self.init(.logDamaged, "\(error)")
      case .connection, .refused, .tooLarge: self.init(.configuration, "\(error)")
      case .storage: self.init(.storage, "\(error)")
      case .unavailable: self.init(.unavailable, "\(error)")
      }
    case let error as MartError:
      switch error.kind {
      case .locked: self.init(.locked, "\(error)")
      case .missing: self.init(.mart, "\(error)")
      case .storage: self.init(.storage, "\(error)")
      default: self.init(.mart, "\(error)")
      }
    case let error as PipelineError:
      switch error.kind {
      case .log where error.isPassing: self.init(.unavailable, "\(error)")
      case .connection: self.init(.configuration, "\(error)")
      case .log, .notThisLog, .positionGone: self.init(.logDamaged, "\(error)")
      case .privacy: self.init(.keys, "\(error)")
      case .fenced: self.init(.locked, "\(error)")
      case .defect: self.init(.unexpected, "\(error)")
      default: self.init(.mart, "\(error)")
      }
    case let error as SanitizerError:
      switch error.kind {
      case .otherCopy: self.init(.mart, "\(error)")
      case .notThisLog, .positionGone: self.init(.logDamaged, "\(error)")
      }
    case let error as ReplayError:
      switch error.kind {
      case .preflight: self.init(.notReady, "\(error)")
      case .busy: self.init(.locked, "\(error)")
      case .verification: self.init(.mart, "\(error)")
      case .stopped: self.init(.unfinished, "\(error)")
      case .usage: self.init(.usage, "\(error)")
      }
    case let error as ReportError:
      switch error.kind {
      case .usage: self.init(.usage, "\(error)")
      case .mart, .versions: self.init(.mart, "\(error)")
      }
    case let error as AdvertisingError: self.init(.usage, "\(error)")
    case let error as CaptureError:
      switch error.kind {
      case .alreadyRunning: self.init(.locked, "\(error)")
      case .configuration: self.init(.configuration, "\(error)")
      case .source: self.init(.source, "\(error)")
      case .positions: self.init(.logDamaged, "\(error)")
      case .storage: self.init(.storage, "\(error)")
      }
    case let error as RunError: self.init(.storage, "\(error)")
    case let error as PrivacyError: self.init(error.kind == .locked ? .locked : .keys, "\(error)")
    case let error as EnrichmentError: self.init(.configuration, "\(error)")
    case let error as YAMLError: self.init(.configuration, "\(error)")
    case let error as FileError: self.init(.storage, "\(error)")
    case let error as SQLiteError: self.init(.storage, "\(error)")
    default:
      // The text of an unforeseen error may hold content; its type does not.
      self.init(.unexpected, "unexpected \(type(of: error)); please report it")
    }
  }
}
