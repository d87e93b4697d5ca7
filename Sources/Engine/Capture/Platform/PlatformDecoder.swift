internal import Events
internal import Money
internal import Privacy

/// What a row of the platform is to the log.
struct DecodedRow: Sendable {
  var topic: String
  var route: Token
  var payload: Payload<Person>
  var subjects: PersonalSubjects
  var flags: [String] = []
  /// The row's own time, where it has one.
  var time: Timestamp?
}

/// Rows of the platform → payloads. Which tables there are: docs/reference/platform.md.
///
/// What stays clear is of a fixed form (countries, currencies, words of a list) or scrubbed of e-mail addresses and card
/// numbers: a form of the platform that somebody filled in wrongly must not put a person into the log in clear.
struct PlatformDecoder {
  let router: Router
  private static let channels: [String: Channel] = ["b2b": .b2b, "ecommerce": .ecommerce, "store": .store]
  private static let orderTypes: [String: OrderType] = ["sale": .sale, "purchase": .purchase]
  private static let statuses: [String: OrderStatus] = [
    "placed": .placed, "completed": .completed, "cancelled": .cancelled, "returned": .returned,
  ]
  private static let companyKinds: Set<String> = ["supplier", "client"]
  private static let reasons: [String: CancelReason] = [
    "out_of_stock": .outOfStock, "customer": .customer, "payment": .payment,
  ]

  /// `before` or `after` is nil for a create, a snapshot or a delete. A row before that does not parse is left out, except
  /// for a delete, which needs it for the key.
  func decode(
    _ table: PlatformTable, before: PlatformRow?, after: PlatformRow?, routing: String
  ) throws(RowFault) -> DecodedRow {
    switch table.name {
    case "orders": try order(before, after)
    case "order_items": try orderLine(before, after, routing)
    case "shipments": try shipment(before, after, routing)
    case "stock": try stock(before, after)
    case "companies": try company(before, after)
    case "customers": try customer(before, after)
    case "products": try product(before, after)
    case "company_catalogs": try supplierPrice(before, after)
    case "stores": try store(before, after)
    case "countries": try country(before, after)
    case "exchange_rates": try exchangeRate(before, after)
    default: throw .unknownValue("table")
    }
  }

  /// Key and topic of a row that does not parse, from what is readable.
  func rejectedRoute(_ table: PlatformTable, _ row: PlatformRow, routing: String) -> (topic: String, route: Token) {
    let parts = table.key.map { row.optionalText($0) ?? "" }
    let first = parts.first ?? ""
    switch table.name {
    case "orders": return (Topic.orders, orderRoute(row.optionalText("channel") ?? "", first))
    case "order_items": return (Topic.orders, orderRoute(routing, row.optionalText("order_id") ?? ""))
    case "shipments": return (Topic.shipments, orderRoute(routing, row.optionalText("order_id") ?? ""))
    case "stock": return (Topic.inventory, inventoryRoute(first, parts.last ?? ""))
    default: return (Topic.catalog, catalogRoute(table.name, parts))
    }
  }

  // MARK: Routing

  private func orderRoute(_ channel: String, _ id: String) -> Token {
    router.token("order", Array(channel.utf8), Array(id.utf8))
  }

  private func inventoryRoute(_ product: String, _ location: String) -> Token {
    router.token("inventory", Array(product.utf8), Array(location.utf8))
  }

  private func catalogRoute(_ entity: String, _ parts: [String]) -> Token {
    router.token("catalog", Array(entity.utf8), Array(parts.joined(separator: "\u{1f}").utf8))
  }

  // MARK: Rows

  /// Reads both rows; the one before only has to parse when it is all there is.
  private func change<Row: Sendable & Equatable>(
    _ before: PlatformRow?, _ after: PlatformRow?, _ read: (PlatformRow) throws(RowFault) -> Row
  ) throws(RowFault) -> (change: Change<Row>, current: PlatformRow, row: Row) {
    if let after {
      let row = try read(after)
      var old: Row?
      if let before { old = try? read(before) }
      return (Change(before: old, after: row), after, row)
    }
    guard var before else { throw .missingField("row") }
    before.isLenient = true
    let row = try read(before)
    return (Change(before: row, after: nil), before, row)
  }

  private func order(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    var (change, current, row) = try change(before, after) { (row) throws(RowFault) in
      Order<Person>(
        orderID: try row.keyInteger("id"), company: try row.guardedCUIT("company_cuit"),
        customerID: try row.optionalInteger("customer_id"),
        channel: try row.word("channel", Self.channels, otherwise: Channel(rawValue: 0)),
        storeID: try row.optionalInteger("store_id"),
        orderType: try row.word("order_type", Self.orderTypes, otherwise: OrderType(rawValue: 0)),
        parentOrderID: try row.optionalInteger("parent_order_id"),
        status: try row.word("status", Self.statuses, otherwise: OrderStatus(rawValue: 0)),
        cancelReason: row.optionalText("cancel_reason") == nil
          ? nil : try row.word("cancel_reason", Self.reasons, otherwise: CancelReason(rawValue: 0)),
        orderDate: try row.date("order_date"), currency: try row.currency("currency"),
        shipToCountry: row.optionalText("ship_to_country").map(PlatformRow.country),
        shipToAddress: try row.personal("ship_to_address"),
        createdAt: try row.time("created_at"), updatedAt: try row.time("updated_at"))
    }
    // One event's fields are sealed for one person each: what belonged to somebody else before is left out.
    if let old = change.before, change.after != nil {
      if old.company != row.company { change.before?.company = nil }
      if old.customerID != row.customerID { change.before?.shipToAddress = nil }
    }
    let person = row.customerID.map { [subject("customer", String($0))] } ?? [subject("order", String(row.orderID))]
    return DecodedRow(
      topic: Topic.orders, route: orderRoute(current.optionalText("channel") ?? "", String(row.orderID)),
      payload: .order(change), subjects: subjects(row.company, others: person), time: after == nil ? nil : row.updatedAt
    )
  }

  private func orderLine(
    _ before: PlatformRow?, _ after: PlatformRow?, _ channel: String
  ) throws(RowFault) -> DecodedRow {
    let (change, _, row) = try change(before, after) { (row) throws(RowFault) in
      OrderLine(
        lineID: try row.keyInteger("id"), orderID: try row.integer("order_id"),
        productID: try row.integer("product_id"),
        quantity: try row.integer("quantity"), unitPrice: try row.decimal("unit_price"))
    }
    return DecodedRow(
      topic: Topic.orders, route: orderRoute(channel, String(row.orderID)), payload: .orderLine(change), subjects: .none
    )
  }

  private func shipment(
    _ before: PlatformRow?, _ after: PlatformRow?, _ channel: String
  ) throws(RowFault) -> DecodedRow {
    let (change, _, row) = try change(before, after) { (row) throws(RowFault) in
      Shipment(
        shipmentID: try row.keyInteger("id"), orderID: try row.integer("order_id"), carrier: try row.clear("carrier"),
        service: try row.clear("service"), destinationCountry: try row.country("destination_country"),
        status: try row.clear("status"), promisedDate: try row.optionalDate("promised_date"),
        cost: try row.optionalDecimal("cost"), eventTime: try row.time("event_time"))
    }
    return DecodedRow(
      topic: Topic.shipments, route: orderRoute(channel, String(row.orderID)), payload: .shipment(change),
      subjects: .none, time: after == nil ? nil : row.eventTime)
  }

  private func stock(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    let (change, current, row) = try change(before, after) { (row) throws(RowFault) in
      Stock(
        productID: try row.keyInteger("product_id"), location: try location(row),
        quantity: try row.integer("quantity"), updatedAt: try row.time("updated_at"))
    }
    return DecodedRow(
      topic: Topic.inventory, route: inventoryRoute(String(row.productID), current.optionalText("location") ?? ""),
      payload: .stock(change),
      subjects: .none, time: after == nil ? nil : row.updatedAt)
  }

  /// A place is part of the key, so one that holds an address or a card number is told from others by its token.
  private func location(_ row: PlatformRow) throws(RowFault) -> String {
    let text = try row.keyText("location")
    guard TextScrubber.scrubIfSuspicious(text) != text else { return text }
    return "~" + router.token("location", Array(text.utf8)).hexadecimal
  }

  private func company(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    var (change, current, row) = try change(before, after) { (row) throws(RowFault) in
      let cuit = try row.keyCUIT("cuit")
      let name = try row.text("name")
      let kind = try row.text("type")
      let guardedName: Guarded<Person>
      switch cuit {
      case .open: guardedName = .open(TextScrubber.scrubIfSuspicious(name))
      case .personal: guardedName = .personal(try row.personal("name") ?? PersonalData(bytes: []))
      }
      return Company<Person>(
        cuit: cuit, name: guardedName, kind: Self.companyKinds.contains(kind) ? kind : "other",
        country: try row.country("country"),
        login: try row.personal("login"))
    }
    if let old = change.before, change.after != nil, old.login != row.login { change.before?.login = nil }
    let text = current.optionalText("cuit") ?? ""
    let isValid = CheckRules.cuitDigits(text).map { CheckRules.hasValidCheckDigit(cuit: $0) } ?? false
    let owner = [Subject("company", cuitBytes(row.cuit))]
    let login = row.login.map { [Subject("user", $0.bytes)] } ?? owner
    return DecodedRow(
      topic: Topic.catalog, route: catalogRoute("companies", [text]), payload: .company(change),
      subjects: .except(.user, login, others: owner), flags: isValid ? [] : ["cuit.checkDigit"])
  }

  private func customer(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    var (change, current, row) = try change(before, after) { (row) throws(RowFault) in
      Customer<Person>(
        customerID: try row.keyInteger("id"), company: try row.guardedCUIT("company_cuit"),
        document: try row.personal("document_number"), username: try row.personal("username"),
        fullName: try row.personal("full_name"), email: try row.personal("email"),
        phone: try row.personal("phone"), birthDate: try row.personal("birth_date"),
        birthYear: try row.optionalDate("birth_date").map { Int32(truncatingIfNeeded: $0.year) },
        country: try row.country("country"), address: try row.personal("address"),
        card: row.optionalText("payment_card").flatMap(CheckRules.cardDigits).map { PersonalData(bytes: $0) })
    }
    if let old = change.before, change.after != nil, old.company != row.company { change.before?.company = nil }
    var person = [subject("customer", String(row.customerID))]
    if let user = row.username { person.append(Subject("user", user.bytes)) }
    if let email = current.optionalText("email"), !email.isEmpty {
      person.append(Subject("email", CheckRules.canonicalEmail(email)))
    }
    let card = current.optionalText("payment_card") ?? ""
    return DecodedRow(
      topic: Topic.catalog, route: catalogRoute("customers", [String(row.customerID)]), payload: .customer(change),
      subjects: subjects(row.company, others: person), flags: row.card == nil && !card.isEmpty ? ["card.invalid"] : [])
  }

  private func product(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    var (change, _, row) = try change(before, after) { (row) throws(RowFault) in
      Product<Person>(
        productID: try row.keyInteger("id"), name: try row.clear("name"), category: try row.clear("category"),
        supplier: try row.guardedCUIT("supplier_cuit"), basePrice: try row.decimal("base_price"))
    }
    if let old = change.before, change.after != nil, old.supplier != row.supplier { change.before?.supplier = nil }
    return DecodedRow(
      topic: Topic.catalog, route: catalogRoute("products", [String(row.productID)]), payload: .product(change),
      subjects: subjects(row.supplier, others: []))
  }

  private func supplierPrice(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    let (change, current, row) = try change(before, after) { (row) throws(RowFault) in
      let currency = try row.currency("currency")
      let price = try row.decimal("sale_price")
      var minor: Int64 = 0
      if let known = Currency(currency) {
        // An amount finer than the currency's smallest unit is not an amount in it.
        if let value = price.minor(exponent: known.exponent),
          Decimal64(unscaled: value, scale: known.exponent).compared(to: price) == 0
        {
          minor = value
        } else if !row.isLenient {
          throw .badAmount("sale_price")
        }
      } else if !row.isLenient {
        throw .unknownCurrency("currency")
      }
      return SupplierPrice<Person>(
        company: try row.keyCUIT("company_cuit"), productID: try row.keyInteger("product_id"),
        priceMinor: minor, currency: currency, validFrom: try row.keyDate("valid_from"))
    }
    let parts = ["company_cuit", "product_id", "valid_from"].map { current.optionalText($0) ?? "" }
    return DecodedRow(
      topic: Topic.catalog, route: catalogRoute("company_catalogs", parts), payload: .supplierPrice(change),
      subjects: .all([Subject("company", cuitBytes(row.company))]))
  }

  private func store(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    let (change, _, row) = try change(before, after) { (row) throws(RowFault) in
      Store(storeID: try row.keyInteger("id"), city: try row.clear("city"), state: try row.clear("state"))
    }
    return DecodedRow(
      topic: Topic.catalog, route: catalogRoute("stores", [String(row.storeID)]), payload: .store(change),
      subjects: .none)
  }

  private func country(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    let (change, _, row) = try change(before, after) { (row) throws(RowFault) in
      Country(code: try row.keyCountry("code"), name: try row.clear("name"))
    }
    return DecodedRow(
      topic: Topic.catalog, route: catalogRoute("countries", [row.code]), payload: .country(change), subjects: .none)
  }

  private func exchangeRate(_ before: PlatformRow?, _ after: PlatformRow?) throws(RowFault) -> DecodedRow {
    let (change, current, _) = try change(before, after) { (row) throws(RowFault) in
      let currency = try row.keyText("currency")
      guard row.isLenient || Currency(currency) != nil else { throw .unknownCurrency("currency") }
      return ExchangeRate(
        date: try row.keyDate("date"), currency: PlatformRow.currency(currency), rate: try row.decimal("rate"))
    }
    let parts = ["date", "currency"].map { current.optionalText($0) ?? "" }
    return DecodedRow(
      topic: Topic.catalog, route: catalogRoute("exchange_rates", parts), payload: .exchangeRate(change),
      subjects: .none)
  }

  // MARK: Subjects

  private func subject(_ domain: String, _ value: String) -> Subject { Subject(domain, Array(value.utf8)) }

  private func cuitBytes(_ cuit: Guarded<Person>) -> [UInt8] {
    switch cuit {
    case .open(let text): Array(text.utf8)
    case .personal(let data): data.bytes
    }
  }

  private func subjects(_ company: Guarded<Person>?, others: [Subject]) -> PersonalSubjects {
    guard let company, case .personal(let data) = company else { return .all(others) }
    return .except(.cuit, [Subject("company", data.bytes)], others: others)
  }
}
