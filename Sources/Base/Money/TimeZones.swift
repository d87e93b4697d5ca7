internal import Foundation

/// A time zone of the tz database, for reports that count days of another place than UTC. Not for hot paths: each call
/// asks Foundation.
package struct ReportZone: Sendable, Hashable {
  package let identifier: String
  private let zone: TimeZone

  /// Nil for a name that the system's tz database does not know.
  package init?(_ identifier: String) {
    guard let zone = TimeZone(identifier: identifier) else { return nil }
    self.identifier = identifier
    self.zone = zone
  }

  /// Seconds east of UTC at a moment, daylight saving included.
  package func offsetSeconds(at moment: Timestamp) -> Int {
    zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment.millis) / 1000))
  }

  /// The day that the zone's calendar shows at a moment.
  package func day(of moment: Timestamp) -> CivilDate {
    let (local, overflow) = moment.millis.addingReportingOverflow(Int64(offsetSeconds(at: moment)) * 1000)
    return overflow ? moment.day : Timestamp(millis: local).day
  }
}
