internal import Failures
internal import Workspace

/// How millrace ends. Documented in `millrace help exit-codes`; scripts may rely on the numbers.
enum ExitCode: Int32, CaseIterable {
  case ok = 0
  case unexpected = 1
  case usage = 2
  case workspace = 64
  case stale = 65
  case configuration = 66
  case locked = 67
  case logDamaged = 68
  case mart = 69
  case keys = 70
  case source = 71
  case storage = 72
  case unhealthy = 73
  case differs = 74
  case notReady = 75
  case unfinished = 76
  case unavailable = 77
  case budgetRefused = 78
  case refused = 79

  var meaning: String {
    switch self {
    case .ok: "fine"
    case .unexpected: "a defect in Millrace; please report it"
    case .usage: "the command line was not understood"
    case .workspace: "there is no workspace there, or it is damaged"
    case .stale: "the report was printed, but it is older than the freshness limit"
    case .configuration:
      "millrace.yaml was not understood, or the broker refuses what it says (secrets, certificates, rights) or what is sent "
        + "(times, sizes, policies); nothing was lost"
    case .locked: "another process does this job on this workspace"
    case .logDamaged: "the log is missing, damaged, cut or another one; nothing was changed"
    case .mart: "the mart or copy cannot be used: newer schema, other identity, other log"
    case .keys: "the master key file or the vault cannot be used"
    case .source: "a source system cannot be read"
    case .storage: "the disk is full or failed; nothing was half written"
    case .differs: "two generations of a mart differ; the report says where, and both are kept"
    case .notReady: "a replay cannot begin: what is missing is printed; nothing was changed"
    case .unfinished: "a replay, or `project --once`, was stopped before its end; the same command goes on"
    case .unavailable: "the log cannot be reached now (a broker is down, or another program holds it); nothing was lost"
    case .unhealthy: "millrace status: something is wrong; the reasons are printed"
    case .refused: "capture --once: no record of a file could be read; the file is named, everything else was captured"
    case .budgetRefused: "millrace budget: no answer, since data are stale, gapped or too thin; the reasons are printed"
    }
  }
}

extension ExitCode {
  /// The code that a failure of this kind ends with.
  init(_ kind: Failure.Kind) {
    self =
      switch kind {
      case .unexpected: .unexpected
      case .usage: .usage
      case .workspace: .workspace
      case .configuration: .configuration
      case .locked: .locked
      case .logDamaged: .logDamaged
      case .mart: .mart
      case .keys: .keys
      case .source: .source
      case .storage: .storage
      case .notReady: .notReady
      case .unfinished: .unfinished
      case .unavailable: .unavailable
      }
  }
}
