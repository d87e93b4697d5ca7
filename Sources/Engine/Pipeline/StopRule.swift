package import Concurrency

/// When a pipeline stops.
package enum StopRule: Sendable {
  /// At the high-water marks seen at the start (`--once`); earlier when asked.
  case atEnd(StopFlag?)
  /// Goes on with what is appended until asked.
  case whenAsked(StopFlag)

  var flag: StopFlag? {
    switch self {
    case .atEnd(let flag): flag
    case .whenAsked(let flag): flag
    }
  }

  /// The same rule, stopped also by a flag of its own.
  func stopped(by flag: StopFlag) -> StopRule {
    switch self {
    case .atEnd: .atEnd(flag)
    case .whenAsked: .whenAsked(flag)
    }
  }

  /// Rests, at most so long. True: asked to stop.
  func pause(milliseconds: Int) -> Bool { (flag ?? StopFlag()).pause(milliseconds: milliseconds) }

  var isLive: Bool {
    if case .whenAsked = self { true } else { false }
  }
}
