package import Entity
package import Events
import Money

/// The rules of orders and their ledger once more, from scratch over all events: slow, and written to share nothing with
/// the projection. Money is computed digit by digit on decimal text.
package struct NaiveSales {
  private var orders: [RowKey<PersonToken>: [(version: UInt64, row: Order<PersonToken>?)]] = [:]
  /// States of orders with how they came about and what was before.
  private var histories: [RowKey<PersonToken>: [UInt64: (EventOperation, Change<Order<PersonToken>>)]] = [:]
  private var lines: [RowKey<PersonToken>: [(version: UInt64, row: OrderLine<PersonToken>?)]] = [:]

  package init(_ events: [Event<PersonToken>]) {
    for event in events {
      let gone = event.operation == .delete
      switch event.payload {
      case .order(let change):
        if let key = event.key { orders[key, default: []].append((event.version.minor, gone ? nil : change.after)) }
        if let key = event.key, !gone { histories[key, default: [:]][event.version.minor] = (event.operation, change) }
      case .orderLine(let change):
        if let key = event.key { lines[key, default: []].append((event.version.minor, gone ? nil : change.after)) }
      default: break
      }
    }
  }

  private func living<Row>(_ states: [RowKey<PersonToken>: [(version: UInt64, row: Row?)]]) -> [(
    id: RowKey<PersonToken>, version: UInt64, row: Row
  )] {
    states.keys.sorted().compactMap { id in
      let newest = states[id]?.max { $0.version < $1.version }
      return newest.flatMap { newest in newest.row.map { (id, newest.version, $0) } }
    }
  }

  private func tombstones<Row>(_ states: [RowKey<PersonToken>: [(version: UInt64, row: Row?)]], entity: Int)
    -> [[String]]
  {
    states.keys.sorted().compactMap { id in
      guard let newest = states[id]?.max(by: { $0.version < $1.version }), newest.row == nil else { return nil }
      return [String(entity), id.text, "1", String(newest.version)]
    }
  }

  package var tombstoneRows: [[String]] { tombstones(orders, entity: 1) + tombstones(lines, entity: 2) }

  /// line_id, version_minor, order_id, amount_minor
  package var lineRows: [[String]] {
    let known = living(orders)
    return living(lines).map { id, version, line in
      let order = known.first { $0.id == line.orderID }
      let amount = order.map { NaiveSales.amount(line, $0.row.currency) }
      return [id.text, String(version), line.orderID.text, amount.map { String($0) } ?? "NULL"]
    }
  }

  /// order_id, version_minor, status, lines, units, amount_minor
  package var orderRows: [[String]] {
    living(orders).map { id, version, order in
      let own = living(lines).filter { $0.row.orderID == id }
      let units = own.map(\.row.quantity).reduce(0, +)
      let amount = own.map { NaiveSales.amount($0.row, order.currency) }.reduce(0, +)
      return [id.text]
        + [Int64(version), Int64(order.status.rawValue), Int64(own.count), units, amount].map { String($0) }
    }
  }

  /// entry_day, kind, order_day, currency, channel, order_type, orders, units, amount_minor
  package var ledgerRows: [[String]] {
    var sums: [String: [Int64]] = [:]
    for (id, _, order) in living(orders) {
      let own = living(lines).filter { $0.row.orderID == id }
      let units = own.map(\.row.quantity).reduce(0, +)
      let amount = own.map { NaiveSales.amount($0.row, order.currency) }.reduce(0, +)
      let date = Int64(order.orderDate.daysSinceEpoch)
      var entries = [(date, 1)]
      // 86,400,000 milliseconds are a day; all test times lie after 1970.
      if order.status == .cancelled { entries.append((closing(of: id).at / 86_400_000, 2)) }
      if order.status == .returned { entries.append((closing(of: id).at / 86_400_000, 3)) }
      for (entry, kind) in entries {
        let key = "\(entry),\(kind),\(date),\(order.currency),\(order.channel.rawValue),\(order.orderType.rawValue)"
        let old = sums[key] ?? [0, 0, 0]
        sums[key] = [old[0] + 1, old[1] + units, old[2] + amount]
      }
    }
    return sums.map { $0.key.split(separator: ",").map(String.init) + $0.value.map { String($0) } }
  }

  /// order_id, closed_at, closing_seen of orders that are cancelled or returned
  package var closingRows: [[String]] {
    living(orders).filter { $0.row.status == .cancelled || $0.row.status == .returned }.map { id, _, _ in
      let (at, isSeen) = closing(of: id)
      return [id.text, String(at), isSeen ? "1" : "0"]
    }
  }

  /// Walks an order's states from the oldest to the newest, as one would by hand, and remembers the last time at which its
  /// state became another one. What an open order says is only whether it was open.
  private func closing(of id: RowKey<PersonToken>) -> (at: Int64, isSeen: Bool) {
    var (at, isSeen) = (Int64(0), false)
    var known: OrderStatus?
    for (_, (operation, change)) in (histories[id] ?? [:]).sorted(by: { $0.key < $1.key }) {
      guard let row = change.after else { continue }
      let before = change.before?.status
      if known != row.status || (before != nil && before != row.status) {
        if let before, before != row.status {
          (at, isSeen) = (row.updatedAt.millis, true)
        } else if let old = change.before {
          (at, isSeen) = (old.updatedAt.millis, false)
        } else {
          at = row.updatedAt.millis
          isSeen = operation == .create || (operation == .update && known != nil)
        }
      }
      known = row.status
    }
    return (at, isSeen)
  }

  /// Quantity × price × what the discount leaves, in minor units: the product's digits, cut after the currency's decimals,
  /// half to even. For discounts of so few digits that the price of a piece has nine decimals at most.
  static func amount(_ line: OrderLine<PersonToken>, _ currency: String) -> Int64 {
    let decimals = ["JPY": 0, "KWD": 3][currency] ?? 2
    let parts = (0..<(line.discount?.scale ?? 0)).reduce(Int64(1)) { whole, _ in whole * 10 }
    let product = line.unitPrice.unscaled * line.quantity * (parts - (line.discount?.unscaled ?? 0))
    let scale = Int(line.unitPrice.scale) + Int(line.discount?.scale ?? 0)
    var digits = Array(String(abs(product)))
    if scale <= decimals {
      digits += Array(repeating: "0", count: decimals - scale)
      return (product < 0 ? -1 : 1) * (Int64(String(digits)) ?? 0)
    }
    let cut = scale - decimals
    while digits.count <= cut { digits.insert("0", at: 0) }
    var kept = Int64(String(digits.dropLast(cut))) ?? 0
    let rest = String(digits.suffix(cut))
    let half = "5" + String(repeating: "0", count: cut - 1)
    if rest > half || (rest == half && kept % 2 == 1) { kept += 1 }
    return product < 0 ? -kept : kept
  }
}
