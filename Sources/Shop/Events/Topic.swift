/// Topics and who appears on them.
package enum Topic {
  /// Changes of orders and of order lines.
  package static let orders = "orders"
  /// Web requests.
  package static let weblog = "weblog"
  package static let leads = "leads"
  /// Products, companies, supplier prices, customers, stores, countries, exchange rates.
  package static let catalog = "catalog"
  package static let inventory = "inventory"
  package static let shipments = "shipments"
  /// What advertising cost per day, market, channel and campaign.
  package static let spend = "spend"
  /// Recommendations, erasures, fixes.
  package static let decisions = "decisions"

  package static let all = [orders, weblog, leads, catalog, inventory, shipments, spend, decisions]
}

/// Names of source systems.
package enum SourceName {
  package static let platform = "platform"
  package static let weblog = "weblog"
  package static let leads = "leads"
  /// Sheets of advertising spend.
  package static let spend = "spend"
  /// A person's or the planner's own decisions.
  package static let `operator` = "operator"

  package static let all = [platform, weblog, leads, spend, `operator`]
}
