import Files
import Foundation
import Money
import SQLite
import TestSupport
import Testing

@testable import Simulator

@Suite(.temporaryFolder) struct BuildTests {
  /// Goal: anybody can rebuild what a report or a bug spoke of. Method: build twice with faults, compare every byte.
  @Test("the same plan gives the same bytes in every file") func sameBytes() throws {
    let plan = Workshop.plan(days: 60, faultRate: 0.02)
    let first = try Workshop.build(plan, name: "first").files()
    let second = try Workshop.build(plan, name: "second").files()
    #expect(first.keys.sorted() == second.keys.sorted())
    for (path, bytes) in first { #expect(bytes == second[path], "\(path) differs") }
    #expect(first.keys.contains("platform.sqlite"))
    #expect(!first.keys.contains { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") })
  }

  @Test("another seed gives other bytes") func otherSeed() throws {
    let first = try Workshop.build(Workshop.plan(days: 30), name: "first").files()
    let second = try Workshop.build(Workshop.plan(days: 30, seed: 8), name: "second").files()
    for path in ["platform.sqlite", "weblogs/access.log", "truth.json"] { #expect(first[path] != second[path]) }
  }

  @Test("a folder that holds a simulation already is left alone") func refusesToOverwrite() throws {
    let built = try Workshop.build(Workshop.plan(days: 20, orders: 50, weblogLines: 100))
    let before = try built.files()
    #expect(throws: SimulatorError.self) { try Workshop.build(Workshop.plan(days: 20, seed: 9)) }
    #expect(try built.files() == before)
  }

  @Test("a plan beyond the limits is refused with a hint") func refusesPlans() {
    for plan in [
      Workshop.plan(days: 0), Workshop.plan(orders: -1), Workshop.plan(faultRate: 0.9), Workshop.plan(faultRate: -1),
      SimulationPlan(until: CivilDate(daysSinceEpoch: 10)), SimulationPlan(until: CivilDate(daysSinceEpoch: .max)),
    ] {
      #expect(throws: SimulatorError.self) { try Simulator(plan: plan, countryRanges: Workshop.ranges) }
    }
    #expect(throws: SimulatorError.self) {
      try Simulator(plan: Workshop.plan(), countryRanges: CountryRanges(v4Text: [], v6Text: []))
    }
  }

  @Test("the smallest simulations can be built", arguments: [(1, 0, 0, 0), (1, 20, 10, 5), (3, 200, 0, 60)])
  func smallest(days: Int, orders: Int, lines: Int, leads: Int) throws {
    let built = try Workshop.build(
      Workshop.plan(days: days, orders: orders, weblogLines: lines, leads: leads, faultRate: 0.05))
    #expect(try Files.names(in: built.folder + "/weblogs").count == days)
    #expect((try built.logLines()).count == built.counts("counts")["weblog_lines"])
  }

  @Test("counts in the truth file are those of the files") func counts() throws {
    let built = try Workshop.build(Workshop.plan(faultRate: 0.01))
    let database = try Database(built.folder + "/platform.sqlite", .readOnly)
    var counts = built.counts("counts")
    #expect(counts.removeValue(forKey: "weblog_lines") == (try built.logLines()).count)
    #expect(counts.removeValue(forKey: "lead_sheets") == (try Files.names(in: built.folder + "/leads")).count)
    counts["leads"] = nil
    #expect(counts.count == 12)
    for (table, rows) in counts {
      #expect(try database.integer("SELECT count(*) FROM \(table)") == Int64(rows), "\(table)")
    }
    #expect(try database.string("PRAGMA integrity_check") == "ok")
  }

  /// Goal: analysts of any size see the same business. Method: compare shares with the description's.
  @Test("channels, returns and drop-shipping have their shares") func shares() throws {
    let world = try Workshop.scene(Workshop.plan(orders: 12_000)).world
    let sales = world.orders.filter { !$0.isPurchase }
    func share(_ test: (Order) -> Bool) -> Double { Double(sales.count(where: test)) / Double(sales.count) }
    #expect(world.orders.count == 12_000)
    #expect(abs(share { $0.channel == .b2b } - 0.6) < 0.03)
    #expect(abs(share { $0.channel == .ecommerce } - 0.25) < 0.03)
    #expect(abs(share { $0.status == .cancelled } - 0.03) < 0.01)
    #expect(abs(share { $0.status == .returned } - 0.04) < 0.01)
    #expect((0.005...0.03).contains(share { $0.parent > 0 }))
    for order in sales where order.parent > 0 { #expect(world.orders[Int(order.parent) - 1].isPurchase) }
    let abroad = Set(sales.filter { $0.channel == .ecommerce }.map { Geography.countries[Int($0.shipTo)].code })
    #expect(abroad == ["CA", "GB", "DE"])
    for order in sales where order.status == .returned {
      #expect((3 * 86_400...7 * 86_400).contains(order.updatedAt - order.createdAt))
    }
    for parcel in world.shipments where parcel.carrier == "Purolator" {
      #expect(Geography.countries[parcel.country].code == "CA")
    }
    #expect(Set(sales.map { Geography.currencies[Int($0.currency)].decimals }).isSuperset(of: [0, 2]))
  }

  @Test("without planted faults no two orders have the same content") func noAccidentalCopies() throws {
    let world = try Workshop.scene(Workshop.plan(days: 5, orders: 3_000)).world
    var seen: Set<String> = []
    for order in world.orders {
      let lines = order.lines.map { "\(world.lines[$0].product)x\(world.lines[$0].quantity)" }.sorted()
      #expect(seen.insert("\(order.customer)|\(order.day)|\(order.company)|\(lines)").inserted)
    }
  }

  @Test("some notes hold card numbers and verification values, and nothing else does") func notes() throws {
    let built = try Workshop.build(Workshop.plan())
    let database = try Database(built.folder + "/platform.sqlite", .readOnly)
    let spilled = try database.rows("SELECT note FROM orders WHERE note LIKE '%CVV%'") { $0.text(0) }
    #expect(!spilled.isEmpty)
    for note in spilled {
      let digits = note.split { !$0.isNumber }.first { $0.count == 16 } ?? ""
      #expect(Checks.passesLuhn(String(digits)))
    }
  }

  @Test("cards pass Luhn and company numbers their check, apart from the flagged ones", arguments: [0, 0.05])
  func checkDigits(faultRate: Double) throws {
    let built = try Workshop.build(Workshop.plan(days: 30, faultRate: faultRate))
    let database = try Database(built.folder + "/platform.sqlite", .readOnly)
    let cards = try database.rows("SELECT payment_card FROM customers WHERE payment_card IS NOT NULL") { $0.text(0) }
    #expect(cards.count > 100)
    #expect(cards.count { !Checks.passesLuhn($0) } == built.counts("flags")["card.invalid"] ?? 0)
    let numbers = try database.rows("SELECT cuit FROM companies") { $0.text(0) }
    #expect(numbers.count { !Checks.isCUIT($0) } == built.counts("flags")["cuit.checkDigit"] ?? 0)
    #expect(numbers.contains { $0.hasPrefix("20") || $0.hasPrefix("27") })
    #expect(numbers.contains { $0.contains("-") })
  }
}

/// The check rules once more, from their definitions.
enum Checks {
  static func passesLuhn(_ text: String) -> Bool {
    let digits = text.compactMap(\.wholeNumberValue)
    var sum = 0
    for position in 0..<digits.count {
      let digit = digits[digits.count - 1 - position]
      sum += position % 2 == 0 ? digit : (digit * 2 > 9 ? digit * 2 - 9 : digit * 2)
    }
    return digits.count >= 13 && sum % 10 == 0
  }

  static func isCUIT(_ text: String) -> Bool {
    let digits = text.filter { $0 != "-" }.compactMap(\.wholeNumberValue)
    guard digits.count == 11 else { return false }
    var sum = 0
    for (digit, weight) in zip(digits, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) { sum += digit * weight }
    let check = 11 - sum % 11
    return check == 11 ? digits[10] == 0 : check != 10 && digits[10] == check
  }
}
