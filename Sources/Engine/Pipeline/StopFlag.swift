internal import Synchronization

/// Asks running pipelines to finish the batch in hand and stop. Any thread may ask or look; asking twice is fine.
package final class StopFlag: Sendable {
  private let asked = Atomic<Bool>(false)
  private let parent: StopFlag?

  package init() { parent = nil }
  /// A flag that is also set when `parent` is.
  init(under parent: StopFlag?) { self.parent = parent }

  /// For those who take a question instead of a flag.
  var check: () -> Bool { { self.isAsked } }

  /// Asks for good, from any thread; never blocks.
  package func ask() { asked.store(true, ordering: .releasing) }
  /// Whether this flag or the one above it was asked.
  package var isAsked: Bool { asked.load(ordering: .acquiring) || parent?.isAsked == true }
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

  /// The same rule, stopped also by a flag of its own.
  func stopped(by flag: StopFlag) -> StopRule {
    switch self {
    case .atEnd: .atEnd(flag)
    case .whenAsked: .whenAsked(flag)
    }
  }

  var isLive: Bool {
    if case .whenAsked = self { true } else { false }
  }
}
