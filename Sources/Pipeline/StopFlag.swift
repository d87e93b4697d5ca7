internal import Synchronization

/// Asks running pipelines to finish the batch in hand and stop. Any thread may ask or look; asking twice is fine.
package final class StopFlag: Sendable {
  private let asked = Atomic<Bool>(false)

  package init() {}

  package func ask() { asked.store(true, ordering: .releasing) }
  package var isAsked: Bool { asked.load(ordering: .acquiring) }
}

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

  var isLive: Bool {
    if case .whenAsked = self { true } else { false }
  }
}
