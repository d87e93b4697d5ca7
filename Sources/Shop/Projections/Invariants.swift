package import Marts

/// What holds in the real projections' tables whatever events they were made of.
extension OrdersProjection {
  package static var invariants: [MartInvariant] {
    [
      MartInvariant(
        "orders.sums", "an order's lines and units are those of its known lines",
        violations: """
          SELECT count(*) FROM orders o LEFT JOIN
            (SELECT order_id, count(*) AS lines, sum(quantity) AS units FROM order_lines GROUP BY order_id) l
            USING (order_id)
          WHERE o.lines <> coalesce(l.lines, 0) OR o.units <> coalesce(l.units, 0)
          """),
      MartInvariant(
        "ledger.gross", "every order is booked once as gross",
        violations: """
          SELECT abs((SELECT count(*) FROM orders)
            - (SELECT coalesce(sum(orders), 0) FROM ledger_days WHERE kind = 1))
          """),
      MartInvariant(
        "ledger.closed", "every cancelled or returned order is booked once as such",
        violations: """
          SELECT abs((SELECT count(*) FROM orders WHERE status = 3)
              - (SELECT coalesce(sum(orders), 0) FROM ledger_days WHERE kind = 2))
            + abs((SELECT count(*) FROM orders WHERE status = 4)
              - (SELECT coalesce(sum(orders), 0) FROM ledger_days WHERE kind = 3))
          """),
      MartInvariant(
        "orders.tombstones", "what was deleted is not there",
        violations: """
          SELECT (SELECT count(*) FROM order_tombstones t JOIN orders o ON o.order_id = t.id WHERE t.entity = 1)
            + (SELECT count(*) FROM order_tombstones t JOIN order_lines l ON l.line_id = t.id WHERE t.entity = 2)
          """),
    ]
  }
}

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

extension LeadsProjection {
  package static var invariants: [MartInvariant] {
    [
      MartInvariant(
        "leads.tombstones", "what was deleted is not there",
        violations: "SELECT count(*) FROM lead_tombstones t JOIN leads l ON l.lead_id = t.id WHERE t.entity = 'lead'")
    ]
  }
}
