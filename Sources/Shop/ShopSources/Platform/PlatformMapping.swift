package import Capture
package import Entity
internal import Events
internal import Money
package import Privacy

/// Rows of the platform → payloads. Which tables there are: docs/reference/platform.md.
///
/// What stays clear is of a fixed form (countries, currencies, words of a list) or scrubbed of e-mail addresses and
/// card numbers: a form of the platform that somebody filled in wrongly must not put a person into the log in clear.
package struct PlatformMapping: RowMapping {
  package let title = PlatformTables.title
  package let tables = PlatformTables.all
  package let topics = PlatformTables.topics
  private let router: Router
  /// Whose the customers, orders and user names are.
  private let scope: SystemScope

  /// Of which kind the tax numbers of this database are.
  private let taxNumbers: TaxNumberKind
  private let placeholders: PlaceholderIdentity

  /// `system`: the name of the source. `placeholders`: addresses that are nobody's. Throws where the keys cannot be
  /// derived.
  package init(
    keyring: Keyring, system: String, taxNumbers: TaxNumberKind = .cuit,
    placeholders: PlaceholderIdentity = PlaceholderIdentity()
  ) throws(PrivacyError) {
    router = try Router(keyring)
    scope = SystemScope(system, first: SourceName.platform)
    self.taxNumbers = taxNumbers
    self.placeholders = placeholders
  }

  private static let channels: [String: Channel] = ["b2b": .b2b, "ecommerce": .ecommerce, "store": .store]
  private static let orderTypes: [String: OrderType] = ["sale": .sale, "purchase": .purchase]
  private static let statuses: [String: OrderStatus] = [
    "placed": .placed, "completed": .completed, "cancelled": .cancelled, "returned": .returned,
  ]
  private static let companyKinds: Set<String> = ["supplier", "client"]
  private static let reasons: [String: CancelReason] = [
    "out_of_stock": .outOfStock, "customer": .customer, "payment": .payment,
  ]

  package func event(of change: RowChange) throws(RowFault) -> MappedEvent {
    switch change.row.table.name {
    case "orders": try order(change)
    case "order_items": try orderLine(change)
    case "shipments": try shipment(change)
    case "stock": try stock(change)
    case "returns": try returned(change)
    case "companies": try company(change)
    case "customers": try customer(change)
    case "products": try product(change)
    case "company_catalogs": try supplierPrice(change)
    case "stores": try store(change)
    case "countries": try country(change)
    case "exchange_rates": try exchangeRate(change)
    default: throw .unknownValue("table")
    }
  }

  package func place(ofRejected row: SourceRow, referred: String) -> (topic: String, route: Token) {
    let parts = row.table.keyColumns.map { row.optionalText($0) ?? "" }
    let first = parts.first ?? ""
    switch row.table.name {
    case "orders": return (Topic.orders, orderRoute(row.optionalText("channel") ?? "", Array(first.utf8)))
    case "order_items": return (Topic.orders, orderRoute(referred, Array((row.optionalText("order_id") ?? "").utf8)))
    case "shipments": return (Topic.shipments, orderRoute(referred, Array((row.optionalText("order_id") ?? "").utf8)))
    case "returns": return (Topic.returns, orderRoute(referred, Array((row.optionalText("order_id") ?? "").utf8)))
    case "stock": return (Topic.inventory, inventoryRoute(Array(first.utf8), parts.last ?? ""))
    default: return (Topic.catalog, catalogRoute(row.table.name, parts))
    }
  }

  /// A number, a date or a tax number written in another way is the same key.
  package func loggedRow(_ event: [UInt8]) -> LoggedRow? {
    guard let event = try? Event<SealedPerson>(decoding: event.span) else { return nil }
    return LoggedRow(event.envelope, event.key)
  }

  package func keyText(_ column: String, of row: SourceRow) -> String? {
    guard let text = row.optionalText(column) else { return nil }
    switch column {
    case "id", "product_id": return (try? row.optionalKey(column))?.integer.map { String($0) } ?? text
    case "date", "valid_from": return (try? row.optionalDate(column))?.map { $0.text } ?? text
    case "cuit", "company_cuit":
      if let number = taxNumbers.canonical(text) { return number }
      let digits = text.utf8.filter { $0 &- UInt8(ascii: "0") <= 9 }
      return digits.isEmpty ? ClearText.trimmed(text) : String(decoding: digits, as: UTF8.self)
    default: return text
    }
  }

  // MARK: Routing

  private func orderRoute(_ channel: String, _ id: [UInt8]) -> Token {
    router.token("order", Array(channel.utf8), id)
  }

  private func inventoryRoute(_ product: [UInt8], _ location: String) -> Token {
    router.token("inventory", product, Array(location.utf8))
  }

  private func catalogRoute(_ entity: String, _ parts: [String]) -> Token {
    catalogRoute(entity, Array(parts.joined(separator: "\u{1f}").utf8))
  }

  private func catalogRoute(_ entity: String, _ key: [UInt8]) -> Token {
    router.token("catalog", Array(entity.utf8), key)
  }

  // MARK: Rows

  private func order(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    var (change, current, row) = try changed.read { (row) throws(RowFault) in
      Order<Person>(
        company: try row.taxNumber("company_cuit", taxNumbers), customerID: try row.optionalKey("customer_id"),
        channel: try row.word("channel", Self.channels, otherwise: Channel(rawValue: 0)),
        storeID: try row.optionalKey("store_id"),
        orderType: try row.word("order_type", Self.orderTypes, otherwise: OrderType(rawValue: 0)),
        parentOrderID: try row.optionalKey("parent_order_id"),
        status: try row.word("status", Self.statuses, otherwise: OrderStatus(rawValue: 0)),
        cancelReason: row.optionalText("cancel_reason") == nil
          ? nil : try row.word("cancel_reason", Self.reasons, otherwise: CancelReason(rawValue: 0)),
        orderDate: try row.date("order_date"), currency: try row.currency("currency"),
        shipToCountry: row.optionalText("ship_to_country").map(FixedForm.country),
        shipToAddress: try row.personal("ship_to_address"),
        createdAt: try row.time("created_at"), updatedAt: try row.time("updated_at"))
    }
    // One event's fields are sealed for one person each: what belonged to somebody else before is left out.
    if change.hasBefore, change.hasAfter, let old = change.before {
      if old.company != row.company { change.before?.company = nil }
      if old.customerID != row.customerID {
        change.before?.shipToAddress = nil
        if old.customerID?.isPersonal == true { change.before?.customerID = nil }
      }
    }
    let key = try current.ownKey("id")
    let person = row.customerID.map { [customer($0)] } ?? [scope.subject("order", key.plainBytes)]
    return MappedEvent(
      topic: Topic.orders, route: orderRoute(current.optionalText("channel") ?? "", key.plainBytes), key: key,
      content: Payload<Person>.order(change), subjects: subjects(row.company, others: person),
      time: change.hasAfter ? row.updatedAt : nil
    )
  }

  private func orderLine(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, current, row) = try changed.read { (row) throws(RowFault) in
      OrderLine<Person>(
        orderID: try row.key("order_id"), productID: try row.key("product_id"),
        quantity: try row.integer("quantity"), unitPrice: try row.decimal("unit_price"),
        discount: try row.optionalDecimal("discount"))
    }
    return MappedEvent(
      topic: Topic.orders, route: orderRoute(changed.referred, row.orderID.plainBytes), key: try current.ownKey("id"),
      content: Payload<Person>.orderLine(change), subjects: .none
    )
  }

  private func shipment(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, current, row) = try changed.read { (row) throws(RowFault) in
      Shipment<Person>(
        orderID: try row.key("order_id"), carrier: try row.clear("carrier"),
        service: try row.clear("service"), destinationCountry: try row.country("destination_country"),
        status: try row.clear("status"), promisedDate: try row.optionalDate("promised_date"),
        cost: try row.optionalDecimal("cost"), eventTime: try row.time("event_time"))
    }
    return MappedEvent(
      topic: Topic.shipments, route: orderRoute(changed.referred, row.orderID.plainBytes),
      key: try current.ownKey("id"), content: Payload<Person>.shipment(change),
      subjects: .none, time: change.hasAfter ? row.eventTime : nil)
  }

  private func returned(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, current, row) = try changed.read { (row) throws(RowFault) in
      let (refund, currency) = try row.money("refund", in: "currency")
      return ProductReturn<Person>(
        order: try row.key("order_id"), product: try row.key("product_id"), quantity: try row.integer("quantity"),
        reason: try row.clear("reason"), refundMinor: refund, currency: currency,
        returnedAt: try row.time("returned_at"))
    }
    return MappedEvent(
      topic: Topic.returns, route: orderRoute(changed.referred, row.order.plainBytes), key: try current.ownKey("id"),
      content: Payload<Person>.productReturn(change), time: change.hasAfter ? row.returnedAt : nil)
  }

  private func stock(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, current, row) = try changed.read { (row) throws(RowFault) in
      Stock<Person>(
        productID: try row.ownKey("product_id"), location: try location(row),
        quantity: try row.integer("quantity"), updatedAt: try row.time("updated_at"))
    }
    return MappedEvent(
      topic: Topic.inventory, route: inventoryRoute(row.productID.plainBytes, current.optionalText("location") ?? ""),
      key: row.naturalKey(), content: Payload<Person>.stock(change),
      subjects: .none, time: change.hasAfter ? row.updatedAt : nil)
  }

  /// A place is part of the key, so one that holds an address or a card number is told from others by its token.
  private func location(_ row: SourceRow) throws(RowFault) -> String {
    let text = try row.keyText("location")
    guard TextScrubber.scrubIfSuspicious(text) != text else { return text }
    return "~" + router.token("location", Array(text.utf8)).hexadecimal
  }

  private func company(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    var (change, current, row) = try changed.read { (row) throws(RowFault) in
      let cuit = try row.keyTaxNumber("cuit", taxNumbers)
      let name = try row.text("name")
      let kind = try row.text("type")
      let guardedName: Guarded<Person>
      switch cuit {
      case .open: guardedName = .open(TextScrubber.scrubIfSuspicious(name))
      case .personal: guardedName = .personal(try row.personal("name") ?? PersonalData(bytes: []))
      }
      return Company<Person>(
        taxNumber: cuit, name: guardedName, kind: Self.companyKinds.contains(kind) ? kind : "other",
        country: try row.country("country"),
        login: try row.personal("login").map(scope.user))
    }
    if change.hasBefore, change.hasAfter, let old = change.before, old.login != row.login { change.before?.login = nil }
    let text = current.optionalText("cuit") ?? ""
    let isValid = taxNumbers.isValid(text)
    let owner = [Subject("company", taxNumberBytes(row.taxNumber))]
    let login = row.login.map { [Subject("user", $0.bytes)] } ?? owner
    return MappedEvent(
      topic: Topic.catalog, route: catalogRoute("companies", [text]), key: row.naturalKey(),
      content: Payload<Person>.company(change),
      subjects: .except(.user, login, others: owner), flags: isValid ? [] : ["\(taxNumbers.rawValue).checkDigit"])
  }

  private func customer(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    var (change, current, row) = try changed.read { (row) throws(RowFault) in
      Customer<Person>(
        company: try row.taxNumber("company_cuit", taxNumbers),
        document: try row.personal("document_number"), username: try row.personal("username").map(scope.user),
        fullName: try row.personal("full_name"),
        email: placeholders.isEmail(row.optionalText("email") ?? "") ? nil : try row.personal("email"),
        phone: try row.personal("phone"), birthDate: try row.personal("birth_date"),
        birthYear: try row.optionalDate("birth_date").map { Int32(truncatingIfNeeded: $0.year) },
        country: try row.country("country"), address: try row.personal("address"),
        card: row.optionalText("payment_card").flatMap(CheckRules.cardDigits).map { PersonalData(bytes: $0) })
    }
    if change.hasBefore, change.hasAfter, let old = change.before, old.company != row.company {
      change.before?.company = nil
    }
    let key = try current.ownKey("id")
    var person = [customer(key)]
    if let user = row.username { person.append(Subject("user", user.bytes)) }
    if let email = current.optionalText("email"), !email.isEmpty, !placeholders.isEmail(email) {
      person.append(Subject("email", CheckRules.canonicalEmail(email)))
    }
    let card = current.optionalText("payment_card") ?? ""
    let findings = row.card == nil && !card.isEmpty ? ["card.invalid"] : []
    let hasPlaceholder = placeholders.isEmail(current.optionalText("email") ?? "")
    return MappedEvent(
      topic: Topic.catalog, route: catalogRoute("customers", key.plainBytes), key: key,
      content: Payload<Person>.customer(change),
      subjects: subjects(row.company, others: person),
      flags: findings + (hasPlaceholder ? [CheckRules.placeholder] : []))
  }

  private func product(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    var (change, current, row) = try changed.read { (row) throws(RowFault) in
      Product<Person>(
        name: try row.clear("name"), category: try row.clear("category"),
        supplier: try row.taxNumber("supplier_cuit", taxNumbers), basePrice: try row.decimal("base_price"))
    }
    if change.hasBefore, change.hasAfter, let old = change.before, old.supplier != row.supplier {
      change.before?.supplier = nil
    }
    let key = try current.ownKey("id")
    return MappedEvent(
      topic: Topic.catalog, route: catalogRoute("products", key.plainBytes), key: key,
      content: Payload<Person>.product(change),
      subjects: subjects(row.supplier, others: []))
  }

  private func supplierPrice(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, current, row) = try changed.read { (row) throws(RowFault) in
      let (minor, currency) = try row.money("sale_price", in: "currency")
      return SupplierPrice<Person>(
        company: try row.keyTaxNumber("company_cuit", taxNumbers), productID: try row.ownKey("product_id"),
        priceMinor: minor, currency: currency, validFrom: try row.keyDate("valid_from"))
    }
    let parts = ["company_cuit", "product_id", "valid_from"].map { current.optionalText($0) ?? "" }
    return MappedEvent(
      topic: Topic.catalog, route: catalogRoute("company_catalogs", parts), key: row.naturalKey(),
      content: Payload<Person>.supplierPrice(change),
      subjects: .all([Subject("company", taxNumberBytes(row.company))]))
  }

  private func store(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, current, _) = try changed.read { (row) throws(RowFault) in
      Store(city: try row.clear("city"), state: try row.clear("state"))
    }
    let key = try current.ownKey("id")
    return MappedEvent(
      topic: Topic.catalog, route: catalogRoute("stores", key.plainBytes), key: key,
      content: Payload<Person>.store(change),
      subjects: .none)
  }

  private func country(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, _, row) = try changed.read { (row) throws(RowFault) in
      Country(code: try row.keyCountry("code"), name: try row.clear("name"))
    }
    return MappedEvent(
      topic: Topic.catalog, route: catalogRoute("countries", [row.code]), key: row.naturalKey(),
      content: Payload<Person>.country(change),
      subjects: .none)
  }

  private func exchangeRate(_ changed: RowChange) throws(RowFault) -> MappedEvent {
    let (change, current, row) = try changed.read { (row) throws(RowFault) in
      let currency = try row.keyText("currency")
      guard row.isLenient || Currency(currency) != nil else { throw .unknownCurrency("currency") }
      return ExchangeRate(
        date: try row.keyDate("date"), currency: FixedForm.currency(currency), rate: try row.decimal("rate"))
    }
    let parts = ["date", "currency"].map { current.optionalText($0) ?? "" }
    return MappedEvent(
      topic: Topic.catalog, route: catalogRoute("exchange_rates", parts), key: row.naturalKey(),
      content: Payload<Person>.exchangeRate(change),
      subjects: .none)
  }

  // MARK: Subjects

  /// Two customers may share an e-mail address and a user name, never a key.
  private func customer(_ key: RowKey<Person>) -> Subject {
    scope.subject("customer", key.plainBytes, isIdentity: true)
  }

  private func taxNumberBytes(_ number: Guarded<Person>) -> [UInt8] {
    switch number {
    case .open(let text): Array(text.utf8)
    case .personal(let data): data.bytes
    }
  }

  private func subjects(_ company: Guarded<Person>?, others: [Subject]) -> PersonalSubjects {
    guard let company, case .personal(let data) = company else { return .all(others) }
    return .except(.taxNumber, [Subject("company", data.bytes)], others: others)
  }
}

extension RowKey where P == Person {
  /// What subjects and routes of the shop are made of, as ever: the digits of an integer, the bytes of a text; other
  /// keys in their canonical form. Input of keyed hashes, and nothing else.
  fileprivate var plainBytes: [UInt8] {
    if let integer { return Array(String(integer).utf8) }
    if case .text(let text) = first, rest.isEmpty { return Array(text.utf8) }
    var bytes: [UInt8] = []
    appendClear(to: &bytes)
    return bytes
  }
}
