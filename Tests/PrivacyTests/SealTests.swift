import Crypto
import Entity
import Events
import Files
import ShopDomain
import TestSupport
import Testing

@testable import Privacy

@Suite(.temporaryFolder) struct SealTests {
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

  @Test("a sealed value opens to its token, whatever record it came by") func roundTrip() throws {
    let first = try tokenizer.tokenize(seal(webRequest(number: 1)), topic: "t", partition: 2)
    let second = try tokenizer.tokenize(seal(webRequest(number: 2, ip: "::ffff:192.0.2.7")), topic: "t", partition: 2)
    #expect(first.request?.ip == second.request?.ip)
    #expect(first.request?.user == second.request?.user)
    #expect(try first.request?.user == tokenizer.token(of: PersonalData(" maria "), field: .user))
    #expect(try first.request?.user != tokenizer.token(of: PersonalData("jose"), field: .user))
  }

  /// Goal: equal values in two fields cannot be joined. Method: one value in every field, canonical in all of them.
  @Test("the same value in two fields has two tokens") func fieldSeparation() throws {
    let value = PersonalData("12345")
    let tokens = try PersonalField.allCases.map { try tokenizer.token(of: value, field: $0) }
    #expect(Set(tokens).count == PersonalField.allCases.count)
    var values: [PersonalField: String] = [:]
    for field in PersonalField.allCases { values[field] = "12345" }
    let event = try tokenizer.tokenize(seal(customer(values: values)), topic: "t", partition: 2)
    #expect(event.customer?.document == tokens[2])
    #expect(event.customer?.card == tokens[7])
  }

  /// Goal: remembered tokens are the right ones. Method: more values than are remembered, of lengths around the longest that
  /// is, empty ones and ones with equal ends among them; twice by one tokenizer, then each by one that remembers nothing.
  @Test("a value that comes again has the token that it had") func remembered() throws {
    let long = String(repeating: "x", count: 60)
    let values =
      (0..<9_000).map { PersonalData("visitor-\($0)") } + (0...60).map { PersonalData(String(long.prefix($0))) }
      + (0..<60).map { PersonalData(String(long.prefix($0)) + "y") }
    let first = try values.map { try tokenizer.token(of: $0, field: .user) }
    #expect(Set(first).count == values.count)
    #expect(try values.map { try tokenizer.token(of: $0, field: .user) } == first)
    for index in stride(from: 0, to: values.count, by: 97) {
      let fresh = try Tokenizer(space.keyring, version: 1, vault: vault)
      #expect(try fresh.token(of: values[index], field: .user) == first[index])
    }
  }

  /// Goal: keys that are kept expanded stay apart. Method: more people than are kept, sealed and opened in turn, several times.
  @Test("people whose events come in turn keep their own keys") func manyKeys() throws {
    var events: [(sealed: Event<SealedPerson>, token: Token)] = []
    for person in 0..<1_500 {
      let key = try vault.key(for: [Subject("user", Array("\(person)".utf8))])
      let sealed = try sealer.seal(webRequest(number: UInt64(person + 1), user: "p\(person)"), topic: "t", partition: 2)
      {
        _ throws(PrivacyError) in key
      }
      events.append((sealed, try tokenizer.token(of: PersonalData("p\(person)"), field: .user)))
    }
    try vault.commit()
    for _ in 0..<3 {
      for event in events {
        #expect(try tokenizer.tokenize(event.sealed, topic: "t", partition: 2).request?.user == event.token)
      }
    }
  }

  /// Goal: what the row was before is no concern of projections, but of copies. Method: damage a seal of that state in an
  /// update, then in a delete, which has no other.
  @Test("projections get a change's newest state alone, copies get both") func newestState() throws {
    let scope = PersonalScope.newest([.email])
    guard case .customer(let change) = customer(values: [.email: "maria@example.com"]).payload else {
      return #expect(Bool(false))
    }
    var event = customer(values: [:])
    event.payload = .customer(Change(before: change.after, after: change.after))
    var sealed = try seal(event)
    guard case .customer(var update) = sealed.payload else { return #expect(Bool(false)) }
    update.before?.email?.box[20] ^= 1
    sealed.payload = .customer(update)
    guard case .customer(let opened) = try tokenizer.tokenize(sealed, topic: "t", partition: 2, scope: scope).payload
    else {
      return #expect(Bool(false))
    }
    #expect(opened.before == nil)
    #expect(throws: PrivacyError.self) { try tokenizer.tokenize(sealed, topic: "t", partition: 2) }
    let whole = try tokenizer.tokenize(seal(event), topic: "t", partition: 2)
    guard case .customer(let both) = whole.payload else { return #expect(Bool(false)) }
    #expect(both.before?.email == opened.after?.email && both.before == both.after)
    #expect(try opened.after?.email == tokenizer.token(of: PersonalData("maria@example.com"), field: .email))
    update.after = nil
    sealed.payload = .customer(update)
    #expect(throws: PrivacyError.self) { try tokenizer.tokenize(sealed, topic: "t", partition: 2, scope: scope) }
    update.before?.email?.box[20] ^= 1
    sealed.payload = .customer(update)
    #expect(try tokenizer.tokenize(sealed, topic: "t", partition: 2, scope: scope).payload != .customer(Change()))
  }

  /// Goal: who reads one field is not held up by another. Method: damage a seal; ask for that field, for another, and for none.
  @Test("seals of fields that nobody reads stay closed") func scope() throws {
    var sealed = try seal(customer(values: [.email: "maria@example.com", .phone: "+1 555 0100"]))
    guard case .customer(var change) = sealed.payload else { return #expect(Bool(false)) }
    change.after?.phone?.box[20] ^= 1
    sealed.payload = .customer(change)
    func opened(_ fields: PersonalFields) throws -> Customer<PersonToken>? {
      try tokenizer.tokenize(sealed, topic: "t", partition: 2, scope: .newest(fields)).customer
    }
    let email = try tokenizer.token(of: PersonalData("maria@example.com"), field: .email)
    #expect(try opened([.email])?.email == email)
    #expect(try opened([.email])?.phone == .unread)
    #expect(try opened([])?.email == .unread)
    #expect(try opened([])?.address == nil)
    #expect(throws: PrivacyError.self) { _ = try opened([.phone]) }
    let request = try seal(webRequest(number: 1))
    let unread = try tokenizer.tokenize(request, topic: "t", partition: 2, scope: .newest([.user])).request
    #expect(unread?.ip == .unread && unread?.user != .unread)
  }

  /// Goal: nothing of a person stays in memory after forgetting. Method: the memory in which a token's clear value is kept.
  @Test("remembered tokens and their clear values are overwritten") func forgetting() throws {
    let cache = try TokenCache(capacity: 16)
    let value = Array("192.0.2.7".utf8)
    let token = Token(high: 1, low: 2)
    value.withUnsafeBytes { cache.insert(token, of: $0) }
    #expect(value.withUnsafeBytes { cache.token(of: $0) } == token)
    #expect(cache.memory.withBytes { $0.contains { $0 != 0 } })
    cache.wipe()
    #expect(value.withUnsafeBytes { cache.token(of: $0) } == nil)
    #expect(cache.memory.withBytes { $0.allSatisfy { $0 == 0 } })

    var scratch = Scratch(capacity: 16)
    scratch.append(Array("prefix maria".utf8))
    scratch.truncate(to: 6)
    scratch.wipe(from: 6)
    #expect(Array(scratch.bytes) == Array("prefix".utf8))
    #expect(scratch.free.allSatisfy { $0 == 0 })
  }

  @Test("a tokenizer that has forgotten opens what it opened before") func forgottenAndOpened() throws {
    let sealed = try seal(webRequest(number: 1))
    try vault.commit()
    let before = try tokenizer.tokenize(sealed, topic: "t", partition: 2)
    tokenizer.forgetCached()
    #expect(try tokenizer.tokenize(sealed, topic: "t", partition: 2) == before)
  }

  @Test("a key version that is not known is refused") func versions() throws {
    for version in [0, 2, -1, Int.max] {
      let error = #expect(throws: PrivacyError.self) {
        _ = try Tokenizer(space.keyring, version: version, vault: vault)
      }
      #expect(error?.kind == .unknownVersion)
    }
  }

  /// Goal: a token is what the contract says. Method: build key, input and MAC by hand from the master key file.
  @Test("a token is the HMAC of tag, version and value under the field's own key") func tokenFormat() throws {
    let master = try Files.read(space.keyPath, limit: 100).bytes
    func token(version: UInt8) throws -> [UInt8] {
      let key = try master.withUnsafeBytes {
        try KeyDerivation.derive(
          from: SecretBytes(copying: $0), label: "millrace/token", context: [1, 0, 0, 0, version])
      }
      var mac = try HMACSHA256(key: key)
      return Array(
        mac.authenticate([0, 0, 0, 1, 1, 0, 0, 0, 4, 0, 0, 0, version, 0, 0, 0, 5] + Array("maria".utf8)).prefix(16))
    }
    #expect(try tokenizer.token(of: PersonalData("maria"), field: .user).bytes == token(version: 1))
    #expect(try token(version: 1) != token(version: 2))
  }

  /// Goal: ciphertext cannot be moved. Method: change each part of the context, swap two fields, damage each byte.
  @Test("a seal that was moved or damaged does not open") func moved() throws {
    let sealed = try seal(webRequest())
    func refused(_ event: Event<SealedPerson>, topic: String = "t", partition: Int32 = 2, _ what: String) {
      let error = #expect(throws: PrivacyError.self, "\(what)") {
        _ = try tokenizer.tokenize(event, topic: topic, partition: partition)
      }
      #expect(error?.kind == .authenticationFailed, "\(what)")
    }
    refused(sealed, topic: "u", "topic")
    refused(sealed, partition: 3, "partition")
    var other = sealed
    other.number = 2
    refused(other, "number")
    other = sealed
    other.epoch = 2
    refused(other, "epoch")
    other = sealed
    other.source = "platform"
    refused(other, "source")
    guard case .webRequest(var request) = sealed.payload, let user = request.user else { return #expect(Bool(false)) }
    let ip = request.ip
    request.ip = user
    request.user = ip
    other = sealed
    other.payload = .webRequest(request)
    refused(other, "fields swapped")
    for position in ip.box.indices {
      request.user = user
      request.ip = ip
      request.ip.box[position] ^= 1
      other.payload = .webRequest(request)
      refused(other, "byte \(position)")
    }
    request.ip.box = []
    other.payload = .webRequest(request)
    refused(other, "empty box")
    let jose = try vault.key(for: [Subject("user", [1])])
    request.ip = SealedData(key: jose.id, box: ip.box)
    other.payload = .webRequest(request)
    refused(other, "another person's key")
    _ = try tokenizer.tokenize(sealed, topic: "t", partition: 2)
  }

  @Test("when a key is destroyed its id stands in, and other people keep their tokens") func destroyed() throws {
    let jose = try vault.key(for: [Subject("user", [1])])
    try vault.commit()
    let hers = try seal(webRequest(number: 1))
    let his = try sealer.seal(webRequest(number: 2, user: "jose"), topic: "t", partition: 2) {
      _ throws(PrivacyError) in jose
    }
    let before = try tokenizer.tokenize(his, topic: "t", partition: 2)
    _ = try vault.destroyIrrevocably(maria.id)
    tokenizer.forgetCached()
    let erased = try tokenizer.tokenize(hers, topic: "t", partition: 2)
    let standIn = Token(high: maria.id.high, low: maria.id.low)
    #expect(erased.request?.ip == standIn)
    #expect(erased.request?.user == standIn)
    #expect(try tokenizer.tokenize(his, topic: "t", partition: 2) == before)
  }

  /// Goal: no nonce twice under one key. Method: the first 64 of 96 bits of a million nonces; even those cannot repeat
  /// by chance (1 in 37 million runs).
  @Test("a nonce never repeats in a million seals") func nonces() throws {
    var seen: Set<UInt64> = []
    seen.reserveCapacity(1_000_000)
    let data = PersonalData("x")
    for _ in 0..<1_000_000 {
      let box = try sealer.seal(data, context: [], key: maria).box
      seen.insert(box.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
    }
    #expect(seen.count == 1_000_000)
  }

  @Test("state sealed for capture opens under its context and key only") func state() throws {
    let jose = try vault.key(for: [Subject("user", [1])])
    for text in ["", "row", String(repeating: "x", count: 70_000)] {
      let data = PersonalData(text)
      let sealed = try sealer.seal(data, context: [1, 2], key: maria)
      #expect(try sealer.open(sealed, context: [1, 2], key: maria) == data)
      #expect(throws: PrivacyError.self) { try sealer.open(sealed, context: [1], key: maria) }
      #expect(throws: PrivacyError.self) { try sealer.open(sealed, context: [1, 2], key: jose) }
      #expect(try sealer.open(sealed, context: [1, 2], key: maria) == data)
    }
    #expect(throws: PrivacyError.self) {
      _ = try sealer.seal(
        PersonalData(bytes: [UInt8](repeating: 0, count: PrivacyLimits.fieldBytes + 1)), context: [], key: maria)
    }
  }

  /// Goal: a seal is what the contract says, for other programs and for later versions. Method: open one by hand.
  @Test("a box is AES-256-GCM with the documented associated data of format 1") func boxFormat() throws {
    try vault.commit()
    var event = webRequest(number: 5)
    event.envelope.format = EventFormat.first
    let sealed = try seal(event)
    let box = try #require(sealed.request?.user?.box)
    #expect(box.count == "maria".utf8.count + 28)
    let data: [UInt8] =
      [1, 0, 0, 0, 6] + Array("weblog".utf8) + [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0x74, 0, 0, 0, 2]
      + [0, 0, 0, 0, 0, 0, 0, 5, 1]
    let master = try Files.read(space.keyPath, limit: 100).bytes
    let wrapping = try master.withUnsafeBytes {
      try KeyDerivation.derive(from: SecretBytes(copying: $0), label: "millrace/vault/wrapping", context: [])
    }
    let wrapped = try wrappedKey(maria.id, in: space.vaultPath)
    var cipher = try AESGCM()
    var key = [UInt8](repeating: 0, count: 32)
    var clear = [UInt8](repeating: 0, count: 5)
    try wrapping.withBytes { wrapping in
      try maria.id.bytes.withUnsafeBytes { id in
        try wrapped.withUnsafeBytes { box in
          try key.withUnsafeMutableBytes { _ = try cipher.open(box, key: wrapping, associatedData: id, into: $0) }
        }
      }
    }
    try key.withUnsafeBytes { key in
      try data.withUnsafeBytes { data in
        try box.withUnsafeBytes { box in
          try clear.withUnsafeMutableBytes { _ = try cipher.open(box, key: key, associatedData: data, into: $0) }
        }
      }
    }
    #expect(clear == Array("maria".utf8))
  }

  @Test("personal values never appear in error texts or descriptions") func muteErrors() throws {
    let canary = "canary-4111111111111111"
    var texts: [String] = []
    func record(_ body: () throws -> Void) {
      do { try body() } catch { texts += ["\(error)", String(reflecting: error), String(describing: error)] }
    }
    let sealed = try seal(webRequest(ip: canary, user: canary))
    record { _ = try tokenizer.tokenize(sealed, topic: "u", partition: 2) }
    record { _ = try sealer.open(sealer.seal(PersonalData(canary), context: [], key: maria), context: [1], key: maria) }
    record { _ = try space.vault(.reader).key(for: [Subject("user", Array(canary.utf8))]) }
    record { _ = try sealer.seal(PersonalData(String(repeating: canary, count: 60_000)), context: [], key: maria) }
    let subject = Subject("user", Array(canary.utf8))
    var dumped = ""
    dump(subject, to: &dumped)
    texts += [dumped, "\(subject)", String(reflecting: subject)]
    #expect(texts.count > 9)
    // As text, and as the list of byte values that a reflected array would print.
    let listed = Array(canary.utf8).prefix(4).map(String.init).joined(separator: ", ")
    for text in texts { #expect(!text.contains("canary") && !text.contains("4111") && !text.contains(listed)) }
  }
}
