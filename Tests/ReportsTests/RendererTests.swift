import Entity
import Events
import Foundation
import Money
import Reports
import ShopMarts
import TestSupport
import Testing

@Suite("Renderers", .temporaryFolder)
struct RendererTests {
  private func report() throws -> Report {
    let workspace = try Workspace()
    try workspace.company(.open("30111111111"), .open("=cmd|' /C calc'!A0"))
    try workspace.company(.open("30222222222"), .open("Evil\u{1b}[2J\u{202e}\u{200b}, \"Inc\""))
    try workspace.order(1, "2026-10-01", company: .open("30111111111"), customer: 1, lines: [(1, 1_000, "1234.56")])
    try workspace.order(2, "2026-10-01", "JPY", company: .open("30222222222"), customer: 1, lines: [(1, 1, "1500")])
    try workspace.flush(readUpTo: Timestamp("2026-11-01T00:00:00Z")?.millis ?? 0)
    return try workspace.report(ReportRequest(.companySales, asOf: date("2026-10-31")))
  }

  @Test("a table is aligned, money has its currency's decimals, and hostile names cannot move the cursor")
  func table() throws {
    #expect(
      TableRenderer.text(of: try report())
        == """
        company-sales, 2025-11-01 to 2026-10-31
        data are 10 s old; newest event 2026-10-01T00:00:00Z; 0 events in quarantine

        rank  company      company_name                          currency  orders  units       revenue  customers
        ----  -----------  ------------------------------------  --------  ------  -----  ------------  ---------
           1  30111111111  =cmd|' /C calc'!A0                    USD            1  1,000  1,234,560.00          1
           2  30222222222  Evil\\u{1b}[2J\\u{202e}\\u{200b}, "Inc"  JPY            1      1         1,500          1

        Position: sales catalog/0@6, sales orders/0@6

        """)
  }

  @Test("CSV neutralises formulas, keeps integers exact, and quotes what needs it")
  func csv() throws {
    #expect(
      String(decoding: CSVRenderer.bytes(of: try report()), as: UTF8.self)
        == "rank,company,company_name,currency,orders,units,revenue_minor,customers\r\n"
        + "1,30111111111,\"'=cmd|' /C calc'!A0\",USD,1,1000,123456000,1\r\n"
        + "2,30222222222,\"Evil\u{1b}[2J\u{202e}\u{200b}, \"\"Inc\"\"\",JPY,1,1,1500,1\r\n")
  }

  @Test("JSON has fixed keys in a fixed order, and another reader understands it")
  func json() throws {
    let text = JSONRenderer.text(of: try report())
    #expect(
      text == """
        {
          "report": "company-sales",
          "as_of": "2026-10-31T23:59:59Z",
          "window": {"from": "2025-11-01", "to": "2026-10-31"},
          "age_seconds": 10,
          "stale": false,
          "newest_event": "2026-10-01T00:00:00.000Z",
          "positions": [
            {"mart": "sales", "topic": "catalog", "partition": 0, "next_offset": 6},
            {"mart": "sales", "topic": "orders", "partition": 0, "next_offset": 6}
          ],
          "quarantined": 0,
          "notes": [],
          "rows": [
            {"rank": 1, "company": "30111111111", "company_name": "=cmd|' /C calc'!A0", "currency": "USD", "orders": 1, \
        "units": 1000, "revenue_minor": 123456000, "customers": 1},
            {"rank": 2, "company": "30222222222", "company_name": "Evil\\u001b[2J\\u202e\\u200b, \\"Inc\\"", \
        "currency": "JPY", "orders": 1, "units": 1, "revenue_minor": 1500, "customers": 1}
          ]
        }

        """)
    let object = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let rows = try #require(object["rows"] as? [[String: Any]])
    #expect(rows[1]["company_name"] as? String == "Evil\u{1b}[2J\u{202e}\u{200b}, \"Inc\"")
  }

  @Test("an empty table says so")
  func empty() throws {
    let workspace = try Workspace()
    try workspace.flush()
    let text = TableRenderer.text(of: try workspace.report(ReportRequest(.leads, asOf: date("2026-10-31"))))
    #expect(text.contains("(no rows)"))
    #expect(text.contains("STALE"))
  }
}
