internal import Entity
internal import Money
internal import Wire

// How WebRequest stands on the wire: `proto/millrace/v1/event.proto`, message WebRequest.
extension WebRequest: WireRow where P == SealedPerson {
  static var blank: Self {
    Self(
      method: "", path: "", status: 0, bytes: 0, referrer: "", userAgent: "", country: "", ipPrefix: "",
      countryDataVersion: 0, utmSource: "", utmMedium: "", utmCampaign: "",
      ip: SealedData(key: PersonKeyID(high: 0, low: 0), box: []))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    var sawIp = false
    while let tag = try reader.next(bytes) {
      switch WebRequestField(rawValue: tag.field) {
      case .method:
        try reader.string(&method, tag, bytes)
      case .path:
        try reader.string(&path, tag, bytes)
      case .status:
        try reader.int32(&status, tag, bytes)
      case .bytes:
        try reader.int64(&self.bytes, tag, bytes)
      case .referrer:
        try reader.string(&referrer, tag, bytes)
      case .userAgent:
        try reader.string(&userAgent, tag, bytes)
      case .country:
        try reader.string(&country, tag, bytes)
      case .ipPrefix:
        try reader.string(&ipPrefix, tag, bytes)
      case .countryDataVersion:
        try reader.fixed64(&countryDataVersion, tag, bytes)
      case .utmSource:
        try reader.string(&utmSource, tag, bytes)
      case .utmMedium:
        try reader.string(&utmMedium, tag, bytes)
      case .utmCampaign:
        try reader.string(&utmCampaign, tag, bytes)
      case .ip:
        if sawIp { throw .repeatedField("WebRequest.ip") }
        sawIp = true
        try reader.sealed(&ip, tag, bytes)
      case .user:
        if user != nil { throw .repeatedField("WebRequest.user") }
        try reader.sealed(&user, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if !sawIp { throw .missingField("WebRequest.ip") }
  }

  func write(_ writer: inout WireWriter) {
    writeClear(&writer)
    writer.sealed(WebRequestField.ip.rawValue, ip)
    writer.sealed(WebRequestField.user.rawValue, user)
  }
}

extension WebRequest {
  /// The fields that are not personal; they come first.
  @inline(__always)
  func writeClear(_ writer: inout WireWriter) {
    writer.string(WebRequestField.method.rawValue, method)
    writer.string(WebRequestField.path.rawValue, path)
    writer.int32(WebRequestField.status.rawValue, status)
    writer.int64(WebRequestField.bytes.rawValue, bytes)
    writer.string(WebRequestField.referrer.rawValue, referrer)
    writer.string(WebRequestField.userAgent.rawValue, userAgent)
    writer.string(WebRequestField.country.rawValue, country)
    writer.string(WebRequestField.ipPrefix.rawValue, ipPrefix)
    writer.fixed64(WebRequestField.countryDataVersion.rawValue, countryDataVersion)
    writer.string(WebRequestField.utmSource.rawValue, utmSource)
    writer.string(WebRequestField.utmMedium.rawValue, utmMedium)
    writer.string(WebRequestField.utmCampaign.rawValue, utmCampaign)
  }
}

// How Lead stands on the wire: `proto/millrace/v1/event.proto`, message Lead.
extension Lead: WireRow where P == SealedPerson {
  static var blank: Self {
    Self(
      leadID: "", createdAt: Timestamp(millis: 0), campaign: "", companyName: "", industry: "", leadSource: "",
      country: "", status: "", statusUpdatedAt: Timestamp(millis: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch LeadField(rawValue: tag.field) {
      case .leadID:
        try reader.string(&leadID, tag, bytes)
      case .createdAt:
        try reader.int64(&createdAt.millis, tag, bytes)
      case .campaign:
        try reader.string(&campaign, tag, bytes)
      case .companyName:
        try reader.string(&companyName, tag, bytes)
      case .industry:
        try reader.string(&industry, tag, bytes)
      case .contactName:
        if contactName != nil { throw .repeatedField("Lead.contactName") }
        try reader.sealed(&contactName, tag, bytes)
      case .contactEmail:
        if contactEmail != nil { throw .repeatedField("Lead.contactEmail") }
        try reader.sealed(&contactEmail, tag, bytes)
      case .contactPhone:
        if contactPhone != nil { throw .repeatedField("Lead.contactPhone") }
        try reader.sealed(&contactPhone, tag, bytes)
      case .leadSource:
        try reader.string(&leadSource, tag, bytes)
      case .estimatedAnnualRevenue:
        if estimatedAnnualRevenue != nil { throw .repeatedField("Lead.estimatedAnnualRevenue") }
        try reader.decimal(&estimatedAnnualRevenue, tag, bytes)
      case .country:
        try reader.string(&country, tag, bytes)
      case .status:
        try reader.string(&status, tag, bytes)
      case .statusUpdatedAt:
        try reader.int64(&statusUpdatedAt.millis, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.string(LeadField.leadID.rawValue, leadID)
    writer.int64(LeadField.createdAt.rawValue, createdAt.millis)
    writer.string(LeadField.campaign.rawValue, campaign)
    writer.string(LeadField.companyName.rawValue, companyName)
    writer.string(LeadField.industry.rawValue, industry)
    writer.sealed(LeadField.contactName.rawValue, contactName)
    writer.sealed(LeadField.contactEmail.rawValue, contactEmail)
    writer.sealed(LeadField.contactPhone.rawValue, contactPhone)
    writer.string(LeadField.leadSource.rawValue, leadSource)
    writer.decimal(LeadField.estimatedAnnualRevenue.rawValue, estimatedAnnualRevenue)
    writer.string(LeadField.country.rawValue, country)
    writer.string(LeadField.status.rawValue, status)
    writer.int64(LeadField.statusUpdatedAt.rawValue, statusUpdatedAt.millis)
  }
}
