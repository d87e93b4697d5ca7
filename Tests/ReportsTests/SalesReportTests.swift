import Entity
import Events
import Money
import Reports
import ShopMarts
import TestSupport
import Testing

@Suite("Sales reports by hand", .temporaryFolder)
struct SalesReportTests {
  @Test("returns add up per month, reason and currency, and one that was deleted is none")
  func returns() throws {
    let marts = try Workspace()
    func add(_ id: Int64, _ moment: String, _ reason: String, _ quantity: Int64, _ refund: Int64) throws {
      let row = ProductReturn<PersonToken>(
        order: RowKey(id), product: 1, quantity: quantity, reason: reason, refundMinor: refund, currency: "USD",
        returnedAt: Timestamp(moment) ?? Timestamp(millis: 0))
      try marts.add(.productReturn(Change(after: row)), key: RowKey(id))
    }
    try add(1, "2026-09-30T23:59:59Z", "damaged", 1, 1_000)
    try add(2, "2026-10-01T00:00:00Z", "damaged", 2, 2_050)
    try add(3, "2026-10-31T10:00:00Z", "damaged", 1, 7)
    try add(4, "2026-10-02T10:00:00Z", "late", 5, 0)
    try add(5, "2026-10-02T10:00:00Z", "late", 9, 900)
    try marts.add(.productReturn(Change()), .delete, key: 5)
    try marts.flush()
    let request = ReportRequest(
      .returns, asOf: asOf, ["from": .day(date("2026-10-01")), "to": .day(date("2026-10-31"))])
    #expect(try marts.rows(request) == ["2026-10 damaged USD 2 3 2057", "2026-10 late USD 1 5 0"])
  }

  private let asOf = date("2026-10-31")

  /// Goal: the signed ledger. Method: three orders in two currencies; one cancelled a month later, one returned, worked out
  /// by hand: 3 × 0.335 = 1.005 rounds to 1.00, 5 × 0.335 = 1.675 to 1.68.
  @Test("gross belongs to the order's month, a cancellation to the month of its change, and net adds up")
  func monthly() throws {
    let workspace = try Workspace()
    try workspace.order(1, "2026-09-30", lines: [(1, 3, "0.335"), (1, 5, "0.335")])
    try workspace.order(
      2, "2026-09-30", status: .cancelled, updated: "2026-10-01T00:00:00Z", channel: .store, lines: [(1, 2, "10")])
    try workspace.order(
      3, "2026-10-02", "JPY", status: .returned, updated: "2026-10-05T10:00:00Z", lines: [(1, 1, "500.5")])
    try workspace.order(4, "2026-10-02", type: .purchase, lines: [(1, 4, "2.50")])
    try workspace.rate("2026-10-02", "JPY", "0.006755")
    try workspace.flush()

    let report = try workspace.report(ReportRequest(.monthlySales, asOf: asOf))
    let rows = shown(report.table)
    // 2025-11 to 2026-10: twelve months, two currencies, zeros included.
    #expect(rows.count == 24)
    #expect(rows.first == "2025-11 JPY 0 0 0 0 0 0")
    #expect(
      rows.suffix(4) == [
        "2026-09 JPY 0 0 0 0 0 0", "2026-09 USD 2 10 2268 0 0 2268",
        "2026-10 JPY 1 1 500 0 500 0", "2026-10 USD 0 0 0 2000 0 -2000",
      ])
    // 500 yen × 0.006755 = 3.3775 dollars.
    #expect(
      shown(report.extras[0]).suffix(2) == ["2026-09 USD 2 10 2268 0 0 2268 0", "2026-10 USD 1 1 338 2000 338 -2000 0"])
    #expect(shown(report.extras[1]) == ["2026-10 USD 1 4 1000"])

    #expect(
      try workspace.rows(ReportRequest(.monthlySales, asOf: asOf, ["channel": "store"])).suffix(2) == [
        "2026-09 USD 1 2 2000 0 0 2000", "2026-10 USD 0 0 0 2000 0 -2000",
      ])
    #expect(
      try workspace.rows(ReportRequest(.quarterlySales, asOf: asOf)) == [
        "2025-Q4 JPY 0 0 0 0 0 0", "2025-Q4 USD 0 0 0 0 0 0", "2026-Q1 JPY 0 0 0 0 0 0", "2026-Q1 USD 0 0 0 0 0 0",
        "2026-Q2 JPY 0 0 0 0 0 0", "2026-Q2 USD 0 0 0 0 0 0", "2026-Q3 JPY 0 0 0 0 0 0",
        "2026-Q3 USD 2 10 2268 0 0 2268",
        "2026-Q4 JPY 1 1 500 0 500 0", "2026-Q4 USD 0 0 0 2000 0 -2000",
      ])
  }

  @Test("the rolling window leaves out the day twelve months ago; the calendar one has whole months")
  func windows() throws {
    let workspace = try Workspace()
    for (id, day) in [(1, "2025-10-15"), (2, "2025-10-16"), (3, "2025-11-01"), (4, "2026-10-15"), (5, "2026-10-16")]
      as [(Int64, String)]
    {
      try workspace.order(id, day, lines: [(1, 1, "1")])
    }
    try workspace.flush()
    let middle = date("2026-10-15")
    let rolling = try workspace.rows(ReportRequest(.monthlySales, asOf: middle))
    #expect(rolling.count == 13)
    #expect(rolling.first == "2025-10 USD 1 1 100 0 0 100")
    #expect(rolling.last == "2026-10 USD 1 1 100 0 0 100")
    let calendar = try workspace.rows(ReportRequest(.monthlySales, asOf: middle, ["calendar": .flag]))
    #expect(calendar.count == 12)
    #expect(calendar.first == "2025-11 USD 1 1 100 0 0 100")
    #expect(calendar.last == "2026-10 USD 2 2 200 0 0 200")
    #expect(ReportRequest(.monthlySales, asOf: date("2024-02-29")).window.first == date("2023-03-01"))
  }

  @Test("without any order the base currency's months are shown as zero")
  func empty() throws {
    let workspace = try Workspace()
    try workspace.flush()
    let report = try workspace.report(ReportRequest(.monthlySales, asOf: asOf), base: Currency("EUR") ?? .usd)
    #expect(shown(report.table).count == 12)
    #expect(shown(report.table).first == "2025-11 EUR 0 0 0 0 0 0")
  }

  /// Goal: conversion rounds per order date, half to even, and says what it could not convert. Method: on one day two orders
  /// of 0.05 each at 0.1: their total 0.10 gives 0.01; each alone would have given 0.00 (0.005 to even).
  @Test("totals of a day are converted as one, and a missing rate is counted")
  func conversion() throws {
    let workspace = try Workspace()
    try workspace.order(1, "2026-10-01", "EUR", lines: [(1, 1, "0.05")])
    try workspace.order(2, "2026-10-01", "EUR", lines: [(1, 1, "0.05")])
    try workspace.order(3, "2026-10-02", "EUR", lines: [(1, 1, "0.05")])
    try workspace.order(4, "2026-10-03", "EUR", lines: [(1, 1, "7.00")])
    try workspace.order(5, "2026-10-03", "KWD", lines: [(1, 1, "1.005")])
    try workspace.rate("2026-10-01", "EUR", "0.1")
    try workspace.rate("2026-10-02", "EUR", "0.1")
    try workspace.rate("2026-10-03", "KWD", "3")
    try workspace.flush()
    let report = try workspace.report(ReportRequest(.monthlySales, asOf: asOf))
    // 0.01 + 0.00 + unconverted + 3.015 (half to even: 3.02)
    #expect(shown(report.extras[0]).last == "2026-10 USD 5 5 303 0 0 303 1")
    #expect(report.notes.count == 1)
    #expect(shown(report.table).suffix(2) == ["2026-10 EUR 4 4 715 0 0 715", "2026-10 KWD 1 1 1005 0 0 1005"])
  }

  /// Goal: `--timezone` moves cancellations and returns only. Method: cancelled at 03:00 UTC on the first of a month, which
  /// is the evening before in New York.
  @Test("another time zone books a cancellation on its own day and leaves order dates alone")
  func timezone() throws {
    let workspace = try Workspace()
    try workspace.order(1, "2026-10-01", status: .cancelled, updated: "2026-10-01T03:00:00Z", lines: [(1, 2, "5")])
    try workspace.product(1, "Phone")
    try workspace.flush()
    let request = ReportRequest(.monthlySales, asOf: asOf, ["timezone": .zone(try zone("America/New_York"))])
    #expect(
      try workspace.rows(request).suffix(2) == ["2026-09 USD 0 0 0 1000 0 -1000", "2026-10 USD 1 2 1000 0 0 1000"])
    let products = ReportRequest(.productSales, asOf: asOf, ["timezone": .zone(try zone("America/New_York"))])
    #expect(
      try workspace.rows(products) == [
        "Phones 1 Phone 2026-Q3 USD 0 0 1000 0 -1000", "Phones 1 Phone 2026-Q4 USD 2 1000 0 0 1000",
      ])
  }

  @Test("product sales count units per quarter and call an unknown product so")
  func products() throws {
    let workspace = try Workspace()
    try workspace.product(2, "Phone")
    try workspace.product(1, "Lamp", category: "Home")
    try workspace.order(1, "2026-06-30", lines: [(2, 8, "1.00"), (1, 1, "3.00"), (99, 1, "2.00")])
    try workspace.order(2, "2026-07-01", status: .returned, updated: "2026-07-03T00:00:00Z", lines: [(2, 1, "1.00")])
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.productSales, asOf: asOf)) == [
        "Home 1 Lamp 2026-Q2 USD 1 300 0 0 300", "Phones 2 Phone 2026-Q2 USD 8 800 0 0 800",
        "Phones 2 Phone 2026-Q3 USD 1 100 0 100 0", "unknown 99 unknown 2026-Q2 USD 1 200 0 0 200",
      ])
  }

  @Test("company sales leave cancelled and returned orders out, and show a natural person by a short token")
  func companies() throws {
    let workspace = try Workspace()
    let person = Guarded<PersonToken>.personal(Token(high: 0x0123_4567_89ab_cdef, low: 1))
    try workspace.company(.open("30111111111"), .open("ACME"))
    try workspace.company(person, .personal(token(5)))
    let acme = Guarded<PersonToken>.open("30111111111")
    try workspace.order(1, "2026-10-01", company: acme, customer: 1, lines: [(1, 2, "10")])
    try workspace.order(2, "2026-10-02", company: acme, customer: 2, lines: [(1, 1, "10")])
    try workspace.order(3, "2026-10-02", status: .cancelled, company: acme, customer: 3, lines: [(1, 1, "10")])
    try workspace.order(4, "2026-10-02", status: .returned, company: acme, customer: 3, lines: [(1, 1, "10")])
    try workspace.order(5, "2026-10-02", "EUR", company: person, customer: 4, lines: [(1, 1, "30")])
    try workspace.order(6, "2026-10-02", company: .open("30999999999"), customer: 4, lines: [(1, 1, "1")])
    try workspace.order(7, "2026-10-02", customer: 4, lines: [(1, 1, "99")])
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.companySales, asOf: asOf)) == [
        "1 30111111111 ACME USD 2 3 3000 2", "2 ~0123456789ab natural person EUR 1 1 3000 1",
        "3 30999999999 unknown USD 1 1 100 1",
      ])
    #expect(try workspace.rows(ReportRequest(.companySales, asOf: asOf, ["top": 1])).count == 1)
  }

  @Test("supplier sales give units, revenue and the span of prices; what has no supplier is unknown")
  func suppliers() throws {
    let workspace = try Workspace()
    try workspace.company(.open("30222222222"), .open("Maker"))
    try workspace.product(1, "Phone", supplier: .open("30222222222"))
    try workspace.product(2, "Cable", supplier: .open("30222222222"))
    try workspace.product(3, "Orphan")
    try workspace.order(1, "2026-10-01", lines: [(1, 2, "10.005"), (2, 1, "3.00"), (3, 1, "50"), (9, 1, "1")])
    try workspace.order(2, "2026-10-01", status: .cancelled, lines: [(1, 2, "1")])
    try workspace.flush()
    #expect(
      try workspace.rows(ReportRequest(.supplierSales, asOf: asOf)) == [
        "1 unknown unknown USD 2 2 5100 100 5000", "2 30222222222 Maker USD 2 3 2301 300 1000",
      ])
  }
}
