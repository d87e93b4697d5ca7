import Foundation
import SQLite
import TestSupport
import Testing

@testable import Simulator

@Suite(.temporaryFolder) struct TruthTests {
  static let names = [
    "top-devices", "popular-products", "monthly-sales", "monthly-sales-b2b", "monthly-sales-calendar",
    "quarterly-sales",
    "product-sales", "site-traffic", "advertising-shares", "company-sales", "supplier-sales", "leads",
    "returns",
  ]

  @Test("every report is in the truth file, and its ledgers add up", arguments: [0, 0.02]) func sane(faultRate: Double)
    throws
  {
    let built = try Workshop.build(Workshop.plan(faultRate: faultRate))
    #expect(built.truth["as_of"] as? String == "2026-10-31")
    for name in TruthTests.names { #expect(!built.rows(name).isEmpty, "\(name)") }
    for name in TruthTests.names {
      for row in built.rows(name) + built.rows(name, "base_rows") {
        guard let gross = row["gross_minor"] as? Int, let cancelled = row["cancelled_minor"] as? Int,
          let returned = row["returned_minor"] as? Int
        else { continue }
        #expect(row["net_minor"] as? Int == gross - cancelled - returned)
      }
    }
    #expect(Set(built.rows("monthly-sales").compactMap { $0["month"] as? String }).count == 12)
    let devices = built.rows("top-devices").compactMap { $0["users"] as? Int }
    #expect(devices == devices.sorted(by: >) && devices.count == 5)
    for row in built.rows("leads") {
      let funnel = ["leads", "contacted", "qualified", "converted", "proved"].compactMap { row[$0] as? Int }
      #expect(funnel == funnel.sorted(by: >) && funnel.count == 5)
    }
    #expect(built.rows("leads").contains { ($0["proved"] as? Int ?? 0) > 0 })
  }

  /// Goal: the truth is not wrong in its own way. Method: monthly sales from the written database, with the rounding
  /// done here and the grouping by SQL.
  @Test("monthly sales follow from the database by plain SQL") func monthlySales() throws {
    let built = try Workshop.build(Workshop.plan())
    let database = try Database(built.folder + "/platform.sqlite", .readOnly)
    var expected: [String: [Int64]] = [:]
    func add(_ query: String, column: Int) throws {
      try database.query(query) { row in
        let currency = row.text(1)
        let minor = Plain.minor(quantity: row.int64(3), price: row.text(4), decimals: Plain.decimals[currency] ?? 2)
        expected["\(row.text(0)) \(currency)", default: [0, 0, 0, 0]][column] += minor
        if column == 1 { expected["\(row.text(0)) \(currency)", default: [0, 0, 0, 0]][0] += row.int64(3) }
      }
    }
    let join = "FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.order_type = 'sale'"
    let window = "> '2025-10-31'"
    try add(
      "SELECT substr(order_date,1,7), currency, o.id, quantity, unit_price \(join) AND order_date \(window)", column: 1)
    for (column, status) in [(2, "cancelled"), (3, "returned")] {
      try add(
        """
        SELECT substr(updated_at,1,7), currency, o.id, quantity, unit_price \(join)
        AND status = '\(status)' AND substr(updated_at,1,10) \(window)
        """, column: column)
    }
    var seen = 0
    for row in built.rows("monthly-sales") {
      let key = "\(row["month"] as? String ?? "") \(row["currency"] as? String ?? "")"
      let found = ["units", "gross_minor", "cancelled_minor", "returned_minor"].map {
        (row[$0] as? NSNumber)?.int64Value ?? -1
      }
      #expect(found == expected[key] ?? [0, 0, 0, 0], "\(key)")
      if expected[key] != nil { seen += 1 }
    }
    #expect(seen == expected.count)
    let orders = try database.integer("SELECT count(*) FROM orders WHERE order_type='sale' AND order_date \(window)")
    #expect(Int64(built.rows("monthly-sales").reduce(0) { $0 + ($1["orders"] as? Int ?? 0) }) == orders)
  }

  @Test("halves round to the even neighbour, below zero too")
  func rounding() {
    #expect(
      [-25, -15, -5, 5, 15, 25, 26, 24].map { TruthMoney.roundedHalfEven($0, 10) } == [-2, -2, 0, 0, 2, 2, 3, 2])
    #expect(TruthMoney.amount(3, Price(unscaled: 12_350, scale: 4), currency: Geography.usd) == 370)
    #expect(TruthMoney.amount(3, Price(unscaled: 1_250, scale: 3), currency: 5) == 3_750)
    #expect(TruthMoney.amount(7, Price(unscaled: 199, scale: 0), currency: 4) == 1_393)
  }

  @Test("the rolling year ends with the day, and clamps where the month is shorter")
  func windows() throws {
    func day(_ year: Int, _ month: Int, _ day: Int) -> Int { Days.from(year: year, month: month, day: day) }
    #expect(Days.yearBefore(day(2028, 2, 29)) == day(2027, 2, 28))
    #expect(Days.yearBefore(day(2026, 10, 31)) == day(2025, 10, 31))
    #expect(Days.text(day(2024, 2, 29)) == "2024-02-29")
    for days in stride(from: -1_000, to: 60_000, by: 37) {
      let (year, month, date) = Days.civil(days)
      #expect(Days.from(year: year, month: month, day: date) == days)
    }
    #expect(Days.weekday(day(2026, 11, 21)) == 5)
  }

  /// Goal: each kind of fault is met in each run. Method: plant at a rate that is far below one per kind.
  @Test("every fault occurs, however low the rate", arguments: [0.000_1, 0.03]) func everyFault(rate: Double) throws {
    let planted = try Workshop.scene(Workshop.plan(faultRate: rate)).faults
    let expected = [
      "absurd quantity", "added column", "document with two names", "duplicated line", "garbled user agent",
      "impossible date", "invalid card", "late by 40 days", "late by a day", "late by an hour",
      "line without its request",
      "line without its time", "missing column", "negative price", "orphan product", "renamed column",
      "same order under a new id", "shared e-mail", "sheet sent twice", "spend in an unknown channel",
      "spend in an unknown currency", "spend in an unknown market", "spend of a bad amount",
      "spend on an impossible day", "spend row twice", "spend sheet without a column", "spend without a value",
      "truncated line", "unknown currency",
      "unknown rate", "wrong CUIT check digit",
    ]
    #expect(planted.kinds.keys.sorted() == expected)
    #expect(
      planted.quarantine.keys.sorted() == [
        "date.impossible", "money.badAmount", "money.unknownCurrency", "order.absurdQuantity", "order.negativePrice",
        "row.missingField", "row.unknownValue", "sheet.missingColumn",
        "weblog.unparsable",
      ])
    #expect(
      planted.flags.keys.sorted() == [
        "card.invalid", "cuit.checkDigit", "customer.documentTwoNames", "customer.sharedEmail", "order.sameContent",
        "userAgent.invalidBytes",
      ])
    #expect(planted.quarantine.values.allSatisfy { $0 > 0 })
  }

  @Test("planted faults stand in the database as the truth says") func faultsInDatabase() throws {
    let built = try Workshop.build(Workshop.plan(faultRate: 0.02))
    let database = try Database(built.folder + "/platform.sqlite", .readOnly)
    let quarantine = built.counts("quarantine")
    let flags = built.counts("flags")
    let planted = built.counts("planted")
    let queries: [(String, Int?)] = [
      ("SELECT count(*) FROM orders WHERE order_date LIKE '%-02-30'", planted["impossible date"]),
      ("SELECT count(*) FROM orders WHERE currency = 'XXQ'", planted["unknown currency"]),
      ("SELECT count(*) FROM order_items WHERE quantity > 1000", quarantine["order.absurdQuantity"]),
      ("SELECT count(*) FROM order_items WHERE unit_price LIKE '-%'", quarantine["order.negativePrice"]),
      (
        """
        SELECT count(*) FROM customers c WHERE EXISTS (SELECT 1 FROM customers d WHERE d.id <> c.id
        AND d.document_number = c.document_number)
        """, flags["customer.documentTwoNames"]
      ),
      (
        "SELECT count(*) FROM customers c WHERE EXISTS (SELECT 1 FROM customers d WHERE d.id <> c.id AND d.email = c.email)",
        flags["customer.sharedEmail"]
      ),
      (
        """
        SELECT count(*) FROM (SELECT o.*, (SELECT group_concat(product_id || 'x' || quantity) FROM order_items i
        WHERE i.order_id = o.id) AS content, count(*) OVER (PARTITION BY customer_id, company_cuit, order_date, currency,
        (SELECT group_concat(product_id || 'x' || quantity || '@' || unit_price) FROM order_items i
        WHERE i.order_id = o.id)) AS same FROM orders o) WHERE same > 1
        """, flags["order.sameContent"]
      ),
    ]
    for (query, count) in queries { #expect(try database.integer(query) == count.map(Int64.init), "\(query)") }
    #expect(try database.integer("SELECT count(*) FROM orders WHERE currency = 'CHF'") ?? 0 > 0)
    #expect(try database.integer("SELECT count(*) FROM exchange_rates WHERE currency = 'CHF'") == 0)
    let unknown = built.rows("monthly-sales", "base_rows").reduce(0) { $0 + ($1["unconverted_orders"] as? Int ?? 0) }
    #expect(unknown > 0)
    #expect(built.rows("product-sales").contains { $0["product_name"] as? String == "unknown" })
    #expect(built.rows("supplier-sales").contains { $0["supplier"] as? String == "unknown" })
    #expect(!built.rows("monthly-sales").contains { $0["currency"] as? String == "XXQ" })
  }

  /// Goal: the truth about spend holds for the sheets as they lie there. Method: a plain reading of each line; what is wrong
  /// with it is told by patterns, not by the product's rules.
  @Test("planted faults stand in the spend sheets as the truth says, and the good rows add up") func faultsInSpend()
    throws
  {
    let built = try Workshop.build(Workshop.plan(faultRate: 0.02))
    let truth = try #require(built.truth["advertising"] as? [String: Any])
    let channels = Set(SimulatedAdvertising.channels + SimulatedAdvertising.offline)
    var faults: [String: Int] = [:]
    var spent: [String: Int64] = [:]
    var lines = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: built.folder + "/spend") {
      let text = try String(contentsOfFile: "\(built.folder)/spend/\(name)", encoding: .utf8)
      for line in text.components(separatedBy: "\r\n").dropFirst() where !line.isEmpty {
        let cells = line.replacing("\"1,000.00\"", with: "1000 with a comma").components(separatedBy: ",")
        if cells.count == 5 {
          faults["sheet.missingColumn", default: 0] += 1
        } else if cells.contains("") {
          faults["row.missingField", default: 0] += 1
        } else if (Int(cells[0].suffix(2)) ?? 0) > 31 {
          faults["date.impossible", default: 0] += 1
        } else if cells[1].count != 2 || !channels.contains(cells[2]) {
          faults["row.unknownValue", default: 0] += 1
        } else if cells[5] == "XXQ" {
          faults["money.unknownCurrency", default: 0] += 1
        } else {
          let decimals = Plain.decimals[cells[5]] ?? 2
          let parts = cells[4].components(separatedBy: ".")
          let isAmount =
            Int64(cells[4].replacing(".", with: "")) != nil && !cells[4].hasPrefix("-")
            && (parts.count > 1 ? parts[1].count : 0) <= decimals
          if isAmount {
            lines += 1
            spent[cells[0..<4].joined(separator: " ") + " " + cells[5], default: 0] += Plain.minor(
              quantity: 1, price: cells[4], decimals: decimals)
          } else {
            faults["money.badAmount", default: 0] += 1
          }
        }
      }
    }
    #expect(faults == truth["rejected"] as? [String: Int] && faults.count == 6)
    #expect(spent.count == truth["spend_rows"] as? Int)
    #expect(lines - spent.count == built.counts("planted")["spend row twice"])
    var sums: [String: Int64] = [:]
    for (key, amount) in spent {
      let words = key.components(separatedBy: " ")
      sums["\(words[1]) \(words[2]) \(words.last ?? "")", default: 0] += amount
    }
    let expected = try #require(truth["spend"] as? [[String: Any]]).reduce(into: [String: Int64]()) { sums, row in
      sums["\(row["market"] ?? "") \(row["channel"] ?? "") \(row["currency"] ?? "")"] = (row["amount_minor"] as? Int)
        .map(Int64.init)
    }
    #expect(sums == expected)
  }

  /// Goal: a fault touches its own row only. Method: the same seed with and without faults; every order that is not
  /// faulty is the same.
  @Test("what is not faulty is as it would be without faults") func neighboursStay() throws {
    let clean = try Workshop.scene(Workshop.plan()).world
    let faulty = try Workshop.scene(Workshop.plan(faultRate: 0.05)).world
    for (index, order) in clean.orders.enumerated() where faulty.orders[index].fault == .none {
      #expect(faulty.orders[index].day == order.day && faulty.orders[index].currency == order.currency)
      #expect(order.lines.allSatisfy { clean.lines[$0].price == faulty.lines[$0].price })
    }
  }
}

/// Decimal text the plain way.
enum Plain {
  static let decimals = ["JPY": 0, "KWD": 3]

  /// quantity × price in minor units, halves to even.
  static func minor(quantity: Int64, price: String, decimals: Int) -> Int64 {
    let parts = price.split(separator: ".")
    let fraction = parts.count > 1 ? String(parts[1]) : ""
    var unscaled = (Int64(parts[0] + fraction) ?? 0) * quantity
    var scale = fraction.count
    while scale < decimals {
      unscaled *= 10
      scale += 1
    }
    var divisor: Int64 = 1
    while scale > decimals {
      divisor *= 10
      scale -= 1
    }
    let (quotient, rest) = unscaled.quotientAndRemainder(dividingBy: divisor)
    if rest * 2 == divisor { return quotient + quotient % 2 }
    return rest * 2 > divisor ? quotient + 1 : quotient
  }
}
