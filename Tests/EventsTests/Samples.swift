import Entity
import Events
import Money

/// One event of each kind, with every field set to a value of its own. Their bytes are checked in: Tests/Golden/events.
enum Samples {
  static let all: [(name: String, event: Event<SealedPerson>)] = [
    ("order", event(.update, .order(Change(before: order(.placed), after: order(.cancelled))))),
    (
      "order_line",
      event(
        .create,
        .orderLine(
          Change(after: OrderLine(orderID: 4711, productID: 33, quantity: 8, unitPrice: price))))
    ),
    (
      "product",
      event(
        .snapshot,
        .product(
          Change(
            after: Product(
              name: "Vaccum", category: "Home", supplier: .open("30712345671"), basePrice: price))))
    ),
    (
      "company",
      event(
        .create,
        .company(
          Change(
            after: Company(
              taxNumber: .personal(sealed(1)), name: .personal(sealed(2)), kind: "supplier", country: "US",
              login: sealed(3))
          )))
    ),
    (
      "supplier_price",
      event(
        .delete,
        .supplierPrice(
          Change(
            before: SupplierPrice(
              company: .open("30712345671"), productID: 33, priceMinor: 10_050, currency: "EUR", validFrom: day))))
    ),
    (
      "customer",
      event(
        .create,
        .customer(
          Change(
            after: Customer(
              company: .open("30712345671"), document: sealed(4), username: sealed(5),
              fullName: sealed(6),
              email: sealed(7), phone: sealed(8), birthDate: sealed(9), birthYear: 1984, country: "CA",
              address: sealed(10), card: sealed(11)))))
    ),
    ("store", event(.create, .store(Change(after: Store(city: "Billings", state: "MT"))))),
    ("country", event(.snapshot, .country(Change(after: Country(code: "DE", name: "Germany"))))),
    (
      "exchange_rate",
      event(
        .create,
        .exchangeRate(
          Change(after: ExchangeRate(date: day, currency: "EUR", rate: Decimal64(unscaled: 1_072_500, scale: 6)))))
    ),
    (
      "stock",
      event(
        .update,
        .stock(
          Change(
            before: Stock(productID: 33, location: "Reno", quantity: 12, updatedAt: moment(1)),
            after: Stock(productID: 33, location: "Reno", quantity: -1, updatedAt: moment(2)))))
    ),
    (
      "shipment",
      event(
        .update,
        .shipment(
          Change(
            after: Shipment(
              orderID: 4711, carrier: "Purolator", service: "express", destinationCountry: "CA",
              status: "delivered", promisedDate: day, cost: Decimal64(unscaled: 995, scale: 2), eventTime: moment(3)))))
    ),
    (
      "lead",
      event(
        .create,
        .lead(
          Change(
            after: Lead(
              leadID: "L-1", createdAt: moment(4), campaign: "spring", companyName: "Ágora S.A.", industry: "retail",
              contactName: sealed(12), contactEmail: sealed(13), contactPhone: sealed(14), leadSource: "LinkedIn Ads",
              estimatedAnnualRevenue: Decimal64(unscaled: 1_000_000, scale: 0), country: "GB", status: "new",
              statusUpdatedAt: moment(5)))))
    ),
    ("web_request", event(.create, .webRequest(webRequest))),
    ("heartbeat", event(.heartbeat, .heartbeat(Heartbeat(readUpTo: moment(6))))),
    (
      "rejected",
      event(.rejected, .rejected(Rejected(reason: "weblog.unparsable", detail: "time", raw: sealed(17))))
    ),
    (
      "spend",
      event(
        .update,
        .spend(
          Change(
            before: Spend(
              date: day, market: "CA", channel: "trade_show", campaign: "autumn fair", amountMinor: 125_000,
              currency: "CAD"),
            after: Spend(
              date: day, market: "CA", channel: "trade_show", campaign: "autumn fair", amountMinor: 119_050,
              currency: "CAD"))))
    ),
    (
      "decision",
      event(
        .create,
        .decision(
          Decision(
            kind: Decision.recommendation, by: "operator",
            inputs: [
              LogPosition(topic: Topic.orders, partition: 3, nextOffset: 1_000),
              LogPosition(topic: Topic.spend, partition: 0, nextOffset: 77),
            ],
            recommendation: Recommendation(
              period: "2026-11", firstDate: day, lastDate: day.adding(days: 29), currency: "USD",
              totalMinor: 1_000_001, expectedReturnMinor: 3_400_000, lowMinor: 2_900_000, highMinor: 4_100_000,
              warning: "the traffic mart is 3 h old",
              rows: [
                Recommendation.Row(
                  market: "CA", channel: "search", amountMinor: 1_000_001, expectedReturnMinor: 3_400_000,
                  lowMinor: 2_900_000, highMinor: 4_100_000, reason: "the only row")
              ]))))
    ),
  ]

  static let price = Decimal64(unscaled: 12_990, scale: 2)
  static let day = CivilDate(daysSinceEpoch: 20_757)
  static func moment(_ offset: Int64) -> Timestamp { Timestamp(millis: 1_793_448_000_000 + offset) }
  static func sealed(_ seed: UInt8) -> SealedData {
    SealedData(
      key: PersonKeyID(high: 0x0102_0304_0506_0700 + UInt64(seed), low: 0xfefd_fcfb_faf9_f800 + UInt64(seed)),
      box: (0..<(40 + seed)).map { $0 &* 7 &+ seed })
  }

  static func order(_ status: OrderStatus) -> Order<SealedPerson> {
    Order(
      company: .open("30712345671"), customerID: 77, channel: .b2b, storeID: 5, orderType: .sale,
      parentOrderID: 4710, status: status, cancelReason: status == .cancelled ? .outOfStock : nil, orderDate: day,
      currency: "USD", shipToCountry: "CA", shipToAddress: sealed(0), createdAt: moment(7), updatedAt: moment(8))
  }

  static let webRequest = WebRequest<SealedPerson>(
    method: "GET", path: "/catalog/phones/33", status: 200, bytes: 5120, referrer: "https://www.google.com/search",
    userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
      + "Safari/537.36", country: "US", ipPrefix: "203.0.113.0/24", countryDataVersion: 0x0123_4567_89ab_cdef,
    utmSource: "google", utmMedium: "cpc", utmCampaign: "spring", ip: sealed(15), user: sealed(16))

  /// In format 1.
  static func event(_ operation: EventOperation, _ payload: Payload<SealedPerson>) -> Event<SealedPerson> {
    Event(
      Envelope(
        source: SourceName.platform, epoch: 1, number: 42,
        position: SourcePosition(stream: "orders", record: 99, index: 1), operation: operation,
        version: StateVersion(major: 1, minor: 99), occurredAt: moment(9), capturedAt: moment(10),
        flags: ["cuit.checkDigit"], format: EventFormat.first),
      payload, key: payload.naturalKey() ?? integers[payload.kind])
  }
}

extension Samples {
  /// Keys of format 1 that stand in fields of their own.
  static let integers: [String: RowKey<SealedPerson>] = [
    "order": 4711, "order_line": 11, "product": 33, "customer": 77, "store": 5, "shipment": 9,
  ]

  /// The same in format 2, each row with a key, and a delete of which only the key is known.
  static let second: [(name: String, event: Event<SealedPerson>)] =
    all.map { sample in
      var event = sample.event
      event.envelope.format = EventFormat.second
      if case .orderLine(let change) = event.payload, var line = change.after {
        line.orderID = RowKey(.text("2026/4711"))
        line.productID = RowKey(.text("33"), [.integer(2)])
        event.payload = .orderLine(Change(after: line))
      }
      event.key = keys[sample.name]
      return (sample.name, event)
    } + [("product_return", productReturn), ("delete_by_key", deleteByKey)]

  /// Of an entity that format 1 never had.
  static var productReturn: Event<SealedPerson> {
    var event = event(
      .create,
      .productReturn(
        Change(
          after: ProductReturn(
            order: RowKey(4711), product: RowKey(.text("33"), [.text("blue")]), quantity: 2, reason: "damaged",
            refundMinor: 25_980, currency: "USD", returnedAt: moment(11)))))
    event.envelope.format = EventFormat.second
    event.key = RowKey(.text("R-7"))
    return event
  }

  static var deleteByKey: Event<SealedPerson> {
    var event = event(.delete, .order(Change()))
    event.envelope.format = EventFormat.second
    event.key = RowKey(4711)
    return event
  }

  /// Of each type that a key can have.
  private static let keys: [String: RowKey<SealedPerson>] = [
    "order": RowKey(4711), "order_line": RowKey(-11), "product": RowKey(33), "company": RowKey(.personal(sealed(20))),
    "supplier_price": RowKey(.text("30712345671"), [.integer(33), .integer(20_757)]),
    "customer": RowKey(.uuid(high: 0x0198_c1d2_0000_7000, low: 0x8000_0000_0000_0001)), "store": RowKey(5),
    "country": RowKey(.text("DE")), "exchange_rate": RowKey(.integer(20_757), [.text("EUR")]),
    "stock": RowKey(.integer(33), [.text("Reno")]), "shipment": RowKey(.bytes([0, 9, 0xff])),
    "lead": RowKey(.text("L-1")),
    "spend": RowKey(.integer(20_757), [.text("CA"), .text("trade_show"), .text("autumn fair")]),
  ]
}
