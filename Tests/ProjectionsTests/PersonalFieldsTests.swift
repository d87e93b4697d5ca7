import Enrichment
import Entity
import Events
import Marts
import Money
import Projections
import ShopMarts
import TestSupport
import Testing

@Suite("Personal fields of projections", .temporaryFolder)
struct PersonalFieldsTests {
  private static func sealed(_ number: UInt64) -> SealedData {
    SealedData(key: PersonKeyID(high: number, low: number &+ 1), box: [])
  }

  /// An event of each kind that has personal fields, with all of them there, and a delete of each.
  private static let events: [Event<SealedPerson>] = {
    let price = Decimal64(unscaled: 995, scale: 2)
    let day = CivilDate(daysSinceEpoch: 20_000)
    let order = Order<SealedPerson>(
      company: .personal(sealed(10)), customerID: 2, channel: .ecommerce, orderType: .sale,
      status: .placed, orderDate: day, currency: "USD", shipToCountry: "AR", shipToAddress: sealed(11),
      createdAt: Timestamp(millis: 0), updatedAt: Timestamp(millis: 0))
    let company = Company<SealedPerson>(
      taxNumber: .personal(sealed(20)), name: .personal(sealed(21)), kind: "client", country: "AR", login: sealed(22))
    let customer = Customer<SealedPerson>(
      company: .personal(sealed(30)), document: sealed(31), username: sealed(32), fullName: sealed(33),
      email: sealed(34), phone: sealed(35), birthDate: sealed(36), birthYear: 1980, country: "AR",
      address: sealed(37), card: sealed(38))
    let product = Product<SealedPerson>(
      name: "n", category: "c", supplier: .personal(sealed(40)), basePrice: price)
    let supplierPrice = SupplierPrice<SealedPerson>(
      company: .personal(sealed(50)), productID: 1, priceMinor: 1, currency: "USD", validFrom: day)
    let lead = Lead<SealedPerson>(
      leadID: "1", createdAt: Timestamp(millis: 0), campaign: "", companyName: "", industry: "",
      contactName: sealed(60), contactEmail: sealed(61), contactPhone: sealed(62), leadSource: "", country: "AR",
      status: "new", statusUpdatedAt: Timestamp(millis: 0))
    let request = WebRequest<SealedPerson>(
      method: "GET", path: "/", status: 200, bytes: 1, referrer: "", userAgent: "a", country: "AR", ipPrefix: "",
      countryDataVersion: 1, utmSource: "", utmMedium: "", utmCampaign: "", ip: sealed(70), user: sealed(71))
    let payloads: [Payload<SealedPerson>] = [
      .order(Change(after: order)), .company(Change(after: company)), .customer(Change(after: customer)),
      .product(Change(after: product)), .supplierPrice(Change(after: supplierPrice)), .lead(Change(after: lead)),
      .webRequest(request),
    ]
    return payloads.enumerated().map { index, payload in
      Event(
        source: "test", epoch: 1, number: UInt64(index + 1), position: SourcePosition(stream: "test", record: 1),
        operation: .create, version: StateVersion(major: 1, minor: 1), occurredAt: Timestamp(millis: 0),
        capturedAt: Timestamp(millis: 0), payload: payload, key: payload.naturalKey() ?? 1)
    }
  }()

  private static let facts = RequestFacts(
    agent: UserAgentFacts(deviceClass: "Desktop", os: "Linux", browser: "Firefox", isBot: false), channel: .direct,
    isBot: false, isHealthCheck: false, isSignIn: false)

  /// What one projection of a mart makes of the events when it is given these fields.
  private func dump(_ mart: Int, _ index: Int, _ scope: PersonalScope, folder: String) throws -> String {
    let built = try MartUnderTest(Shop.marts[mart], folder: TemporaryFolder.path + "/" + folder)
    for event in Self.events {
      let tokens = try event.tokenizingPersonal(scope) { sealed, _ in Token(high: sealed.key.high, low: sealed.key.low)
      }
      try built.projections[index].fold(ProjectionInput(event: tokens, facts: Self.facts))
    }
    try built.flush()
    return try built.dump()
  }

  /// Goal: a projection reads the fields that it declares, all of them and no others: the others reach it unread, and what it
  /// declares in vain costs an opened seal for each event. Method: its dump is the same when all other fields are unread, and
  /// another one when one of its own is.
  @Test("each projection declares exactly the personal fields that it reads", arguments: Shop.marts.indices)
  func declared(mart: Int) throws {
    for (index, projection) in Shop.marts[mart].shopProjections().enumerated() {
      let kind = type(of: projection)
      let all = try dump(mart, index, .everything, folder: kind.name)
      #expect(
        try dump(mart, index, .newest(kind.personalFields), folder: kind.name + ".declared") == all,
        "\(kind.name) reads a field that it does not declare")
      for field in PersonalField.allCases where kind.personalFields.contains(field) {
        let fewer = PersonalFields(PersonalField.allCases.filter { $0 != field })
        #expect(
          try dump(mart, index, .newest(fewer), folder: "\(kind.name).\(field)") != all,
          "\(kind.name) declares \(field) in vain")
      }
    }
  }
}
