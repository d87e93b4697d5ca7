internal import Reports

/// What the shop's reports need to know their answers.
extension ReportNeed {
  /// Any request at all.
  static let requests = ReportNeed(
    mart: TrafficMart.name, exists: "SELECT EXISTS (SELECT 1 FROM sessions)",
    words: "no request of the web site was read",
    remedy: "list the web server's log in millrace.yaml (kind weblog), then `millrace capture` and `millrace project`",
    days: "SELECT min(day), max(day) FROM sessions")

  /// Requests whose country is known.
  static let countries = ReportNeed(
    mart: TrafficMart.name, exists: "SELECT EXISTS (SELECT 1 FROM sessions WHERE country <> '')",
    words: "no request has a country", among: ("SELECT sum(requests) FROM status_days", "requests were looked at"),
    remedy:
      "name a database of countries in millrace.yaml (data: countries:); it counts for what is captured from then on")

  /// Requests under a user's name. `instead`: what can be known without, as a command.
  static func users(instead: String) -> ReportNeed {
    ReportNeed(
      mart: TrafficMart.name, exists: "SELECT EXISTS (SELECT 1 FROM user_days)",
      words: "no request carries a user name",
      among: ("SELECT sum(requests) FROM status_days", "requests were looked at"),
      remedy:
        "let the web server write the user into its log (%u, the third field); without names there is `\(instead)`",
      days: "SELECT min(day), max(day) FROM user_days")
  }

  /// Users who act for a company.
  static func clients(instead: String) -> ReportNeed {
    ReportNeed(
      mart: SalesMart.name,
      exists: """
        SELECT EXISTS (SELECT 1 FROM customers WHERE company IS NOT NULL AND user IS NOT NULL)
          OR EXISTS (SELECT 1 FROM companies WHERE login IS NOT NULL)
        """,
      words: "no company is known to have a user",
      among: ("SELECT count(*) FROM customers", "customers were looked at"),
      remedy: "capture a database whose customers or companies have user names; without them there is `\(instead)`")
  }

  /// Any order at all.
  static let orders = ReportNeed(
    mart: SalesMart.name, exists: "SELECT EXISTS (SELECT 1 FROM orders)", words: "no order was read",
    remedy: "list the shop's database in millrace.yaml (kind sqlite), then `millrace capture` and `millrace project`",
    days: "SELECT min(order_day), max(order_day) FROM orders")

  /// Customers whose country is known.
  static let profiles = ReportNeed(
    mart: SalesMart.name, exists: "SELECT EXISTS (SELECT 1 FROM customers WHERE country <> '')",
    words: "no customer has a country", among: ("SELECT count(*) FROM customers", "customers were looked at"),
    remedy: "capture a database whose customers have one")

  /// Any lead at all.
  static let leads = ReportNeed(
    mart: LeadsMart.name, exists: "SELECT EXISTS (SELECT 1 FROM leads)", words: "no lead was read",
    remedy: "put a lead sheet into the folder of a source of kind leads, then `millrace capture` and `millrace project`"
  )

  /// Any return at all.
  static let returns = ReportNeed(
    mart: "returns", exists: "SELECT EXISTS (SELECT 1 FROM returns)",
    words: "no return was ever read: nothing came back, or the database has no table of returns",
    remedy: "docs/operations.md says how that table has to look",
    days: "SELECT min(returned_at) / 86400000, max(returned_at) / 86400000 FROM returns")
}
