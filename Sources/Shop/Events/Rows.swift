package import Entity
package import Money

package struct Channel: RawRepresentable, Sendable, Hashable {
  package var rawValue: Int32
  @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
  package static let b2b = Channel(rawValue: 1)
  package static let ecommerce = Channel(rawValue: 2)
  package static let store = Channel(rawValue: 3)
}

package struct OrderType: RawRepresentable, Sendable, Hashable {
  package var rawValue: Int32
  @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
  package static let sale = OrderType(rawValue: 1)
  package static let purchase = OrderType(rawValue: 2)
}

package struct OrderStatus: RawRepresentable, Sendable, Hashable {
  package var rawValue: Int32
  @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
  package static let placed = OrderStatus(rawValue: 1)
  package static let completed = OrderStatus(rawValue: 2)
  package static let cancelled = OrderStatus(rawValue: 3)
  package static let returned = OrderStatus(rawValue: 4)
}

package struct CancelReason: RawRepresentable, Sendable, Hashable {
  package var rawValue: Int32
  @inlinable package init(rawValue: Int32) { self.rawValue = rawValue }
  package static let outOfStock = CancelReason(rawValue: 1)
  package static let customer = CancelReason(rawValue: 2)
  package static let payment = CancelReason(rawValue: 3)
}

package struct Order<P: Phase>: Sendable, Equatable {
  package var orderID: Int64
  package var company: Guarded<P>?
  package var customerID: Int64?
  package var channel: Channel
  package var storeID: Int64?
  package var orderType: OrderType
  package var parentOrderID: Int64?
  package var status: OrderStatus
  package var cancelReason: CancelReason?
  package var orderDate: CivilDate
  /// ISO 4217 code, three capitals.
  package var currency: String
  /// ISO 3166-1 alpha-2.
  package var shipToCountry: String?
  package var shipToAddress: P.Field?
  package var createdAt: Timestamp
  package var updatedAt: Timestamp

  @inlinable package init(
    orderID: Int64, company: Guarded<P>? = nil, customerID: Int64? = nil, channel: Channel, storeID: Int64? = nil,
    orderType: OrderType, parentOrderID: Int64? = nil, status: OrderStatus, cancelReason: CancelReason? = nil,
    orderDate: CivilDate, currency: String, shipToCountry: String? = nil, shipToAddress: P.Field? = nil,
    createdAt: Timestamp, updatedAt: Timestamp
  ) {
    self.orderID = orderID
    self.company = company
    self.customerID = customerID
    self.channel = channel
    self.storeID = storeID
    self.orderType = orderType
    self.parentOrderID = parentOrderID
    self.status = status
    self.cancelReason = cancelReason
    self.orderDate = orderDate
    self.currency = currency
    self.shipToCountry = shipToCountry
    self.shipToAddress = shipToAddress
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}

/// A line has no currency of its own; its order has.
package struct OrderLine: Sendable, Equatable {
  package var lineID: Int64
  package var orderID: Int64
  package var productID: Int64
  package var quantity: Int64
  package var unitPrice: Decimal64

  @inlinable package init(lineID: Int64, orderID: Int64, productID: Int64, quantity: Int64, unitPrice: Decimal64) {
    self.lineID = lineID
    self.orderID = orderID
    self.productID = productID
    self.quantity = quantity
    self.unitPrice = unitPrice
  }
}

package struct Product<P: Phase>: Sendable, Equatable {
  package var productID: Int64
  package var name: String
  package var category: String
  package var supplier: Guarded<P>?
  /// In the platform's base currency.
  package var basePrice: Decimal64

  @inlinable package init(
    productID: Int64, name: String, category: String, supplier: Guarded<P>? = nil, basePrice: Decimal64
  ) {
    self.productID = productID
    self.name = name
    self.category = category
    self.supplier = supplier
    self.basePrice = basePrice
  }
}

package struct Company<P: Phase>: Sendable, Equatable {
  package var cuit: Guarded<P>
  package var name: Guarded<P>
  /// "supplier" or "client".
  package var kind: String
  package var country: String
  /// User name of the company's own account; tokens of `PersonalField.user`.
  package var login: P.Field?

  @inlinable package init(cuit: Guarded<P>, name: Guarded<P>, kind: String, country: String, login: P.Field? = nil) {
    self.cuit = cuit
    self.name = name
    self.kind = kind
    self.country = country
    self.login = login
  }
}

/// What a company asks for a product from a day on.
package struct SupplierPrice<P: Phase>: Sendable, Equatable {
  package var company: Guarded<P>
  package var productID: Int64
  package var priceMinor: Int64
  package var currency: String
  package var validFrom: CivilDate

  @inlinable package init(
    company: Guarded<P>, productID: Int64, priceMinor: Int64, currency: String, validFrom: CivilDate
  ) {
    self.company = company
    self.productID = productID
    self.priceMinor = priceMinor
    self.currency = currency
    self.validFrom = validFrom
  }
}

package struct Customer<P: Phase>: Sendable, Equatable {
  package var customerID: Int64
  /// The company the person acts for; nil for a shop customer.
  package var company: Guarded<P>?
  package var document: P.Field?
  package var username: P.Field?
  package var fullName: P.Field?
  package var email: P.Field?
  package var phone: P.Field?
  package var birthDate: P.Field?
  /// Derived at capture; the only part of the birth date that marts see.
  package var birthYear: Int32?
  package var country: String
  package var address: P.Field?
  /// The whole card number, only when it passes Luhn.
  package var card: P.Field?

  @inlinable package init(
    customerID: Int64, company: Guarded<P>? = nil, document: P.Field? = nil, username: P.Field? = nil,
    fullName: P.Field? = nil, email: P.Field? = nil, phone: P.Field? = nil, birthDate: P.Field? = nil,
    birthYear: Int32? = nil, country: String, address: P.Field? = nil, card: P.Field? = nil
  ) {
    self.customerID = customerID
    self.company = company
    self.document = document
    self.username = username
    self.fullName = fullName
    self.email = email
    self.phone = phone
    self.birthDate = birthDate
    self.birthYear = birthYear
    self.country = country
    self.address = address
    self.card = card
  }
}

package struct Store: Sendable, Equatable {
  package var storeID: Int64
  package var city: String
  package var state: String

  @inlinable package init(storeID: Int64, city: String, state: String) {
    self.storeID = storeID
    self.city = city
    self.state = state
  }
}

package struct Country: Sendable, Equatable {
  package var code: String
  package var name: String

  @inlinable package init(code: String, name: String) {
    self.code = code
    self.name = name
  }
}

/// Units of the base currency for one unit of `currency`, on a day.
package struct ExchangeRate: Sendable, Equatable {
  package var date: CivilDate
  package var currency: String
  package var rate: Decimal64

  @inlinable package init(date: CivilDate, currency: String, rate: Decimal64) {
    self.date = date
    self.currency = currency
    self.rate = rate
  }
}

package struct Stock: Sendable, Equatable {
  package var productID: Int64
  package var location: String
  package var quantity: Int64
  package var updatedAt: Timestamp

  @inlinable package init(productID: Int64, location: String, quantity: Int64, updatedAt: Timestamp) {
    self.productID = productID
    self.location = location
    self.quantity = quantity
    self.updatedAt = updatedAt
  }
}

package struct Shipment: Sendable, Equatable {
  package var shipmentID: Int64
  package var orderID: Int64
  package var carrier: String
  package var service: String
  package var destinationCountry: String
  package var status: String
  package var promisedDate: CivilDate?
  /// In the platform's base currency.
  package var cost: Decimal64?
  package var eventTime: Timestamp

  @inlinable package init(
    shipmentID: Int64, orderID: Int64, carrier: String, service: String, destinationCountry: String, status: String,
    promisedDate: CivilDate? = nil, cost: Decimal64? = nil, eventTime: Timestamp
  ) {
    self.shipmentID = shipmentID
    self.orderID = orderID
    self.carrier = carrier
    self.service = service
    self.destinationCountry = destinationCountry
    self.status = status
    self.promisedDate = promisedDate
    self.cost = cost
    self.eventTime = eventTime
  }
}

package struct Lead<P: Phase>: Sendable, Equatable {
  package var leadID: String
  package var createdAt: Timestamp
  package var campaign: String
  package var companyName: String
  package var industry: String
  package var contactName: P.Field?
  package var contactEmail: P.Field?
  package var contactPhone: P.Field?
  /// As on the sheet: "LinkedIn Ads", "Google Search", "trade show", …
  package var leadSource: String
  /// In the platform's base currency.
  package var estimatedAnnualRevenue: Decimal64?
  package var country: String
  /// "new", "contacted", "qualified", "converted", "lost".
  package var status: String
  package var statusUpdatedAt: Timestamp

  @inlinable package init(
    leadID: String, createdAt: Timestamp, campaign: String, companyName: String, industry: String,
    contactName: P.Field? = nil, contactEmail: P.Field? = nil, contactPhone: P.Field? = nil, leadSource: String,
    estimatedAnnualRevenue: Decimal64? = nil, country: String, status: String, statusUpdatedAt: Timestamp
  ) {
    self.leadID = leadID
    self.createdAt = createdAt
    self.campaign = campaign
    self.companyName = companyName
    self.industry = industry
    self.contactName = contactName
    self.contactEmail = contactEmail
    self.contactPhone = contactPhone
    self.leadSource = leadSource
    self.estimatedAnnualRevenue = estimatedAnnualRevenue
    self.country = country
    self.status = status
    self.statusUpdatedAt = statusUpdatedAt
  }
}

/// One line of an access log. Its time is the event's `occurredAt`.
package struct WebRequest<P: Phase>: Sendable, Equatable {
  package var method: String
  /// Without the query: a query may hold personal data, and only the UTM parameters are kept, below.
  package var path: String
  package var status: Int32
  package var bytes: Int64
  /// Scheme, host and path of the referrer, without query; "" when there was none.
  package var referrer: String
  package var userAgent: String
  /// Country of the IP, ISO 3166-1 alpha-2; "" when unknown.
  package var country: String
  /// Truncated IP: /24 for IPv4, /48 for IPv6; "" when it is not an address.
  package var ipPrefix: String
  /// First eight bytes of the SHA-256 of the data that gave the country.
  package var countryDataVersion: UInt64
  package var utmSource: String
  package var utmMedium: String
  package var utmCampaign: String
  package var ip: P.Field
  package var user: P.Field?

  @inlinable package init(
    method: String, path: String, status: Int32, bytes: Int64, referrer: String, userAgent: String, country: String,
    ipPrefix: String, countryDataVersion: UInt64, utmSource: String, utmMedium: String, utmCampaign: String,
    ip: P.Field, user: P.Field? = nil
  ) {
    self.method = method
    self.path = path
    self.status = status
    self.bytes = bytes
    self.referrer = referrer
    self.userAgent = userAgent
    self.country = country
    self.ipPrefix = ipPrefix
    self.countryDataVersion = countryDataVersion
    self.utmSource = utmSource
    self.utmMedium = utmMedium
    self.utmCampaign = utmCampaign
    self.ip = ip
    self.user = user
  }
}
