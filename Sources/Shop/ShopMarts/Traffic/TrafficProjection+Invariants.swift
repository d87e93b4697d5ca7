package import Marts

/// What holds in the tables of web traffic, whatever events they were made of.
extension TrafficProjection {
  package static var invariants: [MartInvariant] {
    [
      MartInvariant(
        "traffic.requests", "sessions and answers count the same requests",
        violations: """
          SELECT abs((SELECT coalesce(sum(requests), 0) FROM sessions)
            - (SELECT coalesce(sum(requests), 0) FROM status_days))
          """),
      MartInvariant(
        "traffic.numbers", "every number of a visitor, client, user or device has its row",
        violations: """
          SELECT (SELECT count(*) FROM sessions WHERE visitor_id NOT IN (SELECT visitor_id FROM visitors))
            + (SELECT count(*) FROM visitors WHERE client_id NOT IN (SELECT client_id FROM clients)
                OR device_id NOT IN (SELECT device_id FROM devices))
            + (SELECT count(*) FROM user_days WHERE user_id NOT IN (SELECT user_id FROM users)
                OR device_id NOT IN (SELECT device_id FROM devices))
          """),
      MartInvariant(
        "traffic.sessions", "a session ends after it began, on its day, and holds a request",
        violations: """
          SELECT count(*) FROM sessions WHERE end_millis < start_millis OR requests < 1
            OR start_millis / 86400000 <> day OR end_millis / 86400000 <> day
          """),
    ]
  }
}
