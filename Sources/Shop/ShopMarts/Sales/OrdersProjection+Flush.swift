internal import Entity
internal import Events
package import Marts
internal import Money
internal import Projections
internal import SQLite

extension OrdersProjection {
  package func flush(into transaction: MartTransaction) throws {
    if pendingCount == 0 { return }
    try write(into: transaction)
    discard()
  }

  /// A function of its own, so that nothing else holds the rows when they are discarded, and their room stays.
  private func write(into transaction: MartTransaction) throws {
    var flush = try OrdersFlush(transaction, lines: lines)
    try flush.write(orders: orders, marks: marks)
  }
}

/// One flush. Stored rows are read only where they can exist: a first load, whose numbers ascend, reads nothing.
private struct OrdersFlush {
  typealias Pending<Row: Sendable & Equatable> = PendingRows<Row>.State

  private let tables: OrdersTables
  private let numbers: RowNumbers
  private var ledger: [LedgerKey: LedgerDelta] = [:]
  /// Orders whose lines or own row change; some more than once.
  private var touched: [Int64] = []
  /// Stored lines whose pending state is newer; their stored rows no longer count.
  private var replaced: Set<Int64> = []
  private var arrived: [Arrived] = []
  private var marks: [Int64: [ClosingMark]] = [:]
  private let pendingLines: PendingRows<OrderLine<PersonToken>>

  /// A line whose state is newer than the stored one.
  private struct Arrived {
    var orderID: Int64
    var lineID: Int64
    /// Of its state among the pending lines.
    var place: Int32
  }

  init(_ transaction: MartTransaction, lines: PendingRows<OrderLine<PersonToken>>) throws {
    tables = try OrdersTables(transaction)
    numbers = try RowNumbers(transaction)
    pendingLines = lines
  }

  mutating func write(
    orders pendingOrders: PendingRows<Order<PersonToken>>, marks pendingMarks: [(name: RowName, mark: ClosingMark)]
  ) throws {
    try numbers.know(pendingOrders.systemNames.union(pendingLines.systemNames))
    let (orders, lines) = (try pendingOrders.numbered(numbers), try pendingLines.numbered(numbers))
    arrived.reserveCapacity(lines.count)
    for line in lines { try write(line.number, line.place) }
    arrived.sort { ($0.orderID, $0.lineID) < ($1.orderID, $1.lineID) }
    for order in orders { touched.append(order.number) }
    for (name, mark) in pendingMarks { marks[try numbers.number(of: name), default: []].append(mark) }
    touched.sort()

    // All three are in the order of the orders' numbers.
    var (nextOrder, nextLine) = (0, 0)
    var last: Int64?
    for orderID in touched where orderID != last {
      last = orderID
      let first = nextLine
      while nextLine < arrived.count, arrived[nextLine].orderID == orderID { nextLine += 1 }
      let isPending = nextOrder < orders.count && orders[nextOrder].number == orderID
      try write(
        orderID, isPending ? pendingOrders[orders[nextOrder].place] : nil, arrived: arrived[first..<nextLine])
      if isPending { nextOrder += 1 }
    }
    try tables.book(ledger)
  }

  private mutating func write(_ lineID: Int64, _ place: Int32) throws {
    let pending = pendingLines[place]
    let stored = try tables.storedLine(lineID)
    let tombstone = stored == nil ? try tables.tombstone(.line, lineID) : nil
    if let known = stored?.version ?? tombstone, known >= pending.version { return }
    if let stored {
      replaced.insert(lineID)
      touch(stored.orderID)
    }
    try tables.replaceFlags(.line, lineID, existed: stored != nil, pending.flags)
    if let line = pending.change?.after {
      let orderID = try numbers.number(of: line.orderID, besides: lineID)
      touch(orderID)
      arrived.append(Arrived(orderID: orderID, lineID: lineID, place: place))
      if tombstone != nil { try tables.deleteTombstone(.line, lineID) }
    } else {
      if stored != nil { try tables.deleteLine(lineID) }
      try tables.insertTombstone(.line, lineID, pending.version)
    }
  }

  /// Lines of one order mostly follow each other.
  private mutating func touch(_ orderID: Int64) {
    if touched.last != orderID { touched.append(orderID) }
  }

  private mutating func write(
    _ orderID: Int64, _ pending: Pending<Order<PersonToken>>?, arrived: ArraySlice<Arrived>
  ) throws {
    let stored = try tables.storedOrder(orderID)
    // A comparison of an optional of so many fields with nil copies them all.
    let isStored = if case .some = stored { true } else { false }
    var newest = stored
    var tombstone: StateVersion?
    if let pending {
      tombstone = isStored ? nil : try tables.tombstone(.order, orderID)
      if (stored?.version ?? tombstone).map({ $0 < pending.version }) ?? true {
        try tables.replaceFlags(.order, orderID, existed: isStored, pending.flags)
        if let order = pending.change?.after {
          newest = try OrderState(order, version: pending.version, number: orderID, numbers)
          if tombstone != nil { try tables.deleteTombstone(.order, orderID) }
        } else {
          newest = nil
          try tables.insertTombstone(.order, orderID, pending.version)
        }
      }
    }

    if let pending {
      let closing = try closing(of: orderID, stored, pending, newest, wasDeleted: tombstone != nil)
      newest?.closing = closing
    }

    let (sums, linesHash) = try writeLines(
      of: orderID, arrived, exponent: newest.map { Currency($0.currency)?.exponent ?? 2 })
    // Each copy of a state counts references.
    newest?.sums = sums
    if sums.lines > 0 {
      let hash = try newest?.contentHash(linesHash: linesHash, number: orderID, numbers)
      newest?.sums.contentHash = hash
    }
    if let order = newest {
      if let stored, stored.version == order.version {
        // Only lines came or went; rewriting the whole row would cost twice as much.
        if stored != order { try tables.updateSums(order, of: orderID) }
      } else {
        try tables.write(order, orderID)
      }
    } else if isStored {
      try tables.deleteOrder(orderID)
    }
    if !isStored || newest != stored {
      if let stored { book(stored, times: -1) }
      if let newest { book(newest, times: 1) }
    }
  }

  /// Keeps what the order's versions say of its closing, and answers when that was; nil while it is open.
  ///
  /// Of open versions the newest is kept, and only while the order's newest version is another one: nearly all orders
  /// are never closed, and have no mark.
  private func closing(
    of orderID: Int64, _ stored: OrderState?, _ pending: Pending<Order<PersonToken>>, _ newest: OrderState?,
    wasDeleted: Bool
  ) throws -> Closing? {
    let isOpen = newest.map { !ClosingMark.isClosed($0.status) } ?? false
    let new = marks[orderID] ?? []
    // Open before and after.
    if isOpen, new.isEmpty, !wasDeleted, stored.map({ !ClosingMark.isClosed($0.status) }) ?? true { return nil }
    let known = try tables.storedMarks(of: orderID)
    var all = known
    for mark in new where !all.contains(where: { $0.version == mark.version }) { all.append(mark) }
    if let order = pending.change?.after, !ClosingMark.isClosed(order.status) {
      all.append(ClosingMark(open: order, pending.version))
    }
    if let stored, !ClosingMark.isClosed(stored.status) {
      all.append(ClosingMark(version: stored.version, status: stored.status, at: stored.updatedAt, knowledge: .state))
    }
    let lastOpen = all.filter { !ClosingMark.isClosed($0.status) }.max { $0.version < $1.version }
    let kept = all.filter { ClosingMark.isClosed($0.status) } + (isOpen ? [] : [lastOpen].compactMap { $0 })
    for mark in known where !kept.contains(mark) { try tables.delete(mark, of: orderID) }
    for mark in kept where !known.contains(mark) { try tables.write(mark, of: orderID) }
    return newest.flatMap { Closing(of: $0.status, kept) }
  }

  /// Writes what arrived, values what waited, and sums up all lines of the order. `exponent`: of its currency; nil
  /// while it is unknown.
  private func writeLines(
    of orderID: Int64, _ arrived: ArraySlice<Arrived>, exponent: UInt8?
  ) throws -> (sums: LineSums, hash: UInt64) {
    var sums = LineSums()
    var hash: UInt64 = 0
    for line in try tables.storedLines(of: orderID) where !replaced.contains(line.lineID) {
      var valued = line
      valued.amountMinor = exponent.flatMap { line.price.minor(times: line.quantity, exponent: $0) }
      if valued.amountMinor != line.amountMinor { try tables.updateAmount(of: valued) }
      sums.add(valued)
      hash &+= try valued.contentHash(numbers)
    }
    for entry in arrived {
      let pending = pendingLines[entry.place]
      guard let row = pending.change?.after,
        let line = try LineState(entry.lineID, row, of: orderID, exponent: exponent, numbers)
      else { continue }
      try tables.write(line, pending.version)
      sums.add(line)
      hash &+= try line.contentHash(numbers)
    }
    return (sums, hash)
  }

  private mutating func book(_ order: OrderState, times sign: Int64) {
    for key in order.entries { ledger[key, default: LedgerDelta()].add(order.sums, times: sign) }
  }
}
