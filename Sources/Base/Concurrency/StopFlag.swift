internal import Synchronization

/// Asks whoever looks at it to finish what is in hand and stop. Any thread may ask, look or wait; asking twice is fine.
package final class StopFlag: Sendable {
  private let asked = Atomic<Bool>(false)
  private let parent: StopFlag?
  /// One for a flag and all under it, so that a wait on any of them hears each.
  private let bell: Lock<Void>

  package init() {
    parent = nil
    bell = Lock(())
  }

  /// A flag that is also set when `parent` is.
  package init(under parent: StopFlag?) {
    self.parent = parent
    bell = parent?.bell ?? Lock(())
  }

  package func ask() {
    asked.store(true, ordering: .releasing)
    bell.change { _ in }
  }

  package var isAsked: Bool { asked.load(ordering: .acquiring) || parent?.isAsked == true }

  /// Rests, at most so long, and ends at once when asked. True: asked.
  @discardableResult
  package func pause(milliseconds: Int) -> Bool {
    bell.wait(milliseconds: milliseconds) { _ in !isAsked }
  }
}
