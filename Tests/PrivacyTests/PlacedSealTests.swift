import Entity
import Events
import Money
import ShopDomain
import TestSupport
import Testing

@testable import Privacy

/// Seals of format 2 are tied to their place: state, field and part beside record and kind.
@Suite(.temporaryFolder) struct PlacedSealTests {
  private let space: Workspace
  private let vault: Vault
  private let sealer: Sealer
  private let tokenizer: Tokenizer
  private let maria: PersonKey

  init() throws {
    space = try Workspace()
    vault = try space.vault()
    sealer = try Sealer(space.keyring)
    tokenizer = try Tokenizer(space.keyring, version: 1, vault: vault)
    maria = try vault.key(for: [Subject("user", Array("maria".utf8))])
  }

  private func seal(_ event: Event<Person>, partition: Int32 = 2) throws -> Event<SealedPerson> {
    try sealer.seal(event, topic: "t", partition: partition) { [maria] _ throws(PrivacyError) in maria }
  }

  private func tokenize(_ event: Event<SealedPerson>, partition: Int32 = 2) throws -> Event<PersonToken> {
    try tokenizer.tokenize(event, topic: "t", partition: partition)
  }

  /// A customer that changed, all of whose fields have one value, with a key of three parts, two of them personal.
  private func update(number: UInt64, format: UInt32 = 2, value: String = "12345") throws -> Event<Person> {
    var values: [PersonalField: String] = [:]
    for field in PersonalField.allCases { values[field] = value }
    var event = customer(number: number, values: values)
    event.envelope.format = format
    guard case .customer(let change) = event.payload else { throw EventError.unknownPayload }
    event.payload = .customer(Change(before: change.after, after: change.after))
    event.operation = .update
    event.key = RowKey(.personal(PersonalData(value)), [.integer(7), .personal(PersonalData(value))])
    return event
  }

  private func seals(of event: Event<SealedPerson>) -> [SealedData] {
    var seals: [SealedData] = []
    let _: Event<SealedPerson> = event.mapPersonal { sealed, _ in
      seals.append(sealed)
      return sealed
    }
    return seals
  }

  private func replacing(_ index: Int, by seal: SealedData, in event: Event<SealedPerson>) -> Event<SealedPerson> {
    var next = 0
    return event.mapPersonal { sealed, _ in
      defer { next += 1 }
      return next == index ? seal : sealed
    }
  }

  /// Goal: no seal stands for another. Method: all values are equal and one person's, so that nothing but the place tells the seals
  /// apart; each is put in the place of each other one, of its own record, of one with another number, of another entity with the
  /// same number, and of one in another partition.
  @Test("a seal that stands in any other place does not open, in its own record or another")
  func swapped() throws {
    let record = try seal(update(number: 1))
    var web = webRequest(number: 1, ip: "12345", user: "12345")
    web.envelope.format = 2
    web.source = SourceName.platform
    let others = [
      record, try seal(update(number: 2)), try seal(web), try seal(update(number: 1), partition: 3),
    ]
    let own = seals(of: record)
    #expect(own.count == 20)
    _ = try tokenize(record)
    var tried = 0
    for (number, other) in others.enumerated() {
      for (source, seal) in seals(of: other).enumerated() {
        for target in own.indices where number != 0 || source != target {
          tried += 1
          let error = #expect(throws: PrivacyError.self, "\(number) \(source) \(target)") {
            _ = try tokenize(replacing(target, by: seal, in: record))
          }
          #expect(error?.kind == .authenticationFailed)
        }
      }
    }
    #expect(tried == 20 * 19 + 20 * 20 + 2 * 20 + 20 * 20)
  }

  @Test("before and after of one field were interchangeable in format 1, which still opens")
  func formatOne() throws {
    var event = try seal(update(number: 1, format: 1))
    event.key = nil
    let opened = try tokenize(event)
    guard case .customer(let change) = event.payload else { return #expect(Bool(false)) }
    event.payload = .customer(Change(before: change.after, after: change.before))
    #expect(try tokenize(event) == opened)
    // Nor does a seal of one format open in the other.
    event.envelope.format = 2
    #expect(throws: PrivacyError.self) { try tokenize(event) }
  }

  @Test("a record that calls itself another entity, or a seal another version of tokens, does not open")
  func renamed() throws {
    let request = webRequest(number: 1)
    for format: UInt32 in [1, 2] {
      var event = request
      event.envelope.format = format
      let sealed = try seal(event)
      guard let ip = sealed.request?.ip else { return #expect(Bool(false)) }
      tokenizer.begin(sealed.envelope, entity: "customer", topic: "t", partition: 2)
      // Format 1 did not tie a seal to what its record is about.
      #expect((try? tokenizer.token(of: ip, WebRequestView.ipPlace)) == nil || format == 1)
      tokenizer.begin(sealed.envelope, entity: "web_request", topic: "t", partition: 2)
      var other = ip
      other.tokenVersion = 2
      #expect((try? tokenizer.token(of: other, WebRequestView.ipPlace)) == nil || format == 1)
      #expect(try tokenizer.token(of: ip, WebRequestView.ipPlace) == tokenize(sealed).request?.ip)
    }
    sealer.begin(request.envelope, entity: "web_request", topic: "t", partition: 2)
    let later = try sealer.seal(PersonalData("x"), WebRequestView.ipPlace, with: maria, tokenVersion: 3)
    #expect(later.tokenVersion == 3)
  }

  @Test("two fields of one kind in one row are two places")
  func fieldsOfOneKind() throws {
    var event = webRequest(number: 1)
    event.envelope.format = 2
    sealer.begin(event.envelope, entity: "customer", topic: "t", partition: 2)
    tokenizer.begin(event.envelope, entity: "customer", topic: "t", partition: 2)
    let (home, work) = (PersonalPlace(.email, .after, 6), PersonalPlace(.email, .after, 7))
    let sealed = try sealer.seal(PersonalData("maria@example.com"), home, with: maria)
    #expect(
      try tokenizer.token(of: sealed, home) == tokenizer.token(of: PersonalData("maria@example.com"), field: .email))
    #expect(throws: PrivacyError.self) { try tokenizer.token(of: sealed, work) }
  }

  /// Goal: a key is a token everywhere behind the log. Method: an e-mail as key, beside seals that nobody reads.
  @Test("a personal key is opened whatever a projection reads, and is compared byte by byte")
  func keys() throws {
    func key(_ value: String, _ scope: PersonalScope) throws -> RowKey<PersonToken>? {
      var event = customer(values: [.email: "maria@example.com"])
      event.envelope.format = 2
      event.key = RowKey(.personal(PersonalData(value)))
      let opened = try tokenizer.tokenize(seal(event), topic: "t", partition: 2, scope: scope)
      if case .newest = scope { #expect(opened.customer?.email == .unread) }
      return opened.key
    }
    let token = try tokenizer.token(of: PersonalData("maria@example.com"), field: .rowKey)
    #expect(try key("maria@example.com", .newest([])) == RowKey(.personal(token)))
    #expect(try key("maria@example.com", .everything) == RowKey(.personal(token)))
    #expect(try token != tokenizer.token(of: PersonalData("maria@example.com"), field: .email))
    for other in ["Maria@example.com", " maria@example.com", "maria@example.com ", ""] {
      #expect(try key(other, .newest([])) != RowKey(.personal(token)))
    }
  }

  @Test("a delete by its key alone keeps the key and nothing else")
  func deleteByKey() throws {
    var event = try update(number: 1)
    event.operation = .delete
    event.payload = .customer(Change())
    let opened = try tokenizer.tokenize(seal(event), topic: "t", partition: 2, scope: .newest([.email]))
    #expect(opened.payload == .customer(Change()))
    let token = try tokenizer.token(of: PersonalData("12345"), field: .rowKey)
    #expect(opened.key?.parts == [.personal(token), .integer(7), .personal(token)])
  }

  /// Goal: associated data is what the contract says, for other programs and for later versions. Method: the bytes by hand, of both
  /// formats; those of format 1 never change.
  @Test("associated data of both formats is the documented one")
  func associatedData() throws {
    var envelope = webRequest(number: 5).envelope
    var context = SealContext()
    let record: [UInt8] =
      [0, 0, 0, 6] + Array("weblog".utf8) + [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0x74, 0, 0, 0, 2]
      + [0, 0, 0, 0, 0, 0, 0, 5]
    envelope.format = 1
    context.begin(envelope, entity: "web_request", topic: "t", partition: 2)
    for place in [PersonalPlace(.user, .once, 14), PersonalPlace(.user, .before, 2, part: 1)] {
      context.select(place, tokenVersion: 7)
      #expect(Array(context.bytes) == [1] + record + [1])
    }
    envelope.format = 2
    context.begin(envelope, entity: "web_request", topic: "t", partition: 2)
    let placed = [3] + record + [0, 0, 0, 11] + Array("web_request".utf8)
    context.select(PersonalPlace(.user, .once, 14), tokenVersion: 1)
    #expect(Array(context.bytes) == placed + [1, 0, 0, 0, 0, 0, 0, 14, 0, 0, 0, 1])
    context.select(PersonalPlace(.rowKey, .key, 0, part: 258), tokenVersion: 2)
    #expect(Array(context.bytes) == placed + [13, 3, 1, 2, 0, 0, 0, 0, 0, 0, 0, 2])
    context.select(PersonalPlace(.ip, .before, 0x0102_0304), tokenVersion: 1)
    #expect(Array(context.bytes) == placed + [9, 1, 0, 0, 1, 2, 3, 4, 0, 0, 0, 1])
  }

  /// Goal: the short road opens what the long one does. Method: one request's tokens by both, in both formats.
  @Test("seals in the bytes of a record open as those of the event that was read from it")
  func shortRoad() throws {
    for format: UInt32 in [1, 2] {
      var event = webRequest(number: 1)
      event.envelope.format = format
      let sealed = try seal(event)
      var bytes: [UInt8] = []
      sealed.encode(into: &bytes)
      // A span cannot pass through the macro.
      let read = WebRequestView(decoding: bytes.span)
      let view = try #require(read)
      let user = try #require(view.user)
      let expected = try tokenize(sealed).request
      let tokens = try bytes.withUnsafeBytes { raw in
        tokenizer.begin(view.envelope, in: raw, topic: "t", partition: 2)
        #expect(throws: PrivacyError.self) { try tokenizer.token(of: user, in: raw, WebRequestView.ipPlace) }
        return (
          try tokenizer.token(of: view.ip, in: raw, WebRequestView.ipPlace),
          try tokenizer.token(of: user, in: raw, WebRequestView.userPlace)
        )
      }
      #expect(tokens.0 == expected?.ip && tokens.1 == expected?.user)
    }
  }
}
