import Entity
import Events
import Marts
import Money
import Projections
import Reports
import SQLite
import ShopMarts
import TestSupport
import Testing

/// Reports on marts of two systems that have rows of the same keys.
@Suite("Reports of two systems", .temporaryFolder)
struct TwoSystemsReportTests {
  private let asOf = date("2026-10-31")
  private static let acme = "30111111111"

  /// Order 385, customer 7, product 5, the company ACME and the rate of a day in both; each system calls them its own way.
  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    for (system, price) in [("web", "3.00"), ("stores", "10.00")] {
      workspace.system = system
      try workspace.order(
        385, "2026-10-02", "EUR", company: .open(Self.acme), customer: 7, lines: [(5, 2, price), (6, 1, "1.00")])
      try workspace.product(5, "Phone of \(system)", supplier: .open(Self.acme))
      try workspace.customer(7, user: system == "web" ? 1 : 2, country: system == "web" ? "US" : "CA", email: 3)
      try workspace.company(.open(Self.acme), .open("ACME of \(system)"))
      try workspace.rate("2026-10-02", "EUR", system == "web" ? "9" : "2")
    }
    try workspace.request("2026-10-05T10:00:00Z", user: 1, country: "US", signIn: true)
    try workspace.request("2026-10-05T10:00:00Z", ip: 2, user: 2, country: "CA", signIn: true)
    try workspace.flush()
    return workspace
  }

  /// Goal: figures of two systems add up, and nothing is doubled or merged. Method: worked out by hand: 2 × 3 + 1 = 7 and
  /// 2 × 10 + 1 = 21 euros, at the rate of the first system by name, 2.
  @Test("orders, customers and products of one key stay two, and the company of one tax number is one")
  func figures() throws {
    let workspace = try workspace()
    let monthly = try workspace.report(ReportRequest(.monthlySales, asOf: asOf))
    #expect(shown(monthly.table).last == "2026-10 EUR 2 6 2800 0 0 2800")
    #expect(shown(monthly.extras[0]).last == "2026-10 USD 2 6 5600 0 0 5600 0")
    #expect(
      try workspace.rows(ReportRequest(.companySales, asOf: asOf))
        == ["1 \(Self.acme) ACME of stores EUR 2 6 2800 2"])
    #expect(
      try workspace.rows(ReportRequest(.productSales, asOf: asOf)) == [
        "Phones stores/5 Phone of stores 2026-Q4 EUR 2 2000 0 0 2000",
        "Phones web/5 Phone of web 2026-Q4 EUR 2 600 0 0 600",
        "unknown stores/6 unknown 2026-Q4 EUR 1 100 0 0 100", "unknown web/6 unknown 2026-Q4 EUR 1 100 0 0 100",
      ])
    #expect(
      try workspace.rows(ReportRequest(.supplierSales, asOf: asOf)) == [
        "1 \(Self.acme) ACME of stores EUR 2 4 2600 300 1000", "2 unknown unknown EUR 2 2 200 100 100",
      ])
    #expect(
      try workspace.rows(ReportRequest(.popularProducts, asOf: asOf)) == [
        "CA 1 1 1 stores/5 Phone of stores 2 4000 USD", "CA 1 1 2 stores/6 unknown 1 200 USD",
        "US 2 1 1 web/5 Phone of web 2 1200 USD", "US 2 1 2 web/6 unknown 1 200 USD",
      ])
  }

  @Test("views have a row for each row of each system, with the company that the order's own system names")
  func views() throws {
    let workspace = try workspace()
    let sales = try MartReader(MartDirectory(marts: workspace.folder, name: "sales")).database
    func rows(_ sql: String) throws -> [String] {
      try sales.rows(sql) { row in (0..<row.columnCount).map { row.text($0) }.joined(separator: " ") }
    }
    #expect(
      try rows("SELECT system, order_id, customer_id, company_name, amount FROM order_details ORDER BY 1")
        == ["stores 385 7 ACME of stores 21.00", "web 385 7 ACME of web 7.00"])
    #expect(try rows("SELECT count(*), sum(quantity) FROM order_line_details") == ["4 6"])
    #expect(
      try rows("SELECT system, product_id, supplier_name FROM product_list ORDER BY 1")
        == ["stores 5 ACME of stores", "web 5 ACME of web"])
    #expect(try rows("SELECT system, customer_id FROM customer_list ORDER BY 1") == ["stores 7", "web 7"])
    #expect(try rows("SELECT date, currency, rate FROM exchange_rate_list") == ["2026-10-02 EUR 2"])
    #expect(try rows("SELECT * FROM parked_rates").isEmpty)
    #expect(try rows("SELECT system, product_id FROM parked_lines ORDER BY 1") == ["stores 6", "web 6"])
  }

  /// Goal: rows of equal rank are ordered by what they are. Method: products that sold as well as one another, in marts that met
  /// the systems in different orders; keys of the one system are texts.
  @Test("ties go by system and key, whatever came first")
  func ties() throws {
    let expected = [
      "unknown stores/2 unknown 2026-Q4 EUR 1 100 0 0 100", "unknown stores/10 unknown 2026-Q4 EUR 1 100 0 0 100",
      "unknown web/2 unknown 2026-Q4 EUR 1 100 0 0 100", "unknown web/10 unknown 2026-Q4 EUR 1 100 0 0 100",
    ]
    for systems in [["stores", "web"], ["web", "stores"]] {
      let workspace = try Workspace(folder: systems.joined())
      for system in systems {
        workspace.system = system
        try workspace.order(1, "2026-10-02", "EUR", lines: [(10, 1, "1.00"), (2, 1, "1.00")])
        try workspace.flush()
      }
      #expect(try workspace.rows(ReportRequest(.productSales, asOf: asOf)) == expected)
    }
  }
}
