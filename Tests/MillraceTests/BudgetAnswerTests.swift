import Foundation
import SQLite
import TestSupport
import Testing

/// What budget commands answer to their options, as a program or a spreadsheet reads it.
@Suite("Answers about budgets", .temporaryFolder)
struct BudgetAnswerTests {
  private func business() throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 3, orders: 4_000, weblogLines: 12_000)
    return workspace
  }

  private func budget(_ workspace: TestWorkspace, _ words: [String], expecting status: Int32 = 0) throws
    -> ChildProcess.Result
  {
    let asOf = words.contains("--as-of") ? [] : ["--as-of", "2026-10-31"]
    let result = try ChildProcess.run(
      [Place.millrace, "budget"] + words + asOf + ["--workspace", workspace.folder], folder: workspace.scratch)
    #expect(result.status == status, "\(words): \(result.errors)")
    return result
  }

  private func answer(_ workspace: TestWorkspace, _ words: String...) throws -> [String: Any] {
    try workspace.json(budget(workspace, words + ["--format", "json"]).outputBytes)
  }

  private func plan(_ workspace: TestWorkspace, _ words: String...) throws -> [String: Any] {
    let question = ["plan", "--total", "300000", "--period", "2026-11", "--format", "json"]
    return try workspace.json(budget(workspace, question + words).outputBytes)
  }

  private func rows(_ answer: [String: Any]) throws -> [[String: Any]] {
    try #require(answer["rows"] as? [[String: Any]])
  }

  private func integer(_ value: Any?) throws -> Int { try #require(value as? Int) }

  private func sum(
    _ answer: [String: Any], _ column: String = "amount_minor", of members: ([String: Any]) -> Bool = { _ in true }
  ) throws -> Int { try rows(answer).filter(members).reduce(0) { try $0 + integer($1[column]) } }

  private func name(_ row: [String: Any]) -> String { "\(row["market"] ?? "")/\(row["channel"] ?? "")" }

  @Test("a plan obeys bounds, exploration, currency and day, and says the same in each form")
  func plans() throws {
    let workspace = try business()
    try workspace.catchUp()
    let free = try plan(workspace)
    #expect(
      Set(free.keys) == [
        "total_minor", "currency", "period", "rows", "subtotals", "expected_return_minor", "low_minor", "high_minor",
        "base_return_minor", "gap", "weeks", "caution", "notes",
      ])
    let columns: Set = [
      "market", "channel", "amount_minor", "return_minor", "base_return_minor", "expected_return_minor", "low_minor",
      "high_minor", "reason", "group", "current_minor", "naive_minor", "basis", "binding",
    ]
    #expect(try rows(free).allSatisfy { Set($0.keys) == columns })
    let subtotals = try #require(free["subtotals"] as? [[String: Any]])
    for subtotal in subtotals {
      let group = subtotal["group"] as? String
      #expect(try integer(subtotal["amount_minor"]) == sum(free) { $0["group"] as? String == group })
    }
    #expect(subtotals.map { $0["group"] as? String } == ["advertising", "marketing"])

    // Each kind of bound, against what the free plan does.
    let byAmount = try rows(free).sorted { try integer($0["amount_minor"]) > integer($1["amount_minor"]) }
    let (most, least) = (try #require(byAmount.first), try #require(byAmount.last))
    let bound = try plan(workspace, "--max", "\(name(most))=100", "--min", "\(name(least))=7000.50")
    for row in try rows(bound) {
      if name(row) == name(most) {
        #expect(try integer(row["amount_minor"]) <= 10_000 && row["binding"] as? String == "maximum")
      } else if name(row) == name(least) {
        #expect(try integer(row["amount_minor"]) >= 700_050 && row["binding"] as? String == "minimum")
      }
    }
    let market = try #require(least["market"] as? String)
    let channel = try #require(most["channel"] as? String)
    let (inMarket, inChannel) = (
      try sum(free) { $0["market"] as? String == market }, try sum(free) { $0["channel"] as? String == channel }
    )
    let raised = try plan(workspace, "--min", "\(market)=\((inMarket + 500_000) / 100)")
    #expect(try sum(raised) { $0["market"] as? String == market } >= (inMarket + 500_000) / 100 * 100)
    let lowered = try plan(workspace, "--max", "\(channel)=\(inChannel / 200)")
    #expect(try sum(lowered) { $0["channel"] as? String == channel } <= inChannel / 200 * 100)

    // All of the money explores: equal parts.
    let equal = try rows(plan(workspace, "--explore", "1")).map { try integer($0["amount_minor"]) }
    #expect((equal.max() ?? 0) - (equal.min() ?? 0) <= 1)
    let floor = try rows(plan(workspace, "--explore", "0", "--max-change", "none")).map {
      try integer($0["amount_minor"])
    }
    #expect((floor.min() ?? 1) < (try integer(least["amount_minor"])))

    // What is spent now, in another currency, at the newest rate.
    let foreign = try plan(workspace, "--currency", "EUR")
    let sales = try workspace.snapshot("sales")
    let rate = try #require(
      try sales.first(
        """
        SELECT rate_unscaled, rate_scale FROM exchange_rates WHERE currency = 'EUR' AND day <= 20757
        ORDER BY day DESC LIMIT 1
        """
      ) { Double($0.int64(0)) / pow(10, Double($0.int64(1))) })
    #expect(foreign["currency"] as? String == "EUR" && rate != 1)
    let converted = Double(try sum(free, "current_minor")) / rate
    #expect(abs(Double(try sum(foreign, "current_minor")) / converted - 1) < 0.001)

    let earlier = try plan(workspace, "--as-of", "2026-08-31")
    #expect(try integer(free["weeks"]) - integer(earlier["weeks"]) == 8)

    try sameInEachForm(workspace, free)
  }

  private func sameInEachForm(_ workspace: TestWorkspace, _ free: [String: Any]) throws {
    let words = ["plan", "--total", "300000", "--period", "2026-11"]
    let csv = try table(budget(workspace, words + ["--format", "csv"]).output)
    let json = try rows(free)
    #expect(csv.count == json.count)
    for (line, row) in zip(csv, json) {
      #expect(line["currency"] == "USD" && line["period"] == "2026-11")
      for (column, text) in line where column != "currency" && column != "period" {
        #expect(text == row[column].map { "\($0)" }, "\(column)")
      }
    }
    let text = try budget(workspace, words).output
    #expect(
      text.hasPrefix("Budget 2026-11 (2026-11-01 to 2026-11-30): 300,000.00 USD, from \(free["weeks"] ?? "") weeks"))
    for row in json { #expect(text.contains("\(row["market"] ?? "") \(row["channel"] ?? ""): \(row["reason"] ?? "")")) }
  }

  @Test(
    "a review sets each period's newest plan against that period's days alone, and keeps who asked and which warning stood"
  )
  func reviews() throws {
    let workspace = try business()
    try workspace.catchUp()
    let none = try budget(workspace, ["review"], expecting: 78)
    #expect(none.output.isEmpty && none.errors.contains("no plan was recorded yet"))
    let question = ["plan", "--period", "2026-10", "--as-of", "2026-09-30", "--record"]
    _ = try budget(workspace, question + ["--total", "1000"])
    try workspace.age("leads", byHours: 2)
    let refused = try budget(workspace, question + ["--total", "5000"], expecting: 78)
    #expect(refused.errors.contains("leads: data are"))
    _ = try budget(workspace, question + ["--total", "20000", "--by", "marketing", "--force"])
    try workspace.run("project", "--once")

    for (day, isOver) in [("2026-10-14", false), ("2026-10-31", true), ("2026-09-30", false)] {
      let review = try answer(workspace, "review", "--as-of", day)
      let plans = try #require(review["plans"] as? [[String: Any]])
      let plan = try #require(plans.first)
      #expect(plans.count == 1 && plan["total_minor"] as? Int == 2_000_000 && plan["by"] as? String == "marketing")
      #expect((plan["warning"] as? String ?? "").contains("leads: data are"))
      #expect(plan["from"] as? String == "2026-10-01" && plan["to"] as? String == "2026-10-31")
      #expect(plan["is_over"] as? Bool == isOver)
      #expect(try sum(review, "planned_minor") == 2_000_000)
      let spent = try integer(plan["spent_minor"])
      #expect(try sum(review, "spent_minor") == spent)
      #expect(try sum(review, "returned_minor") == integer(plan["returned_minor"]))
      guard day >= "2026-10-01" else {
        #expect(spent == 0 && plan["days_seen"] as? Int == 0)
        continue
      }
      #expect(plan["days_seen"] as? Int == Int(day.suffix(2)))
      // Every row of the sheets belongs to a campaign, so costs tell all that was spent in these days.
      let costs = try answer(workspace, "costs", "--from", "2026-10-01", "--to", day)
      #expect(try spent + integer(plan["other_spent_minor"]) == sum(costs, "spend_minor"))
      #expect(spent > 0)
      let verdicts = Set(try rows(review).compactMap { $0["verdict"] as? String })
      #expect(isOver ? !verdicts.contains("running") : verdicts == ["running"])
      for row in try rows(review) where isOver {
        let returned = try integer(row["returned_minor"])
        let expected =
          try returned < integer(row["low_minor"])
          ? "below" : returned > integer(row["high_minor"]) ? "above" : "inside"
        #expect(row["verdict"] as? String == expected)
      }
    }
  }

  @Test(
    "costs, attribution and back-test add up in themselves, and a spreadsheet runs nothing that a campaign is called")
  func figures() throws {
    let workspace = try business()
    let sheet = "\(workspace.folder)/sources/spend/extra.csv"
    try "day,market,channel,campaign,amount,currency\n2026-10-05,US,search,\"=HYPERLINK(\"\"x\"\"),y\",12.34,USD\n"
      .write(toFile: sheet, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -60)], ofItemAtPath: sheet)
    try workspace.catchUp()

    let costs = try answer(workspace, "costs", "--from", "2026-09-01")
    #expect(costs["from"] as? String == "2026-09-01" && costs["to"] as? String == "2026-10-31")
    let pairs = [
      ("cost_per_visitor_minor", "visitors"), ("cost_per_lead_minor", "leads"),
      ("cost_per_qualified_lead_minor", "qualified_leads"), ("cost_per_order_minor", "orders"),
    ]
    var priced = 0
    for row in try rows(costs) {
      for (cost, count) in pairs {
        let (spend, pieces) = (try integer(row["spend_minor"]), try integer(row[count]))
        guard spend > 0, pieces > 0 else {
          #expect(row[cost] is NSNull)
          continue
        }
        priced += 1
        #expect(try integer(row[cost]) == Int((Double(spend) / Double(pieces)).rounded()), "\(cost)")
      }
      #expect(try integer(row["qualified_leads"]) <= integer(row["leads"]))
    }
    #expect(priced > 5)
    let odd = try rows(costs).first { ($0["campaign"] as? String)?.hasPrefix("=") == true }
    #expect(odd?["spend_minor"] as? Int == 1_234 && odd?["visitors"] as? Int == 0)
    let csv = try budget(workspace, ["costs", "--from", "2026-09-01", "--format", "csv"])
    #expect(csv.output.contains("search,\"'=hyperlink(\"\"x\"\"),y\",1234,0,,"))
    #expect(csv.errors.contains("Campaigns from 2026-09-01 to 2026-10-31"))

    let attribution = try answer(workspace, "attribution", "--from", "2026-09-01")
    let models = try #require(attribution["models"] as? [[String: Any]])
    for row in try rows(attribution)
    where row["measure"] as? String == "revenue" && row["channel"] as? String != "(none)" {
      var credits: [Int] = []
      for model in models {
        let channels = try #require(model["channels"] as? [[String: Any]])
        let exact = try integer(
          channels.first { $0["channel"] as? String == row["channel"] as? String }?["revenue_minor"])
        credits.append(exact)
        let name = try #require(model["model"] as? String)
        let shown = try #require(row[name] as? Double)
        #expect(Int((shown * 100).rounded()) == exact)
      }
      let spread = try #require(row["spread"] as? Double)
      #expect(Int((spread * 100).rounded()) == (credits.max() ?? 0) - (credits.min() ?? 0))
    }

    let backTest = try answer(workspace, "backtest")
    let best = Double(try integer(backTest["best_return_minor"]))
    #expect(
      try rows(backTest).map { $0["division"] as? String ?? "" } == [
        "this planner", "equal parts", "share of visitors", "share of credited return", "as the weeks before",
      ])
    for row in try rows(backTest) {
      let regret = (1 - Double(try integer(row["incremental_return_minor"])) / best) * 100
      let shown = try #require(row["regret_percent"] as? Double)
      #expect(abs(shown - regret) < 0.06, "\(row)")
    }
  }

  @Test("an evaluation is of the companies, weeks and shares that were asked for")
  func evaluation() throws {
    func evaluate(weeks: Int = 8, _ words: String...) throws -> [String: Any] {
      let result = try ChildProcess.run(
        [Place.millrace, "budget", "evaluate", "--format", "json", "--seeds", "1001-1002", "--weeks", "\(weeks)"]
          + words,
        folder: TemporaryFolder.path)
      #expect(result.status == 0, "\(result.errors)")
      return try #require(try JSONSerialization.jsonObject(with: result.outputBytes) as? [String: Any])
    }
    let answer = try evaluate("--explore", "1", "--level", "0.8")
    #expect(
      answer["first_seed"] as? Int == 1_001 && answer["last_seed"] as? Int == 1_002 && answer["weeks"] as? Int == 8
        && answer["interval_level"] as? Double == 0.8)
    let overall = try #require(answer["overall"] as? [String: Any])
    #expect(overall["companies"] as? Int == 2)
    let ratio = try #require(overall["plan_ratio"] as? Double)
    // All of the money explores: the plan is equal parts.
    let equal = try #require(overall["equal_ratio"] as? Double)
    #expect(abs(ratio - equal) < 1e-4)
    let families = try #require(answer["families"] as? [String: [String: Any]])
    #expect(families.values.reduce(0) { $0 + ($1["companies"] as? Int ?? 0) } == 2)
    let usual = try evaluate()
    let plain = try #require(usual["overall"] as? [String: Any])
    #expect((plain["plan_ratio"] as? Double ?? 0) > ratio)
    let longer = try evaluate(weeks: 16)
    let informed = try #require(longer["overall"] as? [String: Any])
    #expect(informed["plan_ratio"] as? Double != plain["plan_ratio"] as? Double)
  }

  /// Rows by their columns' names.
  private func table(_ csv: String) throws -> [[String: String]] {
    var lines: [[String]] = [[]]
    var cell = ""
    var isQuoted = false
    for character in csv {
      switch character {
      case "\"":
        isQuoted.toggle()
        // A doubled quote closes and opens again.
        if isQuoted, cell.hasSuffix("\u{1}") { cell = cell.dropLast() + "\"" } else if !isQuoted { cell += "\u{1}" }
      case "," where !isQuoted, "\r\n" where !isQuoted:
        lines[lines.count - 1].append(cell.replacing("\u{1}", with: ""))
        cell = ""
        if character == "\r\n" { lines.append([]) }
      default: cell.append(character)
      }
    }
    let header = try #require(lines.first)
    return lines.dropFirst().filter { !$0.isEmpty }.map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }
}
