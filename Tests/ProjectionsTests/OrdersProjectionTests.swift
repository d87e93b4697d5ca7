import Auditor
import Entity
import Events
import Marts
import Money
import Projections
import ShopMarts
import TestSupport
import Testing

@Suite("Orders and their ledger", .temporaryFolder)
struct OrdersProjectionTests {
  private func mart(_ name: String = "mart") throws -> MartUnderTest {
    try MartUnderTest(.sales, folder: TemporaryFolder.path + "/" + name)
  }

  private let ledger = "SELECT * FROM ledger_days ORDER BY entry_day, kind, order_day, currency, channel, order_type"

  /// Goal: the tables are a function of the set of events, and the right one. Method: histories with key changes, moves of
  /// lines between orders, deletes and repeats, shuffled and flushed at random; every run's dump equals the first one's, and
  /// the rows equal those of a model that computes from scratch.
  @Test("any order of events and any flush borders give the rows of the naive model", arguments: 1...12)
  func agreesWithModel(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let events = history(&random)
    let model = NaiveSales(events)
    var first: String?
    for run in 0..<4 {
      let mart = try mart("run\(run)")
      var order = events + events.filter { _ in random.chance(10) }
      if run > 0 { order.shuffle(using: &random) }
      for event in order {
        try mart.fold(input(event))
        if random.chance(run == 1 ? 60 : 5) { try mart.flush() }
      }
      try mart.flush()
      let dump = try mart.dump()
      #expect(dump == first ?? dump)
      first = dump
      #expect(
        try mart.rows("SELECT order_id, version_minor, status, lines, units, amount_minor FROM orders ORDER BY 1")
          == model.orderRows)
      #expect(
        try mart.rows("SELECT line_id, version_minor, order_id, amount_minor FROM order_lines ORDER BY 1")
          == model.lineRows)
      #expect(
        try mart.rows(
          "SELECT order_id, closed_at, closing_seen FROM orders WHERE status IN (3, 4) ORDER BY 1") == model.closingRows
      )
      #expect(try mart.rows("SELECT * FROM order_tombstones ORDER BY 1, 2") == model.tombstoneRows)
      #expect(
        Set(try mart.rows("SELECT * FROM ledger_days")) == Set(model.ledgerRows))
      #expect(try mart.rows("SELECT * FROM ledger_days").count == model.ledgerRows.count)
    }
  }

  /// Goal: what was taken off a price is in no figure. Method: three lines with a discount, none, and all of it, by hand; one of
  /// more than everything is refused.
  @Test("a line counts at its price less its discount")
  func discounts() throws {
    let mart = try mart()
    try mart.fold(input(event(.order(created(order(currency: "USD"))), .create, version: 1, key: 1)))
    for (id, discount) in [(1, "0.15"), (2, "0"), (3, "1")] as [(Int64, String)] {
      var line = line(of: 1, quantity: 12, price: "14.00")
      line.discount = Decimal64(discount)
      try mart.fold(input(event(.orderLine(created(line)), .create, version: UInt64(1 + id), key: RowKey(id))))
    }
    try mart.flush()
    #expect(
      try mart.rows("SELECT line_id, amount_minor FROM order_lines ORDER BY 1")
        == [["1", "14280"], ["2", "16800"], ["3", "0"]])
    #expect(try mart.rows("SELECT amount_minor FROM orders") == [["31080"]])
    var absurd = line(of: 1, price: "14.00")
    for discount in ["1.01", "-0.1"] {
      absurd.discount = Decimal64(discount)
      #expect(throws: ValidationFailure.self) { try event(.orderLine(created(absurd)), key: 4).validate() }
    }
  }

  private func history(_ random: inout SeededGenerator) -> [Event<PersonToken>] {
    var events: [Event<PersonToken>] = []
    var version: UInt64 = 0
    var orders: [Int64: Order<PersonToken>] = [:]
    var lines: [Int64: OrderLine<PersonToken>] = [:]
    for _ in 0..<120 {
      version += 1
      if random.chance(45) {
        let id = Int64(1 + random.below(8))
        let old = orders[id]
        if let old, random.chance(20) {
          events.append(event(.order(deleted(old)), .delete, version: version, key: RowKey(id)))
          orders[id] = nil
          if random.chance(50) {
            // A changed key: the old one goes, the new one comes, in one change.
            let moved = Int64(20 + random.below(4))
            events.append(event(.order(created(old)), .create, version: version, key: RowKey(moved)))
            orders[moved] = old
          }
        } else {
          let new = order(
            date: CivilDate(daysSinceEpoch: Int32(20_500 + random.below(3))),
            currency: ["USD", "JPY", "KWD"][random.below(3)],
            status: [.placed, .completed, .cancelled, .returned][random.below(4)],
            channel: Channel(rawValue: Int32(1 + random.below(2))), type: random.chance(15) ? .purchase : .sale,
            updated: Int64(20_500 + random.below(5)) * 86_400_000 + Int64(random.below(86_400_000)))
          events.append(
            event(
              .order(Change(before: old, after: new)), old == nil ? .create : .update, version: version, key: RowKey(id)
            ))
          orders[id] = new
        }
      } else {
        let id = Int64(1 + random.below(20))
        let old = lines[id]
        if let old, random.chance(20) {
          events.append(event(.orderLine(deleted(old)), .delete, version: version, key: RowKey(id)))
          lines[id] = nil
        } else {
          let discount = [
            nil, Decimal64("0"), Decimal64("0.5"), Decimal64("0.125"), Decimal64("1"), Decimal64("0.999"),
          ]
          let new = OrderLine<PersonToken>(
            orderID: RowKey(Int64(1 + random.below(9))), productID: RowKey(Int64(1 + random.below(3))),
            quantity: Int64(1 + random.below(20)),
            unitPrice: Decimal64(unscaled: Int64(random.below(100_000)), scale: UInt8(random.below(6))),
            discount: discount[random.below(discount.count)])
          events.append(
            event(
              .orderLine(Change(before: old, after: new)), old == nil ? .snapshot : .update, version: version,
              key: RowKey(id)))
          lines[id] = new
        }
      }
    }
    return events
  }

  /// Goal: each line is rounded once, half to even, in its order's currency. Method: 3 × 0.335 = 1.005, 5 × 0.335 = 1.675
  /// and 1 × 2.5 in currencies with 2, 0 and 3 decimals.
  @Test("line amounts round half to even with the currency's own decimals")
  func rounding() throws {
    let mart = try mart()
    for (id, currency) in [(1, "USD"), (2, "JPY"), (3, "KWD")] as [(Int64, String)] {
      try mart.fold(input(event(.order(created(order(currency: currency))), key: RowKey(id))))
      try mart.fold(input(event(.orderLine(created(line(of: id, quantity: 3, price: "0.335"))), key: RowKey(id * 10))))
      try mart.fold(
        input(event(.orderLine(created(line(of: id, quantity: 5, price: "0.335"))), key: RowKey(id * 10 + 1))))
      try mart.fold(input(event(.orderLine(created(line(of: id, price: "2.5"))), key: RowKey(id * 10 + 2))))
    }
    try mart.flush()
    #expect(
      try mart.rows("SELECT amount_minor FROM order_lines ORDER BY line_id").map { $0[0] }
        == ["100", "168", "250", "1", "2", "2", "1005", "1675", "2500"])
  }

  @Test("a cancelled order is booked twice: gross on its date, cancelled on the day of the change")
  func cancellation() throws {
    let mart = try mart()
    try mart.fold(input(event(.order(created(order(date: day("2026-01-30")))), version: 1, key: 1)))
    try mart.fold(input(event(.orderLine(created(line(of: 1, quantity: 2, price: "10.00"))), version: 2, key: 1)))
    try mart.flush()
    let cancelled = order(
      date: day("2026-01-30"), status: .cancelled, updated: moment("2026-02-01T23:59:59Z"))
    try mart.fold(input(event(.order(created(cancelled)), .update, version: 3, key: 1)))
    try mart.flush()
    #expect(
      try mart.rows("SELECT entry_date, kind, orders, units, amount FROM ledger ORDER BY 1") == [
        ["2026-01-30", "gross", "1", "2", "20.00"], ["2026-02-01", "cancelled", "1", "2", "20.00"],
      ])
  }

  @Test("an edited date moves the booking and leaves no empty row behind")
  func movedDate() throws {
    let mart = try mart()
    try mart.fold(input(event(.order(created(order(date: day("2026-01-30")))), version: 1, key: 1)))
    try mart.flush()
    try mart.fold(input(event(.order(created(order(date: day("2026-02-02")))), .update, version: 2, key: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT entry_date FROM ledger") == [["2026-02-02"]])
    try mart.fold(input(event(.order(deleted(order(date: day("2026-02-02")))), .delete, version: 3, key: 1)))
    try mart.flush()
    #expect(try mart.rows(ledger).isEmpty)
  }

  @Test("a state that is older than a delete changes nothing")
  func tombstone() throws {
    let mart = try mart()
    try mart.fold(input(event(.order(deleted(order())), .delete, version: 5, key: 1)))
    try mart.flush()
    try mart.fold(input(event(.order(created(order())), .create, version: 4, key: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT count(*) FROM orders") == [["0"]])
    try mart.fold(input(event(.order(created(order())), .create, version: 6, key: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT count(*) FROM orders") == [["1"]])
    #expect(try mart.rows("SELECT count(*) FROM order_tombstones") == [["0"]])
  }

  @Test("lines wait for their order and are valued when it comes")
  func parked() throws {
    let mart = try mart()
    try mart.fold(input(event(.orderLine(created(line(of: 7, product: 3, price: "5"))), key: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT line_id, order_missing, product_missing FROM parked_lines") == [["1", "1", "1"]])
    #expect(try mart.rows(ledger).isEmpty)
    try mart.fold(input(event(.order(created(order())), key: 7)))
    try mart.flush()
    #expect(try mart.rows("SELECT amount_minor FROM order_lines") == [["500"]])
    #expect(try mart.rows("SELECT line_id, order_missing, product_missing FROM parked_lines") == [["1", "0", "1"]])
  }

  @Test("a failed transaction leaves nothing behind, in the file or in memory")
  func discard() throws {
    let mart = try mart()
    try mart.fold(input(event(.order(created(order())), key: 1)))
    try mart.flushInVain()
    #expect(mart.projections.allSatisfy { $0.pendingCount == 0 })
    #expect(try mart.rows("SELECT count(*) FROM orders") == [["0"]])
    try mart.fold(input(event(.order(created(order())), key: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT orders FROM ledger_days") == [["1"]])
  }

  @Test("an amount that could overflow sums is refused, and the projection is unchanged")
  func absurdAmount() throws {
    let mart = try mart()
    let absurd = event(.orderLine(created(line(of: 1, quantity: 1_000, price: "9999999999"))), key: 1)
    #expect(throws: QuarantineReason.self) { try mart.fold(input(absurd)) }
    #expect(mart.projections.allSatisfy { $0.pendingCount == 0 })
  }

  /// Goal: a hostile source cannot stop the mart. Method: lines at the limit of one line, in a currency of four decimals, more
  /// than a sum of 64 bits holds, on one key of the ledger; then all but one are deleted.
  @Test("sums that leave 64 bits stop nothing, and come back when the absurd lines go")
  func sumsWrap() throws {
    let mart = try mart()
    for id in 1...4 as ClosedRange<Int64> {
      try mart.fold(input(event(.order(created(order(currency: "CLF"))), key: RowKey(id))))
    }
    var lines: [OrderLine<PersonToken>] = []
    for id in 0..<10_000 as Range<Int64> {
      lines.append(line(of: 1 + id % 4, quantity: 1_000, price: "99999999"))
      try mart.fold(input(event(.orderLine(created(lines[Int(id)])), key: RowKey(id))))
      if id % 2_500 == 2_499 { try mart.flush() }
    }
    #expect(try mart.rows("SELECT orders, units FROM ledger_days") == [["4", "10000000"]])
    for (id, line) in lines.enumerated().dropFirst() {
      try mart.fold(input(event(.orderLine(deleted(line)), .delete, version: 2, key: RowKey(Int64(id)))))
    }
    try mart.flush()
    #expect(try mart.rows("SELECT orders, units, amount_minor FROM ledger_days") == [["4", "1000", "999999990000000"]])
  }

  @Test("a change without the row it is about is refused")
  func incomplete() throws {
    let mart = try mart()
    let empty = event(.order(Change(before: order())), .update, key: 1)
    #expect(throws: QuarantineReason("event.incomplete", "after")) { try mart.fold(input(empty)) }
    let strange = event(.order(created(order())), EventOperation(rawValue: 99), key: 1)
    #expect(throws: QuarantineReason("event.unknownOperation", "operation 99")) { try mart.fold(input(strange)) }
  }

  @Test("orders of equal content under different numbers are flagged, until one of them changes")
  func sameContent() throws {
    let mart = try mart()
    for id in [1, 2, 3] as [Int64] {
      try mart.fold(input(event(.order(created(order(customer: id == 3 ? 9 : 8))), key: RowKey(id))))
      try mart.fold(
        input(event(.orderLine(created(line(of: id, product: 4, quantity: 2, price: "1.50"))), key: RowKey(id))))
    }
    // A copy of an empty order says nothing.
    try mart.fold(input(event(.order(created(order(customer: 8))), key: 4)))
    try mart.fold(input(event(.order(created(order(customer: 8))), key: 5)))
    try mart.flush()
    let flagged = "SELECT id FROM flagged_rows WHERE code = 'order.sameContent' ORDER BY 1"
    #expect(try mart.rows(flagged) == [["1"], ["2"]])
    let changed = line(of: 2, product: 4, quantity: 3, price: "1.50")
    try mart.fold(input(event(.orderLine(created(changed)), .update, version: 2, key: 2)))
    try mart.flush()
    #expect(try mart.rows(flagged).isEmpty)
  }

  @Test("findings of capture follow the newest state")
  func flags() throws {
    let mart = try mart()
    try mart.fold(input(event(.order(created(order())), version: 1, flags: ["cuit.checkDigit"], key: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT code, entity, id FROM flagged_rows") == [["cuit.checkDigit", "order", "1"]])
    try mart.fold(input(event(.order(created(order())), .update, version: 2, key: 1)))
    try mart.flush()
    #expect(try mart.rows("SELECT * FROM flagged_rows").isEmpty)
  }

  @Test("views show decimals of the order's currency and ISO dates")
  func views() throws {
    let mart = try mart()
    for (id, currency, price) in [(1, "USD", "-0.05"), (2, "JPY", "1234"), (3, "KWD", "1.005")]
      as [(Int64, String, String)]
    {
      try mart.fold(input(event(.order(created(order(currency: currency, updated: 1_500))), key: RowKey(id))))
      try mart.fold(input(event(.orderLine(created(line(of: id, price: price))), key: RowKey(id))))
    }
    try mart.flush()
    #expect(
      try mart.rows("SELECT order_id, amount, currency, order_date, status, updated_at FROM order_details ORDER BY 1")
        == [
          ["1", "-0.05", "USD", "2026-03-10", "completed", "1970-01-01T00:00:01.500Z"],
          ["2", "1234", "JPY", "2026-03-10", "completed", "1970-01-01T00:00:01.500Z"],
          ["3", "1.005", "KWD", "2026-03-10", "completed", "1970-01-01T00:00:01.500Z"],
        ])
    #expect(
      try mart.rows("SELECT unit_price FROM order_line_details ORDER BY line_id") == [["-0.05"], ["1234"], ["1.005"]])
  }
}
