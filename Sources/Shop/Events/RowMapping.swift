// The personal fields of each row in the order of its declaration: an event's fields are sealed and opened in this order.

internal import Entity
extension Order {
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Order<Q> {
    Order<Q>(
      orderID: orderID,
      company: try mapOptional(company, .cuit, transform),
      customerID: customerID,
      channel: channel,
      storeID: storeID,
      orderType: orderType,
      parentOrderID: parentOrderID,
      status: status,
      cancelReason: cancelReason,
      orderDate: orderDate,
      currency: currency,
      shipToCountry: shipToCountry,
      shipToAddress: try mapOptional(shipToAddress, .address, transform),
      createdAt: createdAt,
      updatedAt: updatedAt)
  }
}

extension Product {
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Product<Q> {
    Product<Q>(
      productID: productID,
      name: name,
      category: category,
      supplier: try mapOptional(supplier, .cuit, transform),
      basePrice: basePrice)
  }
}

extension Company {
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Company<Q> {
    Company<Q>(
      cuit: try cuit.mapPersonal(.cuit, transform),
      name: try name.mapPersonal(.companyName, transform),
      kind: kind,
      country: country,
      login: try mapOptional(login, .user, transform))
  }
}

extension SupplierPrice {
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> SupplierPrice<Q> {
    SupplierPrice<Q>(
      company: try company.mapPersonal(.cuit, transform),
      productID: productID,
      priceMinor: priceMinor,
      currency: currency,
      validFrom: validFrom)
  }
}

extension Customer {
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Customer<Q> {
    Customer<Q>(
      customerID: customerID,
      company: try mapOptional(company, .cuit, transform),
      document: try mapOptional(document, .document, transform),
      username: try mapOptional(username, .user, transform),
      fullName: try mapOptional(fullName, .fullName, transform),
      email: try mapOptional(email, .email, transform),
      phone: try mapOptional(phone, .phone, transform),
      birthDate: try mapOptional(birthDate, .birthDate, transform),
      birthYear: birthYear,
      country: country,
      address: try mapOptional(address, .address, transform),
      card: try mapOptional(card, .card, transform))
  }
}

extension Lead {
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> Lead<Q> {
    Lead<Q>(
      leadID: leadID,
      createdAt: createdAt,
      campaign: campaign,
      companyName: companyName,
      industry: industry,
      contactName: try mapOptional(contactName, .fullName, transform),
      contactEmail: try mapOptional(contactEmail, .email, transform),
      contactPhone: try mapOptional(contactPhone, .phone, transform),
      leadSource: leadSource,
      estimatedAnnualRevenue: estimatedAnnualRevenue,
      country: country,
      status: status,
      statusUpdatedAt: statusUpdatedAt)
  }
}

extension WebRequest {
  @inline(__always)
  func mapPersonal<Q: Phase, E: Error>(
    _ transform: (P.Field, PersonalField) throws(E) -> Q.Field
  ) throws(E) -> WebRequest<Q> {
    WebRequest<Q>(
      method: method,
      path: path,
      status: status,
      bytes: bytes,
      referrer: referrer,
      userAgent: userAgent,
      country: country,
      ipPrefix: ipPrefix,
      countryDataVersion: countryDataVersion,
      utmSource: utmSource,
      utmMedium: utmMedium,
      utmCampaign: utmCampaign,
      ip: try transform(ip, .ip),
      user: try mapOptional(user, .user, transform))
  }
}
