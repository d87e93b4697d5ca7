internal import Entity
internal import Events
internal import Money
internal import Projections

/// An order as the mart keeps it. What it refers to are numbers of this mart.
struct OrderState: Equatable {
  var version: StateVersion
  var channel: Int64
  var orderType: Int64
  var status: Int64
  var cancelReason: Int64?
  var orderDay: Int64
  var currency: String
  var company: String?
  var customerID: Int64?
  var storeID: Int64?
  var parentOrderID: Int64?
  var shipCountry: String?
  var createdAt: Int64
  var updatedAt: Int64
  /// nil: the order is open.
  var closing: Closing?
  var sums = LineSums()

  init(
    version: StateVersion, channel: Int64, orderType: Int64, status: Int64, cancelReason: Int64?, orderDay: Int64,
    currency: String, company: String?, customerID: Int64?, storeID: Int64?, parentOrderID: Int64?,
    shipCountry: String?, createdAt: Int64, updatedAt: Int64, closing: Closing?, sums: LineSums
  ) {
    self.version = version
    self.channel = channel
    self.orderType = orderType
    self.status = status
    self.cancelReason = cancelReason
    self.orderDay = orderDay
    self.currency = currency
    self.company = company
    self.customerID = customerID
    self.storeID = storeID
    self.parentOrderID = parentOrderID
    self.shipCountry = shipCountry
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.closing = closing
    self.sums = sums
  }

  /// `number`: the order's own.
  init(_ order: Order<PersonToken>, version: StateVersion, number: Int64, _ numbers: RowNumbers) throws {
    func row(_ key: RowKey<PersonToken>?) throws -> Int64? {
      try key.map { try numbers.number(of: $0, besides: number) }
    }
    try self.init(
      version: version, channel: Int64(order.channel.rawValue), orderType: Int64(order.orderType.rawValue),
      status: Int64(order.status.rawValue), cancelReason: order.cancelReason.map { Int64($0.rawValue) },
      orderDay: Int64(order.orderDate.daysSinceEpoch), currency: order.currency, company: order.company?.martText,
      customerID: row(order.customerID), storeID: row(order.storeID), parentOrderID: row(order.parentOrderID),
      shipCountry: order.shipToCountry, createdAt: order.createdAt.millis, updatedAt: order.updatedAt.millis,
      closing: nil, sums: LineSums())
  }

  /// What the order adds to the ledger: gross on its own date, and once more where it was cancelled or returned.
  var entries: [LedgerKey] {
    let gross = LedgerKey(
      entryDay: orderDay, kind: .gross, orderDay: orderDay, currency: currency, channel: channel, orderType: orderType)
    let kind: LedgerKind
    switch OrderStatus(rawValue: Int32(truncatingIfNeeded: status)) {
    case .cancelled: kind = .cancelled
    case .returned: kind = .returned
    default: return [gross]
    }
    var closing = gross
    closing.kind = kind
    closing.entryDay = Int64(Timestamp(millis: self.closing?.at ?? updatedAt).day.daysSinceEpoch)
    return [gross, closing]
  }

  /// What two orders of a system share that are the same purchase under two keys: buyer, place, day, currency and
  /// lines. State and times are left out: a copy is made minutes later and then goes its own way. `number`: the order's
  /// own.
  func contentHash(linesHash: UInt64, number: Int64, _ numbers: RowNumbers) throws -> Int64 {
    func key(_ row: Int64?) throws -> Int64? { try row.map { Int64(bitPattern: try numbers.keyHash(of: $0)) } }
    var hash = StableHash()
    hash.combine(numbers.systemHash(of: number))
    hash.combine(channel)
    hash.combine(orderType)
    hash.combine(orderDay)
    hash.combine(currency)
    hash.combine(company)
    hash.combine(try key(customerID))
    hash.combine(try key(storeID))
    hash.combine(shipCountry)
    hash.combine(linesHash)
    return Int64(bitPattern: hash.value)
  }
}

/// Sums over the known lines of an order.
struct LineSums: Equatable {
  var lines: Int64 = 0
  var units: Int64 = 0
  var amountMinor: Int64 = 0
  /// nil: an order without lines.
  var contentHash: Int64?

  mutating func add(_ line: LineState) {
    lines &+= 1
    units &+= line.quantity
    amountMinor &+= line.amountMinor ?? 0
  }
}

/// One line as the mart keeps it. It, its order and its product are numbers of this mart.
struct LineState {
  var lineID: Int64
  var orderID: Int64
  var productID: Int64
  var quantity: Int64
  var price: Decimal64
  /// nil while the order is unknown.
  var amountMinor: Int64?

  init(lineID: Int64, orderID: Int64, productID: Int64, quantity: Int64, price: Decimal64, amountMinor: Int64?) {
    self.lineID = lineID
    self.orderID = orderID
    self.productID = productID
    self.quantity = quantity
    self.price = price
    self.amountMinor = amountMinor
  }

  /// `exponent`: of the order's currency; nil while the order is unknown. nil: a line without a price, whose amount was
  /// refused before it came here.
  init?(_ lineID: Int64, _ row: OrderLine<PersonToken>, of orderID: Int64, exponent: UInt8?, _ numbers: RowNumbers)
    throws
  {
    guard let price = row.netPrice else { return nil }
    self.init(
      lineID: lineID, orderID: orderID, productID: try numbers.number(of: row.productID, besides: lineID),
      quantity: row.quantity, price: price,
      amountMinor: exponent.flatMap { price.minor(times: row.quantity, exponent: $0) })
  }

  /// Independent of the lines' keys and of trailing zeros in the price; summed up over an order's lines.
  func contentHash(_ numbers: RowNumbers) throws -> UInt64 {
    let price = price.normalized
    var hash = StableHash()
    hash.combine(try numbers.keyHash(of: productID))
    hash.combine(quantity)
    hash.combine(price.unscaled)
    hash.combine(Int64(price.scale))
    return hash.value
  }
}

/// One row of the ledger.
struct LedgerKey: Hashable, Comparable {
  var entryDay: Int64
  var kind: LedgerKind
  var orderDay: Int64
  var currency: String
  var channel: Int64
  var orderType: Int64

  /// The order of the table's key, so that a flush walks the tree once.
  static func < (left: LedgerKey, right: LedgerKey) -> Bool {
    (left.entryDay, left.kind, left.orderDay, left.currency, left.channel, left.orderType)
      < (right.entryDay, right.kind, right.orderDay, right.currency, right.channel, right.orderType)
  }
}

struct LedgerDelta: Equatable {
  var orders: Int64 = 0
  var units: Int64 = 0
  var amountMinor: Int64 = 0

  mutating func add(_ sums: LineSums, times sign: Int64) {
    orders &+= sign
    units &+= sign &* sums.units
    amountMinor &+= sign &* sums.amountMinor
  }
}
