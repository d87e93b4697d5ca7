internal import Entity

/// The rows as JSON: every field of the contract, under its name there.
enum JSONTables {
  static let order = JSONTable<Order<PersonToken>>(
    "order", "An order without its lines.",
    [
      .int64("order_id") { $0.orderID },
      .guarded("company", "CUIT of the buying company") { $0.company },
      .int64("customer_id") { $0.customerID },
      .name("channel") { $0.channel },
      .int64("store_id") { $0.storeID },
      .name("order_type") { $0.orderType },
      .int64("parent_order_id", "of a drop-shipped sale: the purchase it belongs to") { $0.parentOrderID },
      .name("status") { $0.status },
      .name("cancel_reason") { $0.cancelReason },
      .day("order_date") { $0.orderDate },
      .text("currency", "ISO 4217; of the order's lines too") { $0.currency },
      .text("ship_to_country", "ISO 3166-1 alpha-2") { $0.shipToCountry },
      .token("ship_to_address") { $0.shipToAddress },
      .moment("created_at") { $0.createdAt },
      .moment("updated_at") { $0.updatedAt },
    ])

  static let orderLine = JSONTable<OrderLine>(
    "order_line", "A line of an order, in the order's currency.",
    [
      .int64("line_id") { $0.lineID },
      .int64("order_id") { $0.orderID },
      .int64("product_id") { $0.productID },
      .int64("quantity") { $0.quantity },
      .decimal("unit_price") { $0.unitPrice },
    ])

  static let product = JSONTable<Product<PersonToken>>(
    "product", "A product.",
    [
      .int64("product_id") { $0.productID },
      .text("name") { $0.name },
      .text("category") { $0.category },
      .guarded("supplier", "CUIT of the supplier") { $0.supplier },
      .decimal("base_price", "in the base currency") { $0.basePrice },
    ])

  static let company = JSONTable<Company<PersonToken>>(
    "company", "A supplier or a client.",
    [
      .guarded("cuit", "CUIT, 11 digits") { $0.cuit },
      .guarded("name", "the company's name") { $0.name },
      .text("kind", "\"supplier\" or \"client\"") { $0.kind },
      .text("country", "ISO 3166-1 alpha-2") { $0.country },
      .token("login", "the company's own account; joins with user_token and username_token") { $0.login },
    ])

  static let supplierPrice = JSONTable<SupplierPrice<PersonToken>>(
    "supplier_price", "What a company asks for a product from a day on.",
    [
      .guarded("company", "CUIT of the supplier") { $0.company },
      .int64("product_id") { $0.productID },
      .int64("price_minor", "in minor units of the currency") { $0.priceMinor },
      .text("currency", "ISO 4217") { $0.currency },
      .day("valid_from") { $0.validFrom },
    ])

  static let customer = JSONTable<Customer<PersonToken>>(
    "customer", "A customer.",
    [
      .int64("customer_id") { $0.customerID },
      .guarded("company", "CUIT of the company the person acts for") { $0.company },
      .token("document") { $0.document },
      .token("username", "joins with a web request's user_token") { $0.username },
      .token("full_name") { $0.fullName },
      .token("email", "joins with a lead's contact_email_token") { $0.email },
      .token("phone") { $0.phone },
      .token("birth_date") { $0.birthDate },
      .int32("birth_year") { $0.birthYear },
      .text("country", "ISO 3166-1 alpha-2") { $0.country },
      .token("address") { $0.address },
      .token("card", "only of a card number that passes Luhn") { $0.card },
    ])

  static let store = JSONTable<Store>(
    "store", "A store.",
    [
      .int64("store_id") { $0.storeID },
      .text("city") { $0.city },
      .text("state") { $0.state },
    ])

  static let country = JSONTable<Country>(
    "country", "A country.",
    [
      .text("code", "ISO 3166-1 alpha-2") { $0.code },
      .text("name") { $0.name },
    ])

  static let exchangeRate = JSONTable<ExchangeRate>(
    "exchange_rate", "Units of the base currency for one unit of a currency, on a day.",
    [
      .day("date") { $0.date },
      .text("currency", "ISO 4217") { $0.currency },
      .decimal("rate") { $0.rate },
    ])

  static let stock = JSONTable<Stock>(
    "stock", "A product's stock at a place.",
    [
      .int64("product_id") { $0.productID },
      .text("location") { $0.location },
      .int64("quantity") { $0.quantity },
      .moment("updated_at") { $0.updatedAt },
    ])

  static let shipment = JSONTable<Shipment>(
    "shipment", "A parcel and its state.",
    [
      .int64("shipment_id") { $0.shipmentID },
      .int64("order_id") { $0.orderID },
      .text("carrier") { $0.carrier },
      .text("service") { $0.service },
      .text("destination_country", "ISO 3166-1 alpha-2") { $0.destinationCountry },
      .text("status") { $0.status },
      .day("promised_date") { $0.promisedDate },
      .decimal("cost", "in the base currency") { $0.cost },
      .moment("event_time") { $0.eventTime },
    ])

  static let lead = JSONTable<Lead<PersonToken>>(
    "lead", "A marketing lead.",
    [
      .text("lead_id") { $0.leadID },
      .moment("created_at") { $0.createdAt },
      .text("campaign") { $0.campaign },
      .text("company_name") { $0.companyName },
      .text("industry") { $0.industry },
      .token("contact_name", "joins with a customer's full_name_token") { $0.contactName },
      .token("contact_email", "joins with a customer's email_token") { $0.contactEmail },
      .token("contact_phone", "joins with a customer's phone_token") { $0.contactPhone },
      .text("lead_source", "as on the sheet") { $0.leadSource },
      .decimal("estimated_annual_revenue", "in the base currency") { $0.estimatedAnnualRevenue },
      .text("country", "ISO 3166-1 alpha-2") { $0.country },
      .text("status") { $0.status },
      .moment("status_updated_at") { $0.statusUpdatedAt },
    ])

  static let webRequest = JSONTable<WebRequest<PersonToken>>(
    "web_request", "One line of an access log, at the event's occurred_at.",
    [
      .text("method") { $0.method },
      .text("path", "without query; addresses and card numbers in it are redacted") { $0.path },
      .int32("status") { $0.status },
      .int64("bytes") { $0.bytes },
      .text("referrer", "scheme, host and path; empty when there was none") { $0.referrer },
      .text("user_agent") { $0.userAgent },
      .text("country", "of the IP, ISO 3166-1 alpha-2; empty when unknown") { $0.country },
      .text("ip_prefix", "/24 of an IPv4 address, /48 of an IPv6 address; empty when the client is no address") {
        $0.ipPrefix
      },
      .hexadecimal("country_data_version", "which data gave the country") { $0.countryDataVersion },
      .text("utm_source") { $0.utmSource },
      .text("utm_medium") { $0.utmMedium },
      .text("utm_campaign") { $0.utmCampaign },
      .token("ip") { $0.ip },
      .token("user", "signed-in user; joins with username_token and login_token") { $0.user },
    ])

  static let heartbeat = JSONTable<Heartbeat>(
    "heartbeat", "The source was read up to this moment: a copy's age is computed from it.",
    [.moment("read_up_to") { $0.readUpTo }])

  static let spend = JSONTable<Spend>(
    "spend", "What one campaign cost on one day in one market and channel.",
    [
      .day("date") { $0.date },
      .text("market", "ISO 3166-1 alpha-2") { $0.market },
      .text("channel", "\"search\", …, \"trade_show\"") { $0.channel },
      .text("campaign") { $0.campaign },
      .int64("amount_minor", "in minor units of the currency") { $0.amountMinor },
      .text("currency", "ISO 4217") { $0.currency },
    ])

  static let decision = JSONTable<Decision>(
    "decision", "Something that was decided, at the event's occurred_at. What is not of its kind is null or empty.",
    [
      .text("kind", "\"recommendation\"") { $0.kind },
      .text("by", "in what role somebody decided") { $0.by },
      .texts("inputs", "where the marts stood: topic/partition@next offset") {
        $0.inputs.map { "\($0.topic)/\($0.partition)@\($0.nextOffset)" }
      },
      .text("period", "of a recommended budget") { $0.recommendation?.period },
      .day("first_date") { $0.recommendation?.firstDate },
      .day("last_date") { $0.recommendation?.lastDate },
      .text("currency", "ISO 4217, of all amounts") { $0.recommendation?.currency },
      .int64("total_minor") { $0.recommendation?.totalMinor },
      .int64("expected_return_minor") { $0.recommendation?.expectedReturnMinor },
      .int64("low_minor", "lower end of its interval") { $0.recommendation?.lowMinor },
      .int64("high_minor", "upper end of its interval") { $0.recommendation?.highMinor },
      .text("warning", "why it should not be relied on; empty: nothing speaks against it") {
        $0.recommendation?.warning
      },
      .texts("rows", "market/channel amount_minor expected_return_minor low_minor high_minor: reason") {
        ($0.recommendation?.rows ?? []).map {
          "\($0.market)/\($0.channel) \($0.amountMinor) \($0.expectedReturnMinor) \($0.lowMinor) \($0.highMinor): \($0.reason)"
        }
      },
    ])

  /// The tables of `before` and `after`, in the order of the contract.
  static let rows: [JSONOutline] = [
    order.outline, orderLine.outline, product.outline, company.outline, supplierPrice.outline, customer.outline,
    store.outline, country.outline, exchangeRate.outline, stock.outline, shipment.outline, lead.outline,
    webRequest.outline, heartbeat.outline, spend.outline, decision.outline,
  ]
}
