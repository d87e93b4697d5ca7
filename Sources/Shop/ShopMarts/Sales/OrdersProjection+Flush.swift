internal import Entity
internal import Events
package import Marts
internal import Money
internal import Projections
internal import SQLite

extension OrdersProjection {
  package func flush(into transaction: MartTransaction) throws {
    if orders.isEmpty, lines.isEmpty { return }
    var flush = try OrdersFlush(transaction)
    try flush.write(orders: orders, lines: lines)
    discard()
  }
}

/// One flush. Stored rows are read only where they can exist: a first load, whose numbers ascend, reads nothing.
private struct OrdersFlush {
  private let tables: OrdersTables
  private var ledger: [LedgerKey: LedgerDelta] = [:]

  init(_ transaction: MartTransaction) throws {
    tables = try OrdersTables(transaction)
  }

  mutating func write(
    orders: [Int64: OrdersProjection.Pending<Order<PersonToken>>], lines: [Int64: OrdersProjection.Pending<OrderLine<PersonToken>>]
  ) throws {
    var touched = Set(orders.keys)
    /// Lines whose pending state is newer than the stored one; their stored rows no longer count.
    var replaced: Set<Int64> = []
    var arrived: [(orderID: Int64, lineID: Int64, pending: OrdersProjection.Pending<OrderLine<PersonToken>>)] = []
    for lineID in lines.keys.sorted() {
      guard let pending = lines[lineID] else { continue }
      let stored = try tables.storedLine(lineID)
      let tombstone = stored == nil ? try tables.tombstone(.line, lineID) : nil
      if let known = stored?.version ?? tombstone, known >= pending.version { continue }
      replaced.insert(lineID)
      if let stored { touched.insert(stored.orderID) }
      try tables.replaceFlags(.line, lineID, existed: stored != nil, pending.flags)
      if let line = pending.row {
        touched.insert(line.orderID.integer ?? 0)
        arrived.append((line.orderID.integer ?? 0, lineID, pending))
        if tombstone != nil { try tables.deleteTombstone(.line, lineID) }
      } else {
        if stored != nil { try tables.deleteLine(lineID) }
        try tables.insertTombstone(.line, lineID, pending.version)
      }
    }
    arrived.sort { ($0.orderID, $0.lineID) < ($1.orderID, $1.lineID) }

    var next = 0
    for orderID in touched.sorted() {
      let first = next
      while next < arrived.count, arrived[next].orderID == orderID { next += 1 }
      try write(orderID, orders[orderID], arrived: arrived[first..<next], replaced: replaced)
    }
    try tables.book(ledger)
  }

  private mutating func write(
    _ orderID: Int64, _ pending: OrdersProjection.Pending<Order<PersonToken>>?,
    arrived: ArraySlice<(orderID: Int64, lineID: Int64, pending: OrdersProjection.Pending<OrderLine<PersonToken>>)>,
    replaced: Set<Int64>
  ) throws {
    let stored = try tables.storedOrder(orderID)
    var newest = stored
    if let pending {
      let tombstone = stored == nil ? try tables.tombstone(.order, orderID) : nil
      if (stored?.version ?? tombstone).map({ $0 < pending.version }) ?? true {
        newest = pending.row.map { OrderState($0, version: pending.version) }
        try tables.replaceFlags(.order, orderID, existed: stored != nil, pending.flags)
        if newest == nil {
          try tables.insertTombstone(.order, orderID, pending.version)
        } else if tombstone != nil {
          try tables.deleteTombstone(.order, orderID)
        }
      }
    }

    let exponent = newest.map { Currency($0.currency)?.exponent ?? 2 }
    var sums = LineSums()
    var linesHash: UInt64 = 0
    func count(_ line: LineState) {
      sums.add(line)
      linesHash &+= line.contentHash
    }
    for line in try tables.storedLines(of: orderID) where !replaced.contains(line.lineID) {
      var valued = line
      valued.amountMinor = exponent.flatMap { line.price.minor(times: line.quantity, exponent: $0) }
      if valued.amountMinor != line.amountMinor { try tables.updateAmount(of: valued) }
      count(valued)
    }
    for (_, lineID, pending) in arrived {
      guard let line = pending.row.flatMap({ LineState(lineID, $0, of: orderID, exponent: exponent) }) else { continue }
      try tables.write(line, pending.version)
      count(line)
    }

    if var order = newest {
      sums.contentHash = sums.lines == 0 ? nil : order.contentHash(linesHash: linesHash)
      order.sums = sums
      newest = order
      if let stored, stored.version == order.version {
        // Only lines came or went; rewriting the whole row would cost twice as much.
        if stored != order { try tables.updateSums(order.sums, of: orderID) }
      } else {
        try tables.write(order, orderID)
      }
    } else if stored != nil {
      try tables.deleteOrder(orderID)
    }
    if newest != stored {
      if let stored { book(stored, times: -1) }
      if let newest { book(newest, times: 1) }
    }
  }

  private mutating func book(_ order: OrderState, times sign: Int64) {
    for key in order.entries { ledger[key, default: LedgerDelta()].add(order.sums, times: sign) }
  }
}
