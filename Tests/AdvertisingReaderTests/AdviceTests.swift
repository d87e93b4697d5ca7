import Advertising
import Enrichment
import Entity
import Events
import Foundation
import FoundationXML
import Money
import TestSupport
import Testing

@Suite("Advice", .temporaryFolder)
struct AdviceTests {
  /// Twelve weeks of two markets and two channels, with more orders where more is spent.
  private func history() throws -> AdvertisingHistory {
    let marts = try MartsUnderTest()
    var order: Int64 = 0
    var ip: UInt64 = 0
    for week in 0..<12 {
      let monday = date("2026-08-03").adding(days: week * 7)
      for (market, channel, name, level) in [
        ("US", MarketingChannel.search, "search", 4), ("US", .social, "social", 2), ("CA", .search, "search", 2),
        ("CA", .social, "social", 1),
      ] as [(String, MarketingChannel, String, Int)] {
        let spent = level * (2 + week % 3)
        try marts.spend(monday.adding(days: 6).text, Int64(spent) * 10_000, market: market, channel: name)
        for _ in 0..<(1 + spent / 2) {
          ip += 1
          order += 1
          let user = ip + 1_000
          try marts.customer(order, user: user)
          try marts.visit(
            "\(monday.adding(days: 1).text)T10:00:00Z", ip: ip, user: user, country: market, channel: channel)
          try marts.order(order, "\(monday.adding(days: 2).text)T10:00:00Z", customer: order, price: "250.00")
        }
      }
      try marts.visit("\(monday.adding(days: 6).text)T10:00:00Z", ip: 999_999, country: "US")
    }
    return try marts.read("2026-10-25")
  }

  private func question(_ total: Int64, _ bounds: [BudgetQuestion.Bound] = []) throws -> BudgetQuestion {
    BudgetQuestion(
      totalMinor: total, currency: .usd, period: try #require(BudgetPeriod("2026-11")), bounds: bounds)
  }

  private func bound(_ market: String?, _ channel: String?, _ amount: Int64, isMinimum: Bool) -> BudgetQuestion.Bound {
    BudgetQuestion.Bound(market: market, channel: channel, amountMinor: amount, isMinimum: isMinimum)
  }

  /// Goal: a channel that the two sides call by two names is no silent loss of either. Method: one with spend only, one
  /// with visits only, visits by words nobody knows, and channels that never cost anything.
  @Test("channels with spend and no visits, or the reverse, are named")
  func channelGaps() throws {
    let marts = try MartsUnderTest()
    try marts.spend("2026-10-20", 100, market: "US", channel: "search")
    try marts.spend("2026-10-20", 100, market: "US", channel: "display")
    let channels: [MarketingChannel?] = [.search, .affiliate, .direct, .email, nil]
    for (index, channel) in channels.enumerated() {
      try marts.visit("2026-10-21T10:00:00Z", ip: UInt64(index), channel: channel)
    }
    try marts.flush()
    let notes = try AdvertisingReader(marts: marts.folder).channelGaps()
    #expect(notes.count == 3)
    #expect(notes.first?.hasPrefix("display: spend, and no visit") == true && notes[1].hasPrefix("affiliate: visits"))
    #expect(notes.last?.hasPrefix("unknown: 1 visitors") == true)
    #expect(ChannelGaps.notes(spend: ["search": 1], visitors: ["search": 2, "referral": 9, "direct": 7]) == [])
    #expect(ChannelGaps.notes(spend: [:], visitors: ["affiliate": 2]) == [])
  }

  @Test("a plan notes such channels") func channelGapsOfPlan() throws {
    var gaps = try history()
    #expect(try BudgetAdvisor.advise(gaps, question(1_000)).notes.allSatisfy { !$0.contains("no visit that") })
    let social = gaps.rows.indices.filter { gaps.rows[$0].channel == "social" }
    for row in social { for week in 0..<gaps.weeks { gaps.cells[row * gaps.weeks + week].visitors = 0 } }
    let noted = try BudgetAdvisor.advise(gaps, question(1_000)).notes
    #expect(noted.contains { $0.hasPrefix("social: spend, and no visit") })
  }

  @Test("the parts add up to the cent, whatever the total", arguments: [1, 99, 100_003, 12_345_677])
  func exact(total: Int64) throws {
    let advice = try BudgetAdvisor.advise(history(), question(total))
    #expect(advice.rows.count == 4)
    #expect(advice.rows.reduce(0) { $0 + $1.amountMinor } == total)
    #expect(advice.subtotals.reduce(0) { $0 + $1.amountMinor } == total)
    #expect(advice.rows.allSatisfy { $0.lowMinor <= $0.highMinor && !$0.reason.isEmpty })
  }

  @Test("bounds on a row, a market and a channel hold, and the reason says which one binds")
  func bounds() throws {
    let advice = try BudgetAdvisor.advise(
      history(),
      question(
        1_000_000,
        [
          bound("US", "search", 50_000, isMinimum: false), bound("CA", nil, 600_000, isMinimum: true),
          bound(nil, "social", 300_000, isMinimum: false),
        ]))
    func sum(_ members: (AdvertisingHistory.RowKey) -> Bool) -> Int64 {
      advice.rows.reduce(0) { $0 + (members($1.key) ? $1.amountMinor : 0) }
    }
    #expect(sum { _ in true } == 1_000_000)
    #expect(sum { $0.market == "US" && $0.channel == "search" } <= 50_000)
    #expect(sum { $0.market == "CA" } >= 600_000)
    #expect(sum { $0.channel == "social" } <= 300_000)
    #expect(advice.rows.contains { $0.reason.contains("held") })
  }

  @Test("bounds that leave no division, or name no row, are refused with what to do")
  func impossibleBounds() throws {
    let history = try history()
    #expect(throws: AdvertisingError.self) {
      try BudgetAdvisor.advise(history, question(1_000, [bound("US", "search", 2_000, isMinimum: true)]))
    }
    #expect(throws: AdvertisingError.self) {
      try BudgetAdvisor.advise(history, question(1_000, [bound("FR", nil, 10, isMinimum: false)]))
    }
  }

  @Test("no row moves by more than the bound on changes, which says what it costs")
  func changes() throws {
    let history = try history()
    var asked = try question(1_000_000)
    asked.explorationShare = 0
    let free = try BudgetAdvisor.advise(history, asked)
    asked.maxChange = 0.1
    let near = try BudgetAdvisor.advise(history, asked)
    let spent = free.rows.reduce(0.0) { $0 + Double($1.currentMinor) }
    var held = 0
    for (row, other) in zip(near.rows, free.rows) {
      let present = Double(row.currentMinor) / spent * 1_000_000
      #expect(abs(Double(row.amountMinor) - present) <= present * 0.1 + 2)
      if abs(Double(other.amountMinor) - present) > present * 0.1 + 2 { held += 1 }
      #expect(row.reason.contains("10 % on changes") == (row.binding == "bound of 10 % on changes"))
    }
    #expect(held > 0 && near.rows.contains { $0.binding == "bound of 10 % on changes" })
    #expect(near.rows.reduce(0) { $0 + $1.amountMinor } == 1_000_000)
    #expect(near.expectedReturnMinor <= free.expectedReturnMinor)
    #expect(
      near.notes.contains { $0.contains("10 %") && $0.contains("costs") }
        && !free.notes.contains { $0.contains("costs") })
  }

  @Test("what was asked for a row, a market or a channel goes before the bound on changes")
  func asksBeforeChanges() throws {
    var asked = try question(
      1_000_000,
      [
        bound("US", "search", 50_000, isMinimum: false), bound("CA", nil, 600_000, isMinimum: true),
        bound(nil, "social", 300_000, isMinimum: false),
      ])
    asked.maxChange = 0.3
    let advice = try BudgetAdvisor.advise(history(), asked)
    func sum(_ members: (AdvertisingHistory.RowKey) -> Bool) -> Int64 {
      advice.rows.reduce(0) { $0 + (members($1.key) ? $1.amountMinor : 0) }
    }
    #expect(sum { _ in true } == 1_000_000 && sum { $0.market == "US" && $0.channel == "search" } <= 50_000)
    #expect(sum { $0.market == "CA" } >= 600_000 && sum { $0.channel == "social" } <= 300_000)
  }

  @Test("a total far from all that was ever spent carries the range that history supports")
  func range() throws {
    let history = try history()
    // Nine levels of 20,000 to 40,000 minor units a week; a November has 30 days of them.
    let week = { (factor: Int64) in 9 * factor * 10_000 }
    let least = week(2) + week(3) + week(4) + week(2)
    let usual = try BudgetAdvisor.advise(history, question(least))
    #expect(usual.warnings.isEmpty && usual.caution.contains("cannot prove"))
    for total in [least / 50, least * 50] {
      let warnings = try BudgetAdvisor.advise(history, question(total)).warnings
      #expect(warnings.count == 1 && warnings[0].contains("history supports totals from"), "\(warnings)")
    }
  }

  @Test("spend without a market or a known channel is named with its sum, and above a twentieth there is no plan")
  func leftOut() throws {
    let marts = try MartsUnderTest()
    for week in 0..<8 {
      let day = date("2026-08-03").adding(days: week * 7)
      try marts.spend(day.text, 950_000, market: "US", channel: "search")
      try marts.spend(day.text, 25_000, market: "", channel: "search")
      try marts.visit("\(day.text)T10:00:00Z", ip: 1, country: "US")
      try marts.visit("\(day.adding(days: 6).text)T10:00:00Z", ip: 1, country: "US")
    }
    try marts.spend("2026-09-27", 1, market: "US", channel: "search")
    var history = try marts.read("2026-09-27")
    let left = try #require(history.quality.spendLeftOut.first)
    #expect(left.lacks == .market && left.amountMinor == 200_000 && left.rows == 8 && left.currency == "USD")
    #expect(!Readiness.missing(in: history).contains { $0.contains("names no market") })
    let notes = try BudgetAdvisor.advise(history, question(100_000)).notes
    #expect(notes.contains { $0.contains("2,000.00 USD of spend in 8 rows names no market") })
    history.quality.spendLeftOut[0].amountMinor = 400_000
    #expect(Readiness.missing(in: history).contains { $0.contains("4,000.00 USD") })
  }

  @Test("history that is thin is named, and history that is not is fit")
  func readiness() throws {
    let history = try history()
    #expect(Readiness.missing(in: history) == [])
    var thin = history
    thin.weeks = 2
    thin.quality.ordersWithTouch = 3
    thin.quality.lastSpendDay = date("2026-08-01")
    let missing = Readiness.missing(in: thin)
    #expect(missing.count == 3)
    #expect(missing.contains { $0.contains("2 full weeks") } && missing.contains { $0.contains("2026-08-01") })
    var blind = history
    blind.quality.firstSpendDay = nil
    blind.quality.lastSpendDay = nil
    #expect(Readiness.missing(in: blind).contains { $0.contains("no spend is known") })
  }

  @Test(
    "periods are months, quarters, ISO weeks and days",
    arguments: [
      ("2026-11", "2026-11-01", "2026-11-30"), ("2026-Q4", "2026-10-01", "2026-12-31"),
      ("2026-W01", "2025-12-29", "2026-01-04"), ("2026-W53", "2026-12-28", "2027-01-03"),
      ("2026-11-02..2026-11-29", "2026-11-02", "2026-11-29"),
    ])
  func periods(text: String, first: String, last: String) throws {
    let period = try #require(BudgetPeriod(text))
    #expect(period.first.text == first && period.last.text == last)
  }

  @Test(
    "what is no period is refused",
    arguments: ["", "2026", "2026-13", "2026-W54", "2025-W53", "2026-11-29..2026-11-02", "2020-01-01..2026-01-01"])
  func noPeriods(text: String) { #expect(BudgetPeriod(text) == nil) }

  @Test("the chart is XML whatever names and warnings hold")
  func chart() throws {
    var advice = try BudgetAdvisor.advise(history(), question(100_000), warnings: ["a <b> & \"c\" 'd' \u{1}"])
    advice.rows[0].key.channel = "<script>alert(1)</script>&"
    let svg = BudgetChart.svg(advice)
    let parser = XMLParser(data: Data(svg.utf8))
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(!svg.contains("<script") && svg.contains("WARNING"))
  }

  /// Goal: nothing is cut or lies on something else, whatever the figures. Method: each text's place and a cautious guess of its
  /// width, 0.62 em for each character, against the picture's edges and the other texts of its line.
  @Test("the chart's texts fit side by side into the picture", arguments: [100_000, 1 << 50])
  func chartFits(total: Int64) throws {
    let long =
      "traffic: data are 130 minutes old, the limit is 60; " + String(repeating: "leads: 3 events missing; ", count: 20)
    var advice = try BudgetAdvisor.advise(history(), question(total), warnings: [long])
    advice.rows[0].key.channel = "trade_show"
    for index in advice.rows.indices where index > 0 {
      advice.rows[index].currentMinor = total
      advice.rows[index].highMinor = advice.rows[index].expectedReturnMinor
    }
    let svg = BudgetChart.svg(advice)
    let width = try #require(svg.firstMatch(of: /viewBox="0 0 ([0-9.]+) ([0-9.]+)"/))
    let (right, bottom) = (try #require(Double(width.1)), try #require(Double(width.2)))
    var lines: [Double: [ClosedRange<Double>]] = [:]
    for found in svg.matches(
      of:
        /<text x="([0-9.]+)" y="([0-9.]+)" font-size="([0-9]+)" font-weight="[a-z]+" text-anchor="([a-z]+)" fill="[^"]+">([^<]*)/
    ) {
      let (x, y) = (try #require(Double(found.1)), try #require(Double(found.2)))
      let length = Double(found.5.replacing(/&#?[a-z0-9]+;/, with: "x").count) * 0.62 * (Double(found.3) ?? 0)
      let span = found.4 == "end" ? (x - length)...x : x...(x + length)
      #expect(span.lowerBound >= 0 && span.upperBound <= right && y > 0 && y < bottom, "\(found.5)")
      #expect(!(lines[y] ?? []).contains { $0.overlaps(span) }, "\(found.5)")
      lines[y, default: []].append(span)
    }
    #expect(lines.count > 4 * 3)
    #expect(svg.contains("<desc id=\"description\">WARNING: traffic: data are") && svg.contains(" trade show: "))
  }

  @Test("a review compares what was planned with what came, and judges when the period is over")
  func review() throws {
    let history = try history()
    let rows = [
      RecordedPlan.Row(
        key: .init(market: "US", channel: "search"), amountMinor: 100_000, expectedReturnMinor: 50_000,
        lowMinor: 40_000, highMinor: 60_000)
    ]
    func plan(_ last: String) -> RecordedPlan {
      RecordedPlan(
        epoch: 1, number: 1, decidedAt: Timestamp(millis: 0), by: "operator", period: "test",
        first: date("2026-10-19"), last: date(last), currency: "USD", totalMinor: 100_000,
        expectedReturnMinor: 50_000, lowMinor: 40_000, highMinor: 60_000, warning: "", rows: rows)
    }
    var seen = history
    seen.days = date("2026-10-19")...date("2026-10-25")
    let over = BudgetReview(plan("2026-10-25"), history: seen, rate: 1)
    let total = history.sum("US", "search")
    #expect(
      over.isOver && over.rows[0].spentMinor == total.spendMinor && over.rows[0].returnedMinor == total.revenueMinor)
    #expect(over.rows[0].verdict == .above)
    #expect(over.otherSpentMinor > 0)
    let running = BudgetReview(plan("2026-11-30"), history: seen, rate: 1)
    #expect(!running.isOver && running.rows[0].verdict == .running && running.days == 7)
    #expect(BudgetReview(plan("2026-11-30"), history: nil, rate: 1).seen == nil)
  }
}
