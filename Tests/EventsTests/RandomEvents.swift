import Entity
import Events
import Money
import TestSupport

/// Makes random events that use the whole range of every field: zeros, extremes, empty and strange texts.
struct RandomEvents {
  var generator: SeededGenerator
  private let texts: [String]
  private let boxes: [[UInt8]]

  static let kinds = 18
  /// Whether a change is of which only the key is known.
  private var lacksRows = false
  private var format: UInt32 = 1

  init(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let letters = Array("abz09 -/.\u{0}\n\u{1b}éß€漢𝄞🙂e\u{301}")
    texts = (0..<300).map { index in
      String((0..<(index % 60)).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] })
    }
    boxes = (0..<100).map { length in (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next()) } }
    self.generator = generator
  }

  /// What came after format 1 is of format 2, whatever is asked for.
  mutating func event(kind: Int, format wanted: UInt32 = 1) -> Event<SealedPerson> {
    let format = kind == 17 ? EventFormat.second : wanted
    let isRow = ![12, 13, 14, 16].contains(kind)
    self.format = format
    lacksRows = format > 1 && isRow && generator.next() % 8 == 0
    var event = event(kind: kind, operation: lacksRows ? .delete : EventOperation(rawValue: number()))
    event.envelope.format = format
    if isRow { event.key = format > 1 ? key() : event.payload.naturalKey() ?? RowKey(long()) }
    return event
  }

  private mutating func event(kind: Int, operation: EventOperation) -> Event<SealedPerson> {
    Event(
      source: "s" + text(), epoch: bits() | 1, number: bits() | 1,
      position: SourcePosition(stream: text(), record: bits(), index: UInt32(truncatingIfNeeded: bits())),
      operation: operation, version: StateVersion(major: bits(), minor: bits()),
      occurredAt: moment(),
      capturedAt: moment(), flags: chance() ? (0..<3).map { _ in text() } : [], payload: payload(kind: kind))
  }

  private mutating func payload(kind: Int) -> Payload<SealedPerson> {
    switch kind {
    case 0: .order(change { $0.order() })
    case 1: .orderLine(change { $0.orderLine() })
    case 2:
      .product(
        change {
          Product(
            name: $0.text(), category: $0.text(), supplier: $0.optional { $0.guarded() },
            basePrice: $0.decimal())
        })
    case 3:
      .company(
        change {
          Company(
            taxNumber: $0.guarded(), name: $0.guarded(), kind: $0.text(), country: $0.text(),
            login: $0.optional { $0.sealed() })
        })
    case 4:
      .supplierPrice(
        change {
          SupplierPrice(
            company: $0.guarded(), productID: $0.reference(), priceMinor: $0.long(), currency: $0.text(),
            validFrom: $0.date())
        })
    case 5: .customer(change { $0.customer() })
    case 6: .store(change { Store(city: $0.text(), state: $0.text()) })
    case 7: .country(change { Country(code: $0.text(), name: $0.text()) })
    case 8: .exchangeRate(change { ExchangeRate(date: $0.date(), currency: $0.text(), rate: $0.decimal()) })
    case 9:
      .stock(
        change { Stock(productID: $0.reference(), location: $0.text(), quantity: $0.long(), updatedAt: $0.moment()) })
    case 10: .shipment(change { $0.shipment() })
    case 11: .lead(change { $0.lead() })
    case 12: .webRequest(webRequest())
    case 13: .heartbeat(Heartbeat(readUpTo: moment()))
    case 14: .rejected(Rejected(reason: text(), detail: text(), raw: optional { $0.sealed() }))
    case 15:
      .spend(
        change {
          Spend(
            date: $0.date(), market: $0.text(), channel: $0.text(), campaign: $0.text(), amountMinor: $0.long(),
            currency: $0.text())
        })
    case 16: .decision(decision())
    default: .productReturn(change { $0.productReturn() })
    }
  }

  private mutating func productReturn() -> ProductReturn<SealedPerson> {
    ProductReturn(
      order: reference(), product: reference(), quantity: long(), reason: text(), refundMinor: long(), currency: text(),
      returnedAt: moment())
  }

  private mutating func decision() -> Decision {
    Decision(
      kind: text(), by: text(),
      inputs: (0..<Int(generator.next() % 4)).map { _ in
        LogPosition(topic: text(), partition: number(), nextOffset: long())
      },
      recommendation: optional { $0.recommendation() })
  }

  private mutating func recommendation() -> Recommendation {
    Recommendation(
      period: text(), firstDate: date(), lastDate: date(), currency: text(), totalMinor: long(),
      expectedReturnMinor: long(), lowMinor: long(), highMinor: long(), warning: text(),
      rows: (0..<Int(generator.next() % 4)).map { _ in
        Recommendation.Row(
          market: text(), channel: text(), amountMinor: long(), expectedReturnMinor: long(), lowMinor: long(),
          highMinor: long(), reason: text())
      })
  }

  private mutating func order() -> Order<SealedPerson> {
    Order(
      company: optional { $0.guarded() }, customerID: optional { $0.reference() },
      channel: Channel(rawValue: number()), storeID: optional { $0.reference() },
      orderType: OrderType(rawValue: number()),
      parentOrderID: optional { $0.reference() }, status: OrderStatus(rawValue: number()),
      cancelReason: optional { CancelReason(rawValue: $0.number()) }, orderDate: date(), currency: text(),
      shipToCountry: optional { $0.text() }, shipToAddress: optional { $0.sealed() }, createdAt: moment(),
      updatedAt: moment())
  }

  private mutating func orderLine() -> OrderLine<SealedPerson> {
    OrderLine(orderID: reference(), productID: reference(), quantity: long(), unitPrice: decimal())
  }

  private mutating func customer() -> Customer<SealedPerson> {
    Customer(
      company: optional { $0.guarded() }, document: optional { $0.sealed() },
      username: optional { $0.sealed() }, fullName: optional { $0.sealed() }, email: optional { $0.sealed() },
      phone: optional { $0.sealed() }, birthDate: optional { $0.sealed() }, birthYear: optional { $0.number() },
      country: text(), address: optional { $0.sealed() }, card: optional { $0.sealed() })
  }

  private mutating func shipment() -> Shipment<SealedPerson> {
    Shipment(
      orderID: reference(), carrier: text(), service: text(), destinationCountry: text(), status: text(),
      promisedDate: optional { $0.date() }, cost: optional { $0.decimal() }, eventTime: moment())
  }

  private mutating func lead() -> Lead<SealedPerson> {
    Lead(
      leadID: text(), createdAt: moment(), campaign: text(), companyName: text(), industry: text(),
      contactName: optional { $0.sealed() }, contactEmail: optional { $0.sealed() },
      contactPhone: optional { $0.sealed() }, leadSource: text(), estimatedAnnualRevenue: optional { $0.decimal() },
      country: text(), status: text(), statusUpdatedAt: moment())
  }

  private mutating func webRequest() -> WebRequest<SealedPerson> {
    WebRequest(
      method: text(), path: text(), status: number(), bytes: long(), referrer: text(), userAgent: text(),
      country: text(),
      ipPrefix: text(), countryDataVersion: bits(), utmSource: text(), utmMedium: text(), utmCampaign: text(),
      ip: sealed(), user: optional { $0.sealed() })
  }

  /// One to four parts of every type, with the whole range of each.
  mutating func key() -> RowKey<SealedPerson> {
    RowKey(part(), (0..<Int(generator.next() % 8)).prefix(3).map { _ in part() })
  }

  /// Format 1 has whole numbers only.
  private mutating func reference() -> RowKey<SealedPerson> { format > 1 && chance() ? key() : RowKey(long()) }

  private mutating func part() -> RowKey<SealedPerson>.Part {
    switch generator.next() % 5 {
    case 0: .integer(long())
    case 1: .text(text())
    case 2: .uuid(high: bits(), low: bits())
    case 3: .bytes(boxes[Int(generator.next() % UInt64(boxes.count))])
    default: .personal(sealed())
    }
  }

  private mutating func change<Row>(_ row: (inout RandomEvents) -> Row) -> Change<Row> {
    if lacksRows { return Change() }
    switch Int.random(in: 0...2, using: &generator) {
    case 0: return Change(before: row(&self))
    case 1: return Change(after: row(&self))
    default: return Change(before: row(&self), after: row(&self))
    }
  }

  private mutating func chance() -> Bool { generator.next() & 1 == 0 }
  /// Every magnitude equally often, zero among them.
  private mutating func bits() -> UInt64 {
    let shift = generator.next() % 65
    return shift == 64 ? 0 : generator.next() >> shift
  }
  private mutating func long() -> Int64 {
    let value = Int64(bitPattern: bits())
    return chance() ? value : 0 &- value
  }
  private mutating func number() -> Int32 { Int32(truncatingIfNeeded: long()) }
  private mutating func moment() -> Timestamp { Timestamp(millis: long()) }
  private mutating func date() -> CivilDate { CivilDate(daysSinceEpoch: number()) }
  private mutating func decimal() -> Decimal64 { Decimal64(unscaled: long(), scale: UInt8(generator.next() % 10)) }
  private mutating func text() -> String { texts[Int(generator.next() % UInt64(texts.count))] }
  private mutating func sealed() -> SealedData {
    SealedData(
      key: PersonKeyID(high: bits(), low: bits()), box: boxes[Int(generator.next() % UInt64(boxes.count))],
      tokenVersion: chance() ? 1 : UInt32(truncatingIfNeeded: bits()) | 2)
  }
  private mutating func guarded() -> Guarded<SealedPerson> { chance() ? .open(text()) : .personal(sealed()) }
  private mutating func optional<Value>(_ value: (inout RandomEvents) -> Value) -> Value? {
    chance() ? value(&self) : nil
  }
}

extension Event where P == SealedPerson {
  var encoded: [UInt8] {
    var buffer: [UInt8] = []
    encode(into: &buffer)
    return buffer
  }

  static func decoded(_ bytes: [UInt8]) throws(EventError) -> Event {
    try Event(decoding: bytes.span)
  }
}

/// The formats that are read.
enum Formats {
  static let all = [EventFormat.first, EventFormat.second]
}
