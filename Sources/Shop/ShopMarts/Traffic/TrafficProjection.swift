internal import Enrichment
package import Entity
internal import Events
internal import Marts
internal import Money
package import Projections

/// Requests as sessions, users' days and answers' days.
///
/// This is the hot path of a rebuild. `fold` only touches arrays and a few dictionaries that live as long as one batch;
/// `flush` turns tokens into the file's own numbers and writes each touched row once, in the order of its tree.
///
/// A session is stored as its interval and sums. Requests that arrive late extend it, or join two stored ones: which
/// requests belong together depends on their times only, so the result is the same in whatever order they come.
package final class TrafficProjection: RequestProjection {
  package static let name = "traffic"
  package static let version = 3
  package static let topics = [Topic.weblog]
  package static let personalFields: PersonalFields = [.ip, .user]

  var batch = TrafficBatch()
  var numbers = TrafficNumbers()

  package init() {}

  package var pendingCount: Int { batch.count }

  package func discard() {
    batch.removeAll()
    // Numbers given out in the failed transaction do not exist.
    numbers = TrafficNumbers()
  }

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .webRequest(let request) = input.event.payload else { return }
    guard let facts = input.facts else { throw QuarantineReason("event.factsMissing", "facts of a web request") }
    let millis = input.event.occurredAt.millis
    try fold(RequestFigures(request, facts, millis: millis))
    if !input.event.flags.isEmpty { batch.add(flags: input.event.flags, millis) }
  }

  package func fold(_ figures: RequestFigures) throws(QuarantineReason) {
    guard figures.millis >= 0, figures.millis <= TrafficLimits.lastMoment else {
      throw QuarantineReason("date.impossible", "occurred_at")
    }
    guard figures.bytes >= 0, figures.bytes <= TrafficLimits.answerBytes else {
      throw QuarantineReason("weblog.absurdBytes", "bytes outside the limits of one answer")
    }
    batch.add(figures)
  }
}
