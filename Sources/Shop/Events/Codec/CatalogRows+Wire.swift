internal import Entity
internal import Money
internal import Wire

// How Product stands on the wire: `proto/millrace/v1/event.proto`, message Product.
extension Product: WireRow where P == SealedPerson {
  static var blank: Self {
    Self(productID: 0, name: "", category: "", basePrice: Decimal64(unscaled: 0, scale: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    var sawBasePrice = false
    while let tag = try reader.next(bytes) {
      switch ProductField(rawValue: tag.field) {
      case .productID:
        try reader.int64(&productID, tag, bytes)
      case .name:
        try reader.string(&name, tag, bytes)
      case .category:
        try reader.string(&category, tag, bytes)
      case .supplier:
        if supplier != nil { throw .repeatedField("Product.supplier") }
        try reader.guarded(&supplier, tag, bytes)
      case .basePrice:
        if sawBasePrice { throw .repeatedField("Product.basePrice") }
        sawBasePrice = true
        try reader.decimal(&basePrice, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if !sawBasePrice { throw .missingField("Product.basePrice") }
  }

  func write(_ writer: inout WireWriter) {
    writer.int64(ProductField.productID.rawValue, productID)
    writer.string(ProductField.name.rawValue, name)
    writer.string(ProductField.category.rawValue, category)
    writer.guarded(ProductField.supplier.rawValue, supplier)
    writer.decimal(ProductField.basePrice.rawValue, basePrice)
  }
}

// How Company stands on the wire: `proto/millrace/v1/event.proto`, message Company.
extension Company: WireRow where P == SealedPerson {
  static var blank: Self {
    Self(cuit: .open(""), name: .open(""), kind: "", country: "")
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    var sawCuit = false
    var sawName = false
    while let tag = try reader.next(bytes) {
      switch CompanyField(rawValue: tag.field) {
      case .cuit:
        if sawCuit { throw .repeatedField("Company.cuit") }
        sawCuit = true
        try reader.guarded(&cuit, tag, bytes)
      case .name:
        if sawName { throw .repeatedField("Company.name") }
        sawName = true
        try reader.guarded(&name, tag, bytes)
      case .kind:
        try reader.string(&kind, tag, bytes)
      case .country:
        try reader.string(&country, tag, bytes)
      case .login:
        if login != nil { throw .repeatedField("Company.login") }
        try reader.sealed(&login, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if !sawCuit { throw .missingField("Company.cuit") }
    if !sawName { throw .missingField("Company.name") }
  }

  func write(_ writer: inout WireWriter) {
    writer.guarded(CompanyField.cuit.rawValue, cuit)
    writer.guarded(CompanyField.name.rawValue, name)
    writer.string(CompanyField.kind.rawValue, kind)
    writer.string(CompanyField.country.rawValue, country)
    writer.sealed(CompanyField.login.rawValue, login)
  }
}

// How SupplierPrice stands on the wire: `proto/millrace/v1/event.proto`, message SupplierPrice.
extension SupplierPrice: WireRow where P == SealedPerson {
  static var blank: Self {
    Self(company: .open(""), productID: 0, priceMinor: 0, currency: "", validFrom: CivilDate(daysSinceEpoch: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    var sawCompany = false
    while let tag = try reader.next(bytes) {
      switch SupplierPriceField(rawValue: tag.field) {
      case .company:
        if sawCompany { throw .repeatedField("SupplierPrice.company") }
        sawCompany = true
        try reader.guarded(&company, tag, bytes)
      case .productID:
        try reader.int64(&productID, tag, bytes)
      case .priceMinor:
        try reader.sint64(&priceMinor, tag, bytes)
      case .currency:
        try reader.string(&currency, tag, bytes)
      case .validFrom:
        try reader.sint32(&validFrom.daysSinceEpoch, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if !sawCompany { throw .missingField("SupplierPrice.company") }
  }

  func write(_ writer: inout WireWriter) {
    writer.guarded(SupplierPriceField.company.rawValue, company)
    writer.int64(SupplierPriceField.productID.rawValue, productID)
    writer.sint64(SupplierPriceField.priceMinor.rawValue, priceMinor)
    writer.string(SupplierPriceField.currency.rawValue, currency)
    writer.sint32(SupplierPriceField.validFrom.rawValue, validFrom.daysSinceEpoch)
  }
}

// How Customer stands on the wire: `proto/millrace/v1/event.proto`, message Customer.
extension Customer: WireRow where P == SealedPerson {
  static var blank: Self {
    Self(customerID: 0, country: "")
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch CustomerField(rawValue: tag.field) {
      case .customerID:
        try reader.int64(&customerID, tag, bytes)
      case .company:
        if company != nil { throw .repeatedField("Customer.company") }
        try reader.guarded(&company, tag, bytes)
      case .document:
        if document != nil { throw .repeatedField("Customer.document") }
        try reader.sealed(&document, tag, bytes)
      case .username:
        if username != nil { throw .repeatedField("Customer.username") }
        try reader.sealed(&username, tag, bytes)
      case .fullName:
        if fullName != nil { throw .repeatedField("Customer.fullName") }
        try reader.sealed(&fullName, tag, bytes)
      case .email:
        if email != nil { throw .repeatedField("Customer.email") }
        try reader.sealed(&email, tag, bytes)
      case .phone:
        if phone != nil { throw .repeatedField("Customer.phone") }
        try reader.sealed(&phone, tag, bytes)
      case .birthDate:
        if birthDate != nil { throw .repeatedField("Customer.birthDate") }
        try reader.sealed(&birthDate, tag, bytes)
      case .birthYear:
        try reader.int32(&birthYear, tag, bytes)
      case .country:
        try reader.string(&country, tag, bytes)
      case .address:
        if address != nil { throw .repeatedField("Customer.address") }
        try reader.sealed(&address, tag, bytes)
      case .card:
        if card != nil { throw .repeatedField("Customer.card") }
        try reader.sealed(&card, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.int64(CustomerField.customerID.rawValue, customerID)
    writer.guarded(CustomerField.company.rawValue, company)
    writer.sealed(CustomerField.document.rawValue, document)
    writer.sealed(CustomerField.username.rawValue, username)
    writer.sealed(CustomerField.fullName.rawValue, fullName)
    writer.sealed(CustomerField.email.rawValue, email)
    writer.sealed(CustomerField.phone.rawValue, phone)
    writer.sealed(CustomerField.birthDate.rawValue, birthDate)
    writer.int32(CustomerField.birthYear.rawValue, birthYear)
    writer.string(CustomerField.country.rawValue, country)
    writer.sealed(CustomerField.address.rawValue, address)
    writer.sealed(CustomerField.card.rawValue, card)
  }
}

// How Store stands on the wire: `proto/millrace/v1/event.proto`, message Store.
extension Store: WireRow {
  static var blank: Self {
    Self(storeID: 0, city: "", state: "")
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch StoreField(rawValue: tag.field) {
      case .storeID:
        try reader.int64(&storeID, tag, bytes)
      case .city:
        try reader.string(&city, tag, bytes)
      case .state:
        try reader.string(&state, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.int64(StoreField.storeID.rawValue, storeID)
    writer.string(StoreField.city.rawValue, city)
    writer.string(StoreField.state.rawValue, state)
  }
}

// How Country stands on the wire: `proto/millrace/v1/event.proto`, message Country.
extension Country: WireRow {
  static var blank: Self {
    Self(code: "", name: "")
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch CountryField(rawValue: tag.field) {
      case .code:
        try reader.string(&code, tag, bytes)
      case .name:
        try reader.string(&name, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.string(CountryField.code.rawValue, code)
    writer.string(CountryField.name.rawValue, name)
  }
}

// How ExchangeRate stands on the wire: `proto/millrace/v1/event.proto`, message ExchangeRate.
extension ExchangeRate: WireRow {
  static var blank: Self {
    Self(date: CivilDate(daysSinceEpoch: 0), currency: "", rate: Decimal64(unscaled: 0, scale: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    var sawRate = false
    while let tag = try reader.next(bytes) {
      switch ExchangeRateField(rawValue: tag.field) {
      case .date:
        try reader.sint32(&date.daysSinceEpoch, tag, bytes)
      case .currency:
        try reader.string(&currency, tag, bytes)
      case .rate:
        if sawRate { throw .repeatedField("ExchangeRate.rate") }
        sawRate = true
        try reader.decimal(&rate, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if !sawRate { throw .missingField("ExchangeRate.rate") }
  }

  func write(_ writer: inout WireWriter) {
    writer.sint32(ExchangeRateField.date.rawValue, date.daysSinceEpoch)
    writer.string(ExchangeRateField.currency.rawValue, currency)
    writer.decimal(ExchangeRateField.rate.rawValue, rate)
  }
}
