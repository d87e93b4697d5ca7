import Foundation
import FoundationXML
import SQLite
import TestSupport
import Testing

/// The whole road of a budget: from simulated systems to a recorded plan and its review.
@Suite("Budgets", .temporaryFolder)
struct BudgetTests {
  private func business() throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 3, orders: 4_000, weblogLines: 12_000)
    try workspace.catchUp()
    return workspace
  }

  private func plan(_ workspace: TestWorkspace, _ words: String..., expecting status: Int32 = 0) throws
    -> ChildProcess.Result
  {
    let all =
      ["budget", "plan", "--total", "300000.01", "--period", "2026-11", "--as-of", "2026-10-31"] + words
    let result = try ChildProcess.run(
      [Place.millrace] + all + ["--workspace", workspace.folder], folder: workspace.scratch)
    #expect(result.status == status, "\(all): \(result.errors)")
    return result
  }

  private func integer(_ value: Any?) -> Int { value as? Int ?? -1 }

  @Test("a plan adds up to the cent, is recorded once, and reviewed")
  func plannedRecordedReviewed() throws {
    let workspace = try business()
    let chart = "\(workspace.scratch)/plan.svg"
    let result = try plan(workspace, "--format", "json", "--chart", chart, "--max", "display=5000", "--record")
    let answer = try workspace.json(result.outputBytes)
    let rows = try #require(answer["rows"] as? [[String: Any]])
    #expect(integer(answer["total_minor"]) == 30_000_001 && answer["currency"] as? String == "USD")
    #expect(answer["period"] as? String == "2026-11" && answer["warning"] == nil)
    #expect(rows.count >= 4)
    #expect(rows.reduce(0) { $0 + integer($1["amount_minor"]) } == 30_000_001)
    #expect(
      rows.filter { $0["channel"] as? String == "display" }.reduce(0) { $0 + integer($1["amount_minor"]) } <= 500_000)
    for row in rows {
      #expect(integer(row["low_minor"]) <= integer(row["high_minor"]) && integer(row["expected_return_minor"]) >= 0)
      #expect((row["reason"] as? String ?? "").isEmpty == false)
    }
    let svg = try Data(contentsOf: URL(fileURLWithPath: chart))
    #expect(XMLParser(data: svg).parse())

    _ = try plan(workspace)
    try workspace.run("project", "--once")
    let review = try workspace.json(
      workspace.run("budget", "review", "--as-of", "2026-11-05", "--format", "json").outputBytes)
    let plans = try #require(review["plans"] as? [[String: Any]])
    #expect(plans.count == 1 && integer(plans[0]["total_minor"]) == 30_000_001)
    #expect(plans[0]["by"] as? String == "operator" && plans[0]["is_over"] as? Bool == false)
    let planned = try #require(review["rows"] as? [[String: Any]])
    #expect(planned.map { integer($0["planned_minor"]) } == rows.map { integer($0["amount_minor"]) })
    // The record changes neither the counts' balance nor anybody's health.
    try workspace.expectBalance(workspace.status())
    #expect(try workspace.status()["healthy"] as? Bool == true)
  }

  @Test("the mart holds what the sheets say, to the last unit")
  func spendSums() throws {
    let workspace = try business()
    try workspace.expectSpend(workspace.status())
  }

  @Test("credit of every rule adds up to all orders and all revenue")
  func attribution() throws {
    let workspace = try business()
    let answer = try workspace.json(
      workspace.run("budget", "attribution", "--as-of", "2026-10-31", "--format", "json").outputBytes)
    let models = try #require(answer["models"] as? [[String: Any]])
    #expect(models.count == 6)
    for model in models {
      let channels = try #require(model["channels"] as? [[String: Any]])
      let revenue = channels.reduce(0) { $0 + integer($1["revenue_minor"]) }
      #expect(revenue + integer(answer["unattributed_revenue_minor"]) == integer(answer["revenue_minor"]))
    }
  }

  @Test("without fresh marts there is no plan, and --force carries the warning into every form")
  func stale() throws {
    let workspace = try business()
    // Two hours pass for everybody who looks at the clock: the sources are told to have been read that long ago.
    for mart in ["sales", "traffic", "leads", "advertising"] {
      try workspace.age(mart, byHours: 2)
    }
    let refused = try plan(workspace, expecting: 78)
    #expect(
      refused.output.isEmpty && refused.errors.contains("traffic: data are") && refused.errors.contains("--force"))
    let json = try plan(workspace, "--force", "--format", "json")
    #expect((try workspace.json(json.outputBytes)["warning"] as? String ?? "").contains("traffic: data are"))
    let csv = try plan(workspace, "--force", "--format", "csv")
    #expect(csv.errors.hasPrefix("millrace: WARNING: ") && csv.output.hasPrefix("market,channel,"))
    let chart = "\(workspace.scratch)/forced.svg"
    let table = try plan(workspace, "--force", "--chart", chart)
    #expect(table.output.hasPrefix("WARNING: "))
    #expect(try String(contentsOfFile: chart, encoding: .utf8).contains("WARNING: "))
  }

  @Test("a period that is over gets no plan, not even by force")
  func over() throws {
    let workspace = try business()
    let refused = try ChildProcess.run(
      [
        Place.millrace, "budget", "plan", "--total", "100000", "--period", "2026-09", "--as-of", "2026-10-31",
        "--force",
        "--workspace", workspace.folder,
      ], folder: workspace.scratch)
    #expect(refused.status == 78 && refused.output.isEmpty)
    #expect(refused.errors.contains("2026-09 is over: its last day was 2026-09-30"))
    let ahead = try ChildProcess.run(
      [
        Place.millrace, "budget", "plan", "--total", "100000", "--period", "2036-09", "--as-of", "2026-10-31",
        "--force",
        "--workspace", workspace.folder,
      ], folder: TemporaryFolder.path)
    #expect(ahead.status == refused.status && ahead.errors.contains("more than a year ahead"), "\(ahead.errors)")
    let begun = try workspace.run(
      "budget", "plan", "--total", "300000", "--period", "2026-11", "--as-of", "2026-11-05", "--force")
    #expect(begun.output.contains("the period 2026-11 began on 2026-11-01"))
  }

  @Test("above each table stands what history cannot prove, and a total like no other carries a warning")
  func cautious() throws {
    let workspace = try business()
    let table = try plan(workspace).output
    let lines = table.split(separator: "\n", omittingEmptySubsequences: false)
    let caution = try #require(lines.firstIndex { $0.contains("cannot prove") })
    let header = try #require(lines.firstIndex { $0.hasPrefix("market") })
    #expect(caution < header && !table.contains("divided as now"))
    #expect(try plan(workspace, "--format", "csv").errors.contains("cannot prove"))
    let small = try ChildProcess.run(
      [
        Place.millrace, "budget", "plan", "--total", "1", "--period", "2026-11", "--as-of", "2026-10-31", "--format",
        "json", "--workspace", workspace.folder,
      ], folder: workspace.scratch)
    let warning = try workspace.json(small.outputBytes)["warning"] as? String
    #expect(small.status == 0 && warning?.contains("history supports totals from") == true)
  }

  @Test("a small company gets no plan, and is told what is missing")
  func thin() throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 5, orders: 40, weblogLines: 100)
    try workspace.catchUp()
    let refused = try plan(workspace, expecting: 78)
    #expect(refused.errors.contains("orders can be traced to a channel"))
  }

  @Test(
    "what a person can get wrong is said",
    arguments: [
      (["plan"], "needs a budget and a period"),
      (["plan", "--total", "1.001", "--period", "2026-11"], "no amount in USD"),
      (["plan", "--total", "100", "--period", "soon"], "--period takes a month"),
      (["plan", "--total", "100", "--period", "2026-11", "--min", "search"], "takes MARKET/CHANNEL=AMOUNT"),
      (["plan", "--total", "100", "--period", "2026-11", "--max-change", "30"], "--max-change takes a number from"),
      (["plam"], "did you mean plan?"),
    ])
  func mistakes(words: [String], message: String) throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    let result = try ChildProcess.run(
      [Place.millrace, "budget"] + words + ["--workspace", workspace.folder], folder: workspace.scratch)
    #expect(result.status == 2 && result.errors.contains(message), "\(result.errors)")
  }
}

extension TestWorkspace {
  /// Lets a mart look as if its sources had been read that much earlier. No process has it open.
  func age(_ mart: String, byHours hours: Int) throws {
    let database = try Database(generationFile(mart), .readWrite)
    try database.execute("UPDATE millrace_sources SET read_up_to = read_up_to - \(hours * 3_600_000)")
  }
}
