internal import Entity
internal import Wire

extension Payload where P == SealedPerson {
  /// Reads the innermost message as the payload of that field.
  mutating func read(
    _ field: PayloadField, _ reader: inout WireReader, _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    switch field {
    case .order: self = .order(try Change(&reader, bytes))
    case .orderLine: self = .orderLine(try Change(&reader, bytes))
    case .product: self = .product(try Change(&reader, bytes))
    case .company: self = .company(try Change(&reader, bytes))
    case .supplierPrice: self = .supplierPrice(try Change(&reader, bytes))
    case .customer: self = .customer(try Change(&reader, bytes))
    case .store: self = .store(try Change(&reader, bytes))
    case .country: self = .country(try Change(&reader, bytes))
    case .exchangeRate: self = .exchangeRate(try Change(&reader, bytes))
    case .stock: self = .stock(try Change(&reader, bytes))
    case .shipment: self = .shipment(try Change(&reader, bytes))
    case .lead: self = .lead(try Change(&reader, bytes))
    case .webRequest: self = .webRequest(try WebRequest(&reader, bytes))
    case .heartbeat: self = .heartbeat(try Heartbeat(&reader, bytes))
    case .rejected: self = .rejected(try Rejected(&reader, bytes))
    case .spend: self = .spend(try Change(&reader, bytes))
    case .decision: self = .decision(try Decision(&reader, bytes))
    }
  }

  func write(_ writer: inout WireWriter) {
    switch self {
    case .order(let change): change.write(.order, &writer)
    case .orderLine(let change): change.write(.orderLine, &writer)
    case .product(let change): change.write(.product, &writer)
    case .company(let change): change.write(.company, &writer)
    case .supplierPrice(let change): change.write(.supplierPrice, &writer)
    case .customer(let change): change.write(.customer, &writer)
    case .store(let change): change.write(.store, &writer)
    case .country(let change): change.write(.country, &writer)
    case .exchangeRate(let change): change.write(.exchangeRate, &writer)
    case .stock(let change): change.write(.stock, &writer)
    case .shipment(let change): change.write(.shipment, &writer)
    case .lead(let change): change.write(.lead, &writer)
    case .webRequest(let request): request.write(PayloadField.webRequest.rawValue, &writer)
    case .heartbeat(let heartbeat): heartbeat.write(PayloadField.heartbeat.rawValue, &writer)
    case .rejected(let rejected): rejected.write(PayloadField.rejected.rawValue, &writer)
    case .spend(let change): change.write(.spend, &writer)
    case .decision(let decision): decision.write(PayloadField.decision.rawValue, &writer)
    }
  }
}

extension WireRow {
  init(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    self = Self.blank
    try read(&reader, bytes)
  }

  func write(_ field: UInt32, _ writer: inout WireWriter) {
    let start = writer.begin(field)
    write(&writer)
    writer.end(start)
  }
}

extension Change where Row: WireRow {
  /// Reads the innermost message. One of before and after must be there: a change without a row says nothing.
  init(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    self.init()
    while let tag = try reader.next(bytes) {
      switch ChangeField(rawValue: tag.field) {
      case .before:
        if before != nil { throw .repeatedField("Change.before") }
        before = Row.blank
        let outer = try reader.enter(tag, bytes)
        try before?.read(&reader, bytes)
        reader.leave(outer)
      case .after:
        if after != nil { throw .repeatedField("Change.after") }
        after = Row.blank
        let outer = try reader.enter(tag, bytes)
        try after?.read(&reader, bytes)
        reader.leave(outer)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if before == nil, after == nil { throw .missingField("Change.after") }
  }

  func write(_ field: PayloadField, _ writer: inout WireWriter) {
    let start = writer.begin(field.rawValue)
    before?.write(ChangeField.before.rawValue, &writer)
    after?.write(ChangeField.after.rawValue, &writer)
    writer.end(start)
  }
}
