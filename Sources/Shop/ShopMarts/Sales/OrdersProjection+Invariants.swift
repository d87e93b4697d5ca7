package import Marts

/// What holds in the tables of orders and of the ledger, whatever events they were made of.
extension OrdersProjection {
  package static var invariants: [MartInvariant] {
    let gross = LedgerKind.gross.rawValue
    let cancelled = LedgerKind.cancelled.rawValue
    let returned = LedgerKind.returned.rawValue
    return [
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
            - (SELECT coalesce(sum(orders), 0) FROM ledger_days WHERE kind = \(gross)))
          """),
      MartInvariant(
        "ledger.closed", "every cancelled or returned order is booked once as such",
        violations: """
          SELECT abs((SELECT count(*) FROM orders WHERE status = \(SalesMart.cancelled))
              - (SELECT coalesce(sum(orders), 0) FROM ledger_days WHERE kind = \(cancelled)))
            + abs((SELECT count(*) FROM orders WHERE status = \(SalesMart.returned))
              - (SELECT coalesce(sum(orders), 0) FROM ledger_days WHERE kind = \(returned)))
          """),
      MartInvariant(
        "orders.tombstones", "what was deleted is not there",
        violations: """
          SELECT (SELECT count(*) FROM order_tombstones t JOIN orders o ON o.order_id = t.number WHERE t.entity = 1)
            + (SELECT count(*) FROM order_tombstones t JOIN order_lines l ON l.line_id = t.number WHERE t.entity = 2)
          """),
    ]
  }
}
