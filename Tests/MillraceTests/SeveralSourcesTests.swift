import Foundation
import SQLite
import TestSupport
import Testing

/// Two shops and two web logs in one workspace, through the real executable.
@Suite("Several sources of a kind", .temporaryFolder)
struct SeveralSourcesTests {
  private static let list = """
    sources:
      - {name: platform, kind: sqlite, path: sources/platform.sqlite}
      - {name: stores, kind: sqlite, path: sources/stores.sqlite}
      - {name: weblog, kind: weblog, path: sources/weblogs/access.log}
      - {name: stores-web, kind: weblog, path: sources/stores-web/access.log, logins: stores}

    """

  /// A simulated shop and its web log; the second ones are other files with the same rows.
  private func business() throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let files = FileManager.default
    try files.copyItem(atPath: workspace.platformFile, toPath: stores(workspace))
    try files.createDirectory(atPath: "\(workspace.folder)/sources/stores-web", withIntermediateDirectories: true)
    try TestWorkspace.line(user: "ana").write(
      toFile: storesLog(workspace), atomically: true, encoding: .utf8)
    try workspace.configure(Self.list)
    return workspace
  }

  private func stores(_ workspace: TestWorkspace) -> String { "\(workspace.folder)/sources/stores.sqlite" }
  private func storesLog(_ workspace: TestWorkspace) -> String { "\(workspace.folder)/sources/stores-web/access.log" }

  private func records(_ workspace: TestWorkspace) throws -> [String: Int] {
    let sources = try #require(try workspace.status()["sources"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: sources.map { ($0["name"] as? String ?? "", $0["records"] as? Int ?? -1) })
  }

  @Test("each is captured under its own name, status shows each, and ages wait for all of a kind")
  func captured() throws {
    let workspace = try business()
    let capture = try workspace.run("capture", "--once").output
    for name in ["platform ", "stores ", "weblog ", "stores-web 1"] { #expect(capture.contains(name), "\(capture)") }
    let found = try records(workspace)
    #expect(Set(found.keys) == ["platform", "stores", "weblog", "stores-web"])
    #expect(found["platform"] == found["stores"] && (found["stores"] ?? 0) > 60)
    try workspace.run("project", "--once")
    let text = try workspace.answer(["status"]).output
    for name in found.keys { #expect(text.contains("\n\(name) "), "\(text)") }
    #expect(!text.contains("has not said yet"), "\(text)")

    // A third shop, which nobody has read yet: figures of the marts that it writes to are of no known age.
    try workspace.configure(Self.list + "  - {name: kiosk, kind: sqlite, path: sources/kiosk.sqlite}\n")
    let reasons = try #require(try workspace.status()["reasons"] as? [String])
    #expect(reasons.contains { $0.contains("sales: source kiosk has not said yet") }, "\(reasons)")
    #expect(!reasons.contains { $0.hasPrefix("traffic: ") }, "\(reasons)")
    #expect(try records(workspace)["kiosk"] == 0)
    let lineage = try workspace.run("runs", "--format", "openlineage", "--job", "capture").output
    #expect(lineage.contains("source.kiosk") && lineage.contains("source.stores-web"))

    let removed = try workspace.answer(["capture", "--uninstall"])
    #expect(removed.output.contains("sources/platform.sqlite") || removed.errors.contains("kiosk"), "\(removed)")
  }

  /// Goal: nothing of two shops is mixed or counted twice. Method: the second shop is a copy of the first, with the same numbers
  /// of orders, lines, customers and products; so all sums are doubled. Its best customer is a British company, which has a
  /// number of its own country.
  @Test("figures of two shops that number everything alike add up, and each has its country's tax numbers")
  func figures() throws {
    let workspace = try business()
    let shop = try Database(stores(workspace), .readWrite)
    let best = try #require(
      try shop.first(
        "SELECT company_cuit FROM orders WHERE company_cuit IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
      ) { $0.text(0) })
    let number = try #require(
      try shop.first("SELECT cuit FROM companies WHERE replace(cuit, '-', '') = replace(?1, '-', '')", [.text(best)]) {
        $0.text(0)
      })
    try shop.run("UPDATE orders SET company_cuit = '980 7806 84' WHERE company_cuit = ?1", [.text(best)])
    try shop.run("UPDATE companies SET cuit = 'GB980780684' WHERE cuit = ?1", [.text(number)])
    func figures(_ list: String) throws -> (months: [[String: Any]], companies: [[String: Any]], products: Int) {
      try? FileManager.default.removeItem(atPath: "\(workspace.folder)/marts")
      try workspace.configure(list)
      try workspace.run("capture", "--once")
      try workspace.run("project", "--once")
      func rows(_ report: String) throws -> [[String: Any]] {
        let text = try workspace.run("report", report, "--from", "2020-01-01", "--format", "json").output
        let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        return try #require(object?["rows"] as? [[String: Any]])
      }
      return (
        try rows("monthly-sales").filter { $0["orders"] as? Int != 0 }, try rows("company-sales"),
        try rows("product-sales").count
      )
    }
    let one = try figures(
      Self.list.split(separator: "\n").filter { !$0.contains("name: stores") }.joined(separator: "\n") + "\n")
    let two = try figures(
      Self.list.replacing("path: sources/stores.sqlite", with: "path: sources/stores.sqlite, tax_numbers: gb-vat"))
    #expect(one.months.count == two.months.count && !one.months.isEmpty)
    for (before, after) in zip(one.months, two.months) {
      for column in ["orders", "units", "gross_minor", "net_minor"] {
        #expect(after[column] as? Int == (before[column] as? Int ?? 0) * 2, "\(column) of \(before["month"] ?? "")")
      }
    }
    #expect(two.products == one.products * 2)
    #expect(two.companies.contains { $0["company"] as? String == "gb-vat:980780684" })
    #expect(!one.companies.contains { ($0["company"] as? String ?? "").hasPrefix("gb-vat") })
  }

  @Test("while one shop is locked, the other shop and both web logs go on under millrace run")
  func locked() throws {
    let workspace = try business()
    try workspace.catchUp()
    let before = try records(workspace)
    let shop = try Database(workspace.platformFile, .readWrite)
    try shop.execute("PRAGMA journal_mode=delete; BEGIN EXCLUSIVE")
    let process = try workspace.start("run")
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    try Database(stores(workspace), .readWrite).execute(
      "INSERT INTO stores VALUES(901, 'Reno', 'NV'), (902, 'Reno', 'NV'), (903, 'Reno', 'NV')")
    try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.7"))
    let reason = "platform: \(workspace.platformFile) is locked by another program"
    try eventually("the lock is told of") {
      try (workspace.status()["reasons"] as? [String] ?? []).contains { $0.hasPrefix(reason) }
    }
    try eventually("the others' changes are in") {
      let now = try records(workspace)
      return now["stores"] ?? 0 >= (before["stores"] ?? 0) + 3 && now["weblog"] ?? 0 > before["weblog"] ?? 0
    }
    #expect(try records(workspace)["platform"] == before["platform"])
    let troubles = try #require(try workspace.status()["sources"] as? [[String: Any]])
      .filter { $0["trouble"] is String }.compactMap { $0["name"] as? String }
    #expect(troubles == ["platform"])
    try shop.execute("COMMIT")
    try eventually("and the shop is read again") {
      try !(workspace.status()["reasons"] as? [String] ?? []).contains { $0.hasPrefix(reason) }
    }
    process.signal(SIGTERM)
    #expect(process.wait().status == 0)
  }

  @Test("a renamed source is refused by capture and run, and nothing is captured; both remedies work")
  func renamed() throws {
    let workspace = try business()
    try workspace.run("capture", "--once")
    let before = try records(workspace)
    try workspace.configure(
      Self.list.replacing("name: stores,", with: "name: branch,").replacing("logins: stores", with: "logins: branch"))
    for command in [["capture", "--once"], ["run"]] {
      let refused = try workspace.answer(command)
      #expect(refused.status == 66, "\(refused.errors)")
      for words in [
        "'branch'", "no longer 'stores'", "call it 'stores' again", "{name: stores, kind: sqlite, path: null}",
      ] {
        #expect(refused.errors.contains(words), "\(refused.errors)")
      }
    }
    try workspace.configure(Self.list)
    try workspace.run("capture", "--once")
    #expect(try records(workspace).keys == before.keys)

    try FileManager.default.copyItem(atPath: stores(workspace), toPath: "\(workspace.folder)/sources/branch.sqlite")
    try workspace.configure(
      Self.list.replacing("sources/stores.sqlite", with: "null")
        + "  - {name: branch, kind: sqlite, path: sources/branch.sqlite}\n")
    #expect(try workspace.run("capture", "--once").output.contains("branch "))
  }

  @Test("two names for one file are refused, whatever their paths say")
  func samePlace() throws {
    let workspace = try business()
    try FileManager.default.createSymbolicLink(
      atPath: "\(workspace.folder)/sources/link.sqlite", withDestinationPath: stores(workspace))
    try workspace.configure(Self.list + "  - {name: other, kind: sqlite, path: sources/link.sqlite}\n")
    let refused = try workspace.run("capture", "--once", expecting: 66)
    #expect(refused.errors.contains("'stores' and 'other'") && refused.errors.contains("the same place"))
  }
}
