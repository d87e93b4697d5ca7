/// What is known of a rejected record beside its event, so that it can be listed, and settled once a later look finds
/// it mended or gone. A class: events are moved about by the million, and few are rejected.
package final class RejectedRecord: Sendable {
  /// Tells the record from others of its source; a token wherever it could name somebody. Empty: nothing settles it.
  package let key: [UInt8]
  /// As its event carries it.
  package let reason: String
  /// As its event carries it: the column, or what else is wrong; never content.
  package let detail: String
  /// Where it stands, for people: "ads.csv, row 17". Never content.
  package let place: String
  /// The money that is missing with it, where that can be read; nil: it is about none, or nobody can tell.
  package let amount: RejectedAmount?

  package init(
    key: [UInt8] = [], reason: String, detail: String, place: String, amount: RejectedAmount? = nil
  ) {
    self.amount = amount
    self.key = key
    self.reason = reason
    self.detail = detail
    self.place = place
  }
}

/// An amount of a rejected record.
package struct RejectedAmount: Sendable, Equatable {
  /// In the currency's smallest unit.
  package var minor: Int64
  /// ISO 4217.
  package var currency: String

  package init(minor: Int64, currency: String) {
    self.minor = minor
    self.currency = currency
  }
}

/// How many records of a source were rejected for one reason in one column.
package struct RejectionCount: Sendable, Equatable {
  /// Name of the source.
  package var source: String
  /// Typed, e.g. "row.badNumber".
  package var reason: String
  /// The column, or what else is wrong; never content.
  package var detail: String
  /// At least 1.
  package var count: Int64
  /// Where one of them stands, for people.
  package var place: String

  package init(source: String, reason: String, detail: String, count: Int64, place: String) {
    self.source = source
    self.reason = reason
    self.detail = detail
    self.count = count
    self.place = place
  }

  /// The most frequent first.
  package static func isMoreFrequent(_ left: RejectionCount, _ right: RejectionCount) -> Bool {
    (right.count, left.source, left.reason, left.detail) < (left.count, right.source, right.reason, right.detail)
  }
}

/// Counts rejected records of one run by reason and detail.
struct RejectionTally: Sendable, Equatable {
  private struct Group: Hashable {
    var reason: String
    var detail: String
  }

  private var groups: [Group: RejectionCount] = [:]

  mutating func add(_ rejections: [Outbox.Rejection], of source: String) {
    for rejection in rejections {
      let group = Group(reason: rejection.record.reason, detail: rejection.record.detail)
      // Details are column names as a rule; those that are numbers must not fill the memory.
      guard groups[group] != nil || groups.count < CaptureLimits.rejectionGroups else { continue }
      groups[
        group,
        default: RejectionCount(
          source: source, reason: group.reason, detail: group.detail, count: 0, place: rejection.record.place)
      ].count += 1
    }
  }

  var counts: [RejectionCount] { groups.values.sorted(by: RejectionCount.isMoreFrequent) }
}
