internal import Concurrency

/// Sentences that the person in front of a job should read while it works: it waits for a broker, a setting is
/// dangerous. The result of a job never goes this way. May be told from several threads.
package final class Notices: Sendable {
  private let tell: @Sendable (String) -> Void
  private let said = Lock<Set<String>>([])

  /// `tell` gets each sentence, without a line end, on whatever thread says it.
  package init(_ tell: @escaping @Sendable (String) -> Void) { self.tell = tell }

  /// For those whom nobody listens to.
  package static let unheard = Notices { _ in }

  /// Every time.
  package func say(_ sentence: String) { tell(sentence) }

  /// Says it unless something was said under this topic before.
  package func sayOnce(_ topic: String, _ sentence: String) {
    if said.withLock({ $0.insert(topic).inserted }) { tell(sentence) }
  }
}
