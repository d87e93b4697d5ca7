internal import Reports
internal import SQLite

/// The words of the traffic mart.
enum TrafficMart {
  /// The mart's name.
  static let name = "traffic"

  /// The end of the newest session.
  static let newestEvent = NewestEvent(
    mart: name, millis: "SELECT max(end_millis) FROM sessions WHERE day = (SELECT max(day) FROM sessions)")

  /// Its days are those of UTC, so a report of it alone knows no zone.
  static let noZone = ReportRefusal(
    option: "timezone", cause: "web traffic is kept in UTC days",
    hint: "leave --timezone out; days in this report are UTC")
}

extension OpenMarts {
  /// The traffic mart. Throws when the report does not name it among its marts.
  var traffic: Database { get throws { try database(TrafficMart.name) } }
}
