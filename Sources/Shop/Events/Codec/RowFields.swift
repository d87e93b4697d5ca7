// Field numbers of the rows. Numbers are never reused; a field that goes is reserved in the contract.

package import Entity

package enum OrderField: UInt32, MessageFields {
  package static let message = "Order"

  case orderID = 1
  case company = 2
  case customerID = 3
  case channel = 4
  case storeID = 5
  case orderType = 6
  case parentOrderID = 7
  case status = 8
  case cancelReason = 9
  case orderDate = 10
  case currency = 11
  case shipToCountry = 12
  case shipToAddress = 13
  case createdAt = 14
  case updatedAt = 15

  package var shape: FieldShape {
    switch self {
    case .orderID, .createdAt, .updatedAt: .int64
    case .company: .message("Guarded")
    case .customerID, .storeID, .parentOrderID: .optional(.int64)
    case .channel: .enumeration("Channel")
    case .orderType: .enumeration("OrderType")
    case .status: .enumeration("OrderStatus")
    case .cancelReason: .optional(.enumeration("CancelReason"))
    case .orderDate: .sint32
    case .currency: .string
    case .shipToCountry: .optional(.string)
    case .shipToAddress: .message("Sealed")
    }
  }
}

package enum OrderLineField: UInt32, MessageFields {
  package static let message = "OrderLine"

  case lineID = 1
  case orderID = 2
  case productID = 3
  case quantity = 4
  case unitPrice = 5

  package var shape: FieldShape {
    switch self {
    case .lineID, .orderID, .productID: .int64
    case .quantity: .sint64
    case .unitPrice: .message("Decimal")
    }
  }
}

package enum ProductField: UInt32, MessageFields {
  package static let message = "Product"

  case productID = 1
  case name = 2
  case category = 3
  case supplier = 4
  case basePrice = 5

  package var shape: FieldShape {
    switch self {
    case .productID: .int64
    case .name, .category: .string
    case .supplier: .message("Guarded")
    case .basePrice: .message("Decimal")
    }
  }
}

package enum CompanyField: UInt32, MessageFields {
  package static let message = "Company"

  case cuit = 1
  case name = 2
  case kind = 3
  case country = 4
  case login = 5

  package var shape: FieldShape {
    switch self {
    case .cuit, .name: .message("Guarded")
    case .kind, .country: .string
    case .login: .message("Sealed")
    }
  }
}

package enum SupplierPriceField: UInt32, MessageFields {
  package static let message = "SupplierPrice"

  case company = 1
  case productID = 2
  case priceMinor = 3
  case currency = 4
  case validFrom = 5

  package var shape: FieldShape {
    switch self {
    case .company: .message("Guarded")
    case .productID: .int64
    case .priceMinor: .sint64
    case .currency: .string
    case .validFrom: .sint32
    }
  }
}

package enum CustomerField: UInt32, MessageFields {
  package static let message = "Customer"

  case customerID = 1
  case company = 2
  case document = 3
  case username = 4
  case fullName = 5
  case email = 6
  case phone = 7
  case birthDate = 8
  case birthYear = 9
  case country = 10
  case address = 11
  case card = 12

  package var shape: FieldShape {
    switch self {
    case .customerID: .int64
    case .company: .message("Guarded")
    case .document, .username, .fullName, .email, .phone, .birthDate, .address, .card: .message("Sealed")
    case .birthYear: .optional(.int32)
    case .country: .string
    }
  }
}

package enum StoreField: UInt32, MessageFields {
  package static let message = "Store"

  case storeID = 1
  case city = 2
  case state = 3

  package var shape: FieldShape {
    switch self {
    case .storeID: .int64
    case .city, .state: .string
    }
  }
}

package enum CountryField: UInt32, MessageFields {
  package static let message = "Country"

  case code = 1
  case name = 2

  package var shape: FieldShape {
    switch self {
    case .code, .name: .string
    }
  }
}

package enum ExchangeRateField: UInt32, MessageFields {
  package static let message = "ExchangeRate"

  case date = 1
  case currency = 2
  case rate = 3

  package var shape: FieldShape {
    switch self {
    case .date: .sint32
    case .currency: .string
    case .rate: .message("Decimal")
    }
  }
}

package enum StockField: UInt32, MessageFields {
  package static let message = "Stock"

  case productID = 1
  case location = 2
  case quantity = 3
  case updatedAt = 4

  package var shape: FieldShape {
    switch self {
    case .productID, .updatedAt: .int64
    case .location: .string
    case .quantity: .sint64
    }
  }
}

package enum ShipmentField: UInt32, MessageFields {
  package static let message = "Shipment"

  case shipmentID = 1
  case orderID = 2
  case carrier = 3
  case service = 4
  case destinationCountry = 5
  case status = 6
  case promisedDate = 7
  case cost = 8
  case eventTime = 9

  package var shape: FieldShape {
    switch self {
    case .shipmentID, .orderID, .eventTime: .int64
    case .carrier, .service, .destinationCountry, .status: .string
    case .promisedDate: .optional(.sint32)
    case .cost: .message("Decimal")
    }
  }
}

package enum LeadField: UInt32, MessageFields {
  package static let message = "Lead"

  case leadID = 1
  case createdAt = 2
  case campaign = 3
  case companyName = 4
  case industry = 5
  case contactName = 6
  case contactEmail = 7
  case contactPhone = 8
  case leadSource = 9
  case estimatedAnnualRevenue = 10
  case country = 11
  case status = 12
  case statusUpdatedAt = 13

  package var shape: FieldShape {
    switch self {
    case .leadID, .campaign, .companyName, .industry, .leadSource, .country, .status: .string
    case .createdAt, .statusUpdatedAt: .int64
    case .contactName, .contactEmail, .contactPhone: .message("Sealed")
    case .estimatedAnnualRevenue: .message("Decimal")
    }
  }
}

package enum WebRequestField: UInt32, MessageFields {
  package static let message = "WebRequest"

  case method = 1
  case path = 2
  case status = 3
  case bytes = 4
  case referrer = 5
  case userAgent = 6
  case country = 7
  case ipPrefix = 8
  case countryDataVersion = 9
  case utmSource = 10
  case utmMedium = 11
  case utmCampaign = 12
  case ip = 13
  case user = 14

  package var shape: FieldShape {
    switch self {
    case .method, .path, .referrer, .userAgent, .country, .ipPrefix, .utmSource, .utmMedium, .utmCampaign: .string
    case .status: .int32
    case .bytes: .int64
    case .countryDataVersion: .fixed64
    case .ip, .user: .message("Sealed")
    }
  }
}
