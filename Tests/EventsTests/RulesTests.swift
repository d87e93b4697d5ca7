import Entity
import Events
import Money
import Testing

@Suite("Phases, rules and names of events")
struct RulesTests {
  /// Goal: sealing and opening meet the same fields in the same order. Method: note every call over all samples.
  @Test("every personal field goes through the transformation, before and then after, in the order of the rows")
  func mapping() throws {
    var calls: [String: [PersonalField]] = [:]
    var places: [String: [PersonalPlace]] = [:]
    for sample in Samples.second {
      let mapped: Event<PersonToken> = sample.event.mapPersonal { data, place in
        calls[sample.name, default: []].append(place.field)
        places[sample.name, default: []].append(place)
        return Token(high: data.key.high, low: data.key.low)
      }
      #expect(mapped.source == sample.event.source && mapped.number == sample.event.number)
      #expect(mapped.flags == sample.event.flags && mapped.version == sample.event.version)
      #expect(mapped.payload.name == sample.event.payload.name)
    }
    #expect(
      calls == [
        "order": [.address, .address], "company": [.taxNumber, .taxNumber, .companyName, .user],
        "customer": [.document, .user, .fullName, .email, .phone, .birthDate, .address, .card],
        "lead": [.fullName, .email, .phone], "web_request": [.ip, .user], "rejected": [.rawRecord],
      ])
    #expect(places["order"] == [PersonalPlace(.address, .before, 13), PersonalPlace(.address, .after, 13)])
    #expect(
      places["company"] == [
        PersonalPlace(.taxNumber, .key, 0), PersonalPlace(.taxNumber, .after, 1),
        PersonalPlace(.companyName, .after, 2),
        PersonalPlace(.user, .after, 5),
      ])
    #expect(places["web_request"] == [PersonalPlace(.ip, .once, 13), PersonalPlace(.user, .once, 14)])
    #expect(
      places["rejected"] == [PersonalPlace(.rawRecord, .once, RejectedField.raw.rawValue)]
        && WebRequestField.ip.rawValue == 13 && OrderField.shipToAddress.rawValue == 13)
  }

  @Test("a mapped event comes back unchanged")
  func mappingBack() {
    var boxes: [[UInt8]] = []
    for sample in Samples.all + Samples.second {
      let tokens: Event<PersonToken> = sample.event.mapPersonal { data, _ in
        boxes.append(data.box)
        return Token(high: data.key.high, low: data.key.low)
      }
      boxes.reverse()
      let back: Event<SealedPerson> = tokens.mapPersonal { token, _ in
        SealedData(key: PersonKeyID(high: token.high, low: token.low), box: boxes.popLast() ?? [])
      }
      #expect(back == sample.event)
    }
  }

  @Test("an open CUIT stays open, a personal one is transformed")
  func guarded() {
    let event = Samples.event(
      .create,
      .company(
        Change(
          after: Company(taxNumber: .open("30"), name: .personal(Samples.sealed(1)), kind: "client", country: "US"))))
    let mapped: Event<PersonToken> = event.mapPersonal { _, _ in Token(high: 1, low: 2) }
    guard case .company(let change) = mapped.payload else { return #expect(Bool(false)) }
    #expect(change.after?.taxNumber == .open("30"))
    #expect(change.after?.name == .personal(Token(high: 1, low: 2)))
  }

  @Test("an error of the transformation comes out as it was thrown")
  func mappingError() {
    struct Broken: Error, Equatable {}
    #expect(throws: Broken()) {
      let _: Event<PersonToken> = try Samples.all[0].event.mapPersonal { _, _ throws(Broken) in throw Broken() }
    }
  }

  @Test("all samples keep the rules")
  func valid() throws {
    for sample in Samples.all { try sample.event.validate() }
  }

  @Test(
    "order lines beyond the limits are named",
    arguments: [
      (1, 100, nil), (1000, 0, nil), (1001, 1, "order.absurdQuantity"), (0, 1, "order.absurdQuantity"),
      (-1, 1, "order.absurdQuantity"), (1, -1, "order.negativePrice"), (Int64.max, Int64.min, "order.absurdQuantity"),
    ] as [(Int64, Int64, String?)])
  func lines(quantity: Int64, price: Int64, code: String?) {
    let line = OrderLine<SealedPerson>(
      orderID: 1, productID: 1, quantity: quantity, unitPrice: Decimal64(unscaled: price, scale: 2))
    #expect(failure(.orderLine(Change(after: line))) == code)
    // What a correction corrects, and what is deleted, may be anything.
    #expect(failure(.orderLine(Change(before: line))) == nil)
  }

  @Test("unknown currencies and impossible days are named")
  func ordersAndCatalog() throws {
    var order = Samples.order(.placed)
    order.currency = "XXX"
    #expect(failure(.order(Change(after: order))) == "money.unknownCurrency")
    order.currency = "usd"
    #expect(failure(.order(Change(before: Samples.order(.placed), after: order))) == "money.unknownCurrency")
    for (year, code) in [(1969, "date.impossible"), (1970, nil), (9999, nil)] as [(Int, String?)] {
      order = Samples.order(.placed)
      order.orderDate = try #require(CivilDate(year: year, month: 12, day: 31))
      #expect(failure(.order(Change(after: order))) == code)
    }
    order = Samples.order(.placed)
    order.orderDate = CivilDate(daysSinceEpoch: .max)
    #expect(failure(.order(Change(after: order))) == "date.impossible")
    order = Samples.order(.placed)
    order.updatedAt = Timestamp(millis: .min)
    #expect(failure(.order(Change(after: order))) == "date.impossible")
    let rate = ExchangeRate(date: Samples.day, currency: "EURO", rate: Samples.price)
    #expect(failure(.exchangeRate(Change(after: rate))) == "money.unknownCurrency")
    #expect(EventLimits.lastDay.text == "9999-12-31")
  }

  @Test("a request outside the calendar is impossible")
  func requests() {
    var event = Samples.event(.create, .webRequest(Samples.webRequest))
    event.occurredAt = Timestamp(millis: -1)
    #expect(throws: ValidationFailure.self) { try event.validate() }
  }

  @Test("names and values belong together")
  func names() {
    #expect(
      Channel("b2b") == .b2b && Channel.ecommerce.name == "ecommerce" && Channel("B2B") == nil && Channel("") == nil)
    #expect(CancelReason("out_of_stock") == .outOfStock)
    #expect(OrderStatus.all.map(\.name) == ["placed", "completed", "cancelled", "returned"])
    #expect(OrderType("purchase") == .purchase && OrderStatus(rawValue: 17).name == "unknown")
    #expect(Channel("unknown") == nil)
    #expect(EventOperation("erase") == .erase && EventOperation.rejected.name == "rejected")
  }

  private func failure(_ payload: Payload<SealedPerson>) -> String? {
    do throws(ValidationFailure) {
      try Samples.event(.create, payload).validate()
      return nil
    } catch {
      return error.code
    }
  }
}
