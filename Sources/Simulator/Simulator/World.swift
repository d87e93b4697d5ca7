/// A price as its source writes it: `unscaled` / 10^`scale`.
struct Price: Hashable {
  var unscaled: Int64
  var scale: Int

  var text: String {
    if scale == 0 { return String(unscaled) }
    var digits = String(unscaled.magnitude)
    if digits.utf8.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits }
    let point = digits.utf8.count - scale
    return (unscaled < 0 ? "-" : "") + digits.prefix(point) + "." + digits.suffix(scale)
  }
}

struct Company {
  /// As every table writes it, some with dashes.
  var cuit: String
  var digits: String
  var name: String
  var isSupplier: Bool
  var country: Int
  var login: String
  var isNaturalPerson: Bool
  var hasWrongCheckDigit = false
}

struct Customer {
  /// Index of the company it acts for; nil: a shop customer.
  var company: Int?
  var document: String
  var username: String
  var fullName: String
  var email: String
  var phone: String
  var birthDay: Int
  var country: Int
  var address: String
  var card: String?
  var hasInvalidCard = false
}

/// Ids are positions + 1.
struct Product {
  var name: String
  var category: Int
  var supplier: Int
  var basePriceCents: Int
}

struct CatalogEntry {
  var company: Int
  var product: Int
  var price: Price
  var currency: Int
  var validFrom: Int
}

enum SalesChannel: UInt8 {
  case b2b
  case ecommerce
  case store

  var text: String {
    switch self {
    case .b2b: "b2b"
    case .ecommerce: "ecommerce"
    case .store: "store"
    }
  }
}

enum OrderStatus: UInt8 {
  case placed
  case completed
  case cancelled
  case returned

  var text: String {
    switch self {
    case .placed: "placed"
    case .completed: "completed"
    case .cancelled: "cancelled"
    case .returned: "returned"
    }
  }
}

enum OrderFault: UInt8 {
  case none
  case copied
  case orphanProduct
  case unknownRate
  case absurdQuantity
  case negativePrice
  case unknownCurrency
  case impossibleDate
}

struct Line {
  /// Product id; beyond the products' number: an orphan.
  var product: Int32
  var quantity: Int32
  var price: Price
  /// Quarantined by a rule: not in any report.
  var isRejected = false
}

/// Ids are positions + 1.
struct Order {
  /// Index, or -1.
  var company: Int32
  var customer: Int32
  var store: Int32
  var channel: SalesChannel
  var isPurchase = false
  /// Id, or 0.
  var parent: Int64 = 0
  var status: OrderStatus
  /// Index into `Order.cancelReasons`, or -1.
  var cancelReason: Int8 = -1
  var day: Int32
  var currency: Int8
  /// Country index, or -1.
  var shipTo: Int8
  var createdAt: Int64
  var updatedAt: Int64
  var note: String?
  var firstLine: Int32
  var lineCount: Int32
  var fault = OrderFault.none

  static let cancelReasons = ["out_of_stock", "customer", "payment"]

  /// Quarantined as a whole: its lines stand alone, and no report shows them.
  var isRejected: Bool { fault == .unknownCurrency || fault == .impossibleDate }
  var lines: Range<Int> { Int(firstLine)..<Int(firstLine + lineCount) }
}

struct Shipment {
  var order: Int
  var carrier: String
  var service: String
  var country: Int
  var status: String
  var promised: Int
  var costCents: Int
  var eventTime: Int64
}

/// Pieces of an order line that came back. Ids are positions + 1.
struct Return {
  /// Index of the order.
  var order: Int
  /// Index of the line.
  var line: Int
  var quantity: Int32
  /// Index into `Return.reasons`.
  var reason: Int
  /// In minor units of the order's currency.
  var refund: Int64
  var returnedAt: Int64

  static let reasons = ["damaged", "wrong item", "does not fit", "came too late", "no longer wanted"]
}

struct StockLevel {
  var product: Int
  var location: String
  var quantity: Int
  var updatedAt: Int64
}

/// Everything in the platform database, before it is written.
struct World {
  var firstDay: Int
  var lastDay: Int
  /// Indices into `Geography.countries` that have address ranges.
  var countries: [Int] = []
  var companies: [Company] = []
  var customers: [Customer] = []
  var stores: [(city: String, state: String)] = []
  var products: [Product] = []
  var catalogs: [CatalogEntry] = []
  var orders: [Order] = []
  var lines: [Line] = []
  var shipments: [Shipment] = []
  /// In the order in which they came back.
  var returns: [Return] = []
  var stock: [StockLevel] = []
  /// Per currency index: unscaled rate per day from `firstDay`; empty where none are published.
  var rates: [[Int64]] = []

  /// Units of the base currency for one unit; nil where the platform has no row.
  func rate(currency: Int, day: Int) -> Price? {
    let table = rates[currency]
    guard table.indices.contains(day - firstDay) else { return nil }
    return Price(unscaled: table[day - firstDay], scale: Geography.currencies[currency].rateScale)
  }

  func productName(_ id: Int32) -> String { Int(id) <= products.count ? products[Int(id) - 1].name : "unknown" }
  func category(_ id: Int32) -> String {
    Int(id) <= products.count ? Words.categories[products[Int(id) - 1].category].name : "unknown"
  }
}
