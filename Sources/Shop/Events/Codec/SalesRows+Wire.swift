internal import Entity
internal import Money
internal import Wire

// How Order stands on the wire: `proto/millrace/v1/event.proto`, message Order.
extension Order: WireRow where P == SealedPerson {
  static var blank: Self {
    Self(
      orderID: 0, channel: Channel(rawValue: 0), orderType: OrderType(rawValue: 0), status: OrderStatus(rawValue: 0),
      orderDate: CivilDate(daysSinceEpoch: 0), currency: "", createdAt: Timestamp(millis: 0),
      updatedAt: Timestamp(millis: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch OrderField(rawValue: tag.field) {
      case .orderID:
        try reader.int64(&orderID, tag, bytes)
      case .company:
        if company != nil { throw .repeatedField("Order.company") }
        try reader.guarded(&company, tag, bytes)
      case .customerID:
        try reader.int64(&customerID, tag, bytes)
      case .channel:
        try reader.int32(&channel.rawValue, tag, bytes)
      case .storeID:
        try reader.int64(&storeID, tag, bytes)
      case .orderType:
        try reader.int32(&orderType.rawValue, tag, bytes)
      case .parentOrderID:
        try reader.int64(&parentOrderID, tag, bytes)
      case .status:
        try reader.int32(&status.rawValue, tag, bytes)
      case .cancelReason:
        var raw: Int32 = 0
        try reader.int32(&raw, tag, bytes)
        cancelReason = CancelReason(rawValue: raw)
      case .orderDate:
        try reader.sint32(&orderDate.daysSinceEpoch, tag, bytes)
      case .currency:
        try reader.string(&currency, tag, bytes)
      case .shipToCountry:
        try reader.string(&shipToCountry, tag, bytes)
      case .shipToAddress:
        if shipToAddress != nil { throw .repeatedField("Order.shipToAddress") }
        try reader.sealed(&shipToAddress, tag, bytes)
      case .createdAt:
        try reader.int64(&createdAt.millis, tag, bytes)
      case .updatedAt:
        try reader.int64(&updatedAt.millis, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.int64(OrderField.orderID.rawValue, orderID)
    writer.guarded(OrderField.company.rawValue, company)
    writer.int64(OrderField.customerID.rawValue, customerID)
    writer.int32(OrderField.channel.rawValue, channel.rawValue)
    writer.int64(OrderField.storeID.rawValue, storeID)
    writer.int32(OrderField.orderType.rawValue, orderType.rawValue)
    writer.int64(OrderField.parentOrderID.rawValue, parentOrderID)
    writer.int32(OrderField.status.rawValue, status.rawValue)
    writer.int32(OrderField.cancelReason.rawValue, cancelReason?.rawValue)
    writer.sint32(OrderField.orderDate.rawValue, orderDate.daysSinceEpoch)
    writer.string(OrderField.currency.rawValue, currency)
    writer.string(OrderField.shipToCountry.rawValue, shipToCountry)
    writer.sealed(OrderField.shipToAddress.rawValue, shipToAddress)
    writer.int64(OrderField.createdAt.rawValue, createdAt.millis)
    writer.int64(OrderField.updatedAt.rawValue, updatedAt.millis)
  }
}

// How OrderLine stands on the wire: `proto/millrace/v1/event.proto`, message OrderLine.
extension OrderLine: WireRow {
  static var blank: Self {
    Self(lineID: 0, orderID: 0, productID: 0, quantity: 0, unitPrice: Decimal64(unscaled: 0, scale: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    var sawUnitPrice = false
    while let tag = try reader.next(bytes) {
      switch OrderLineField(rawValue: tag.field) {
      case .lineID:
        try reader.int64(&lineID, tag, bytes)
      case .orderID:
        try reader.int64(&orderID, tag, bytes)
      case .productID:
        try reader.int64(&productID, tag, bytes)
      case .quantity:
        try reader.sint64(&quantity, tag, bytes)
      case .unitPrice:
        if sawUnitPrice { throw .repeatedField("OrderLine.unitPrice") }
        sawUnitPrice = true
        try reader.decimal(&unitPrice, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
    if !sawUnitPrice { throw .missingField("OrderLine.unitPrice") }
  }

  func write(_ writer: inout WireWriter) {
    writer.int64(OrderLineField.lineID.rawValue, lineID)
    writer.int64(OrderLineField.orderID.rawValue, orderID)
    writer.int64(OrderLineField.productID.rawValue, productID)
    writer.sint64(OrderLineField.quantity.rawValue, quantity)
    writer.decimal(OrderLineField.unitPrice.rawValue, unitPrice)
  }
}

// How Shipment stands on the wire: `proto/millrace/v1/event.proto`, message Shipment.
extension Shipment: WireRow {
  static var blank: Self {
    Self(
      shipmentID: 0, orderID: 0, carrier: "", service: "", destinationCountry: "", status: "",
      eventTime: Timestamp(millis: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch ShipmentField(rawValue: tag.field) {
      case .shipmentID:
        try reader.int64(&shipmentID, tag, bytes)
      case .orderID:
        try reader.int64(&orderID, tag, bytes)
      case .carrier:
        try reader.string(&carrier, tag, bytes)
      case .service:
        try reader.string(&service, tag, bytes)
      case .destinationCountry:
        try reader.string(&destinationCountry, tag, bytes)
      case .status:
        try reader.string(&status, tag, bytes)
      case .promisedDate:
        try reader.date(&promisedDate, tag, bytes)
      case .cost:
        if cost != nil { throw .repeatedField("Shipment.cost") }
        try reader.decimal(&cost, tag, bytes)
      case .eventTime:
        try reader.int64(&eventTime.millis, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.int64(ShipmentField.shipmentID.rawValue, shipmentID)
    writer.int64(ShipmentField.orderID.rawValue, orderID)
    writer.string(ShipmentField.carrier.rawValue, carrier)
    writer.string(ShipmentField.service.rawValue, service)
    writer.string(ShipmentField.destinationCountry.rawValue, destinationCountry)
    writer.string(ShipmentField.status.rawValue, status)
    writer.date(ShipmentField.promisedDate.rawValue, promisedDate)
    writer.decimal(ShipmentField.cost.rawValue, cost)
    writer.int64(ShipmentField.eventTime.rawValue, eventTime.millis)
  }
}

// How Stock stands on the wire: `proto/millrace/v1/event.proto`, message Stock.
extension Stock: WireRow {
  static var blank: Self {
    Self(productID: 0, location: "", quantity: 0, updatedAt: Timestamp(millis: 0))
  }

  mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch StockField(rawValue: tag.field) {
      case .productID:
        try reader.int64(&productID, tag, bytes)
      case .location:
        try reader.string(&location, tag, bytes)
      case .quantity:
        try reader.sint64(&quantity, tag, bytes)
      case .updatedAt:
        try reader.int64(&updatedAt.millis, tag, bytes)
      case nil:
        try reader.skip(tag, bytes)
      }
    }
  }

  func write(_ writer: inout WireWriter) {
    writer.int64(StockField.productID.rawValue, productID)
    writer.string(StockField.location.rawValue, location)
    writer.sint64(StockField.quantity.rawValue, quantity)
    writer.int64(StockField.updatedAt.rawValue, updatedAt.millis)
  }
}
