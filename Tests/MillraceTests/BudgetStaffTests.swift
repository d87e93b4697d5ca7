import Foundation
import SQLite
import TestSupport
import Testing

/// The site's own people are left out of budgets, told by what millrace.yaml says of them.
@Suite("Budgets leave out the staff", .temporaryFolder)
struct BudgetStaffTests {
  /// Goal: exactly the visitors from the networks that millrace.yaml names go, with what led to orders from there. Method: six
  /// visits by one campaign, from addresses inside and beside the blocks, two of them buyers'; the marts are never rebuilt.
  @Test("visits from the networks that are named vanish, and the credit of their orders; others stay")
  func networks() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let buyers = try buyers(workspace, 2)
    var lines = ""
    for (index, ip) in ["198.51.100.63", "198.51.100.64"].enumerated() {
      lines += landing(ip: ip, user: buyers[index].user, time: buyers[index].time)
    }
    for ip in ["2001:db8::5", "2001:db8::6", "198.51.100.0", "198.51.99.255"] {
      lines += landing(ip: ip, user: "-", time: buyers[0].time)
    }
    try workspace.appendToAccessLog(lines)
    try workspace.catchUp()
    #expect(try figures(workspace) == ["visitors": 6, "orders": 2])

    // In another form than the log's lines have them.
    try workspace.configure("site:\n  staff_networks: [198.51.100.0/26, \"2001:DB8:0::5\"]\n")
    #expect(try figures(workspace) == ["visitors": 3, "orders": 1])
    try workspace.configure("site:\n  staff_networks: [198.51.96.0/19, 2001:db8::/113]\n")
    #expect(try figures(workspace) == ["visitors": 0, "orders": 0])
    try workspace.configure("site:\n  staff_users: [\(buyers[1].user)]\n")
    #expect(try figures(workspace) == ["visitors": 5, "orders": 1])
    try workspace.configure("site:\n  staff_networks: [192.0.2.0/24]\n")
    #expect(try figures(workspace) == ["visitors": 6, "orders": 2])
  }

  /// Goal: log-ins are joined with the customers of the shop that the web log names, and staff are found by their names
  /// there. Method: the shop is called otherwise than in format 1; the log names it, then another one.
  @Test("a web log's users are those of the shop that it names, staff too", arguments: [true, false])
  func logins(named: Bool) throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let buyers = try buyers(workspace, 2)
    let lines = zip(["198.51.100.63", "198.51.100.64"], buyers).map { landing(ip: $0, user: $1.user, time: $1.time) }
    try workspace.appendToAccessLog(lines.joined())
    let list = """
      sources:
        - {name: stores, kind: sqlite, path: sources/platform.sqlite}
        - {name: weblog, kind: weblog, path: sources/weblogs/access.log\(named ? ", logins: stores" : "")}
        - {name: leads, kind: leads, folder: sources/leads}
        - {name: spend, kind: spend, folder: sources/spend}

      """
    try workspace.configure(list)
    try workspace.catchUp()
    #expect(try figures(workspace) == ["visitors": 2, "orders": named ? 2 : 0])
    try workspace.configure(list + "site:\n  staff_users: [\(buyers[1].user)]\n")
    #expect(try figures(workspace) == ["visitors": 1, "orders": named ? 1 : 0])
  }

  private struct Buyer {
    var user: String
    /// Ten minutes before the only order.
    var time: String
  }

  /// Customers who bought once, in the way that counts.
  private func buyers(_ workspace: TestWorkspace, _ count: Int) throws -> [Buyer] {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let platform = try Database(workspace.platformFile, .readOnly)
    let found = try platform.rows(
      """
      SELECT c.username, strftime('%Y-%m-%d-%H:%M:%S', o.created_at, '-10 minutes') FROM orders o
      JOIN customers c ON c.id = o.customer_id
      WHERE o.order_type = 'sale' AND o.status = 'completed' AND o.currency = 'USD' AND o.order_date > '2026-01-01'
        AND (SELECT count(*) FROM orders p WHERE p.customer_id = o.customer_id) = 1
        AND (SELECT count(*) FROM customers d WHERE d.username = c.username) = 1
      ORDER BY o.id LIMIT ?1
      """, [.integer(Int64(count))]
    ) { row in
      let parts = row.text(1).split(separator: "-")
      let month = months[(Int(parts[1]) ?? 1) - 1]
      return Buyer(user: row.text(0), time: "\(parts[2])/\(month)/\(parts[0]):\(parts[3]) +0000")
    }
    try #require(found.count == count)
    return found
  }

  private func landing(ip: String, user: String, time: String) -> String {
    TestWorkspace.line(
      ip: ip, user: user, time: time, target: "/?utm_source=google&utm_medium=cpc&utm_campaign=office")
  }

  private func figures(_ workspace: TestWorkspace) throws -> [String: Int] {
    let answer = try workspace.json(
      workspace.run(
        "budget", "costs", "--from", "2026-01-01", "--to", "2026-10-31", "--as-of", "2026-10-31", "--format", "json"
      ).outputBytes)
    let row = try #require(answer["rows"] as? [[String: Any]]).first { $0["campaign"] as? String == "office" }
    return ["visitors", "orders"].reduce(into: [:]) { $0[$1] = row?[$1] as? Int ?? 0 }
  }
}
