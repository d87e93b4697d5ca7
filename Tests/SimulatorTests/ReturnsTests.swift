import Foundation
import SQLite
import TestSupport
import Testing

@testable import Simulator

@Suite("Simulated returns", .temporaryFolder) struct ReturnsTests {
  @Test("delivered lines come back after some days, with a reason, and never more pieces than were sold")
  func plausible() throws {
    let world = try Workshop.scene(Workshop.plan(orders: 6_000)).world
    let parcels = Dictionary(uniqueKeysWithValues: world.shipments.map { ($0.order - 1, $0) })
    for row in world.returns {
      let order = world.orders[row.order]
      #expect(!order.isPurchase && order.lines.contains(row.line))
      #expect((1...world.lines[row.line].quantity).contains(row.quantity) && row.refund > 0)
      if order.status == .returned {
        #expect(row.returnedAt == order.updatedAt && row.quantity == world.lines[row.line].quantity)
      } else {
        #expect(order.status == .completed)
        let parcel = parcels[row.order]
        #expect(parcel.map { $0.status == "delivered" } ?? (order.channel != .ecommerce))
        #expect((86_400...20 * 86_400).contains(row.returnedAt - (parcel?.eventTime ?? order.updatedAt)))
      }
    }
    #expect(Set(world.returns.map(\.line)).count == world.returns.count, "a line comes back once")
    #expect(Set(world.returns.map(\.reason)).count == Return.reasons.count)
    #expect(world.returns.map(\.returnedAt) == world.returns.map(\.returnedAt).sorted())
    let whole = world.orders.filter { $0.status == .returned && !$0.isPurchase }
    #expect(
      whole.reduce(0) { $0 + Int($1.lineCount) } == world.returns.count { world.orders[$0.order].status == .returned })
    let kept = world.orders.filter { $0.status == .completed && !$0.isPurchase }.reduce(0) { $0 + Int($1.lineCount) }
    let share = Double(world.returns.count { world.orders[$0.order].status == .completed }) / Double(kept)
    #expect((0.06...0.1).contains(share), "\(share)")
  }

  /// Goal: a planted fault changes nothing around it. Method: the same business with and without faults.
  @Test("an order with a fault sends nothing back, and what comes back of all others is the same")
  func faults() throws {
    let plain = try Workshop.scene(Workshop.plan()).world
    let faulty = try Workshop.scene(Workshop.plan(faultRate: 0.05)).world
    func texts(_ returns: [Return]) -> [String] { returns.map { "\($0)" } }
    #expect(faulty.returns.allSatisfy { faulty.orders[$0.order].fault == .none })
    #expect(texts(plain.returns.filter { faulty.orders[$0.order].fault == .none }) == texts(faulty.returns))
    #expect(faulty.returns.count < plain.returns.count, "without one of them nothing is proved")
  }

  /// Goal: the truth is not wrong in its own way. Method: the report from the written database, summed up here.
  @Test("returns in the truth file follow from the database") func truth() throws {
    let built = try Workshop.build(Workshop.plan(faultRate: 0.02))
    let database = try Database(built.folder + "/platform.sqlite", .readOnly)
    var expected: [String: [Int64]] = [:]
    try database.query(
      """
      SELECT substr(returned_at, 1, 7), reason, currency, quantity, refund FROM returns
      WHERE substr(returned_at, 1, 10) > '2025-10-31'
      """
    ) { row in
      let key = "\(row.text(0)) \(row.text(1)) \(row.text(2))"
      let refund = Plain.minor(quantity: 1, price: row.text(4), decimals: Plain.decimals[row.text(2)] ?? 2)
      let sums = expected[key] ?? [0, 0, 0]
      expected[key] = [sums[0] + 1, sums[1] + row.int64(3), sums[2] + refund]
    }
    let rows = built.rows("returns")
    let keys = rows.map { "\($0["month"] ?? "") \($0["reason"] ?? "") \($0["currency"] ?? "")" }
    #expect(keys == expected.keys.sorted() && keys.count > 20)
    for (key, row) in zip(keys, rows) {
      let found = ["returns", "units", "refund_minor"].map { (row[$0] as? NSNumber)?.int64Value ?? -1 }
      #expect(found == expected[key], "\(key)")
    }
  }
}
