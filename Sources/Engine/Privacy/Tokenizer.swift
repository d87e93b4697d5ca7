internal import Crypto
package import Entity

/// Sealed fields → keyed tokens: opens each seal, canonicalizes, and gives the token of what it held; the clear value
/// stays in reused buffers of this module that are wiped at the end. One thread at a time; make one per thread.
///
/// Token = first 128 bits of HMAC-SHA-256(key(field, version), tag ‖ version ‖ value), each part length-prefixed.
package final class Tokenizer {
  private let vault: Vault
  private var work: TokenWork

  /// Derives the token keys of this version for all fields. Throws `.unknownVersion` for a version that the keyring
  /// does not have. Memory for what it remembers (`PrivacyLimits.tokensAtHand`) is taken when a field is first met.
  package init(_ keyring: Keyring, version: Int, vault: Vault) throws(PrivacyError) {
    self.vault = vault
    work = try TokenWork(keyring, version: version, vault)
    // Refused now rather than at the first record.
    _ = try keyring.tokenKey(.rawRecord, version: version)
  }

  /// Wraps the work on many events: keys are looked up more cheaply (see `Vault.batch(_:)`).
  package func batch<R>(_ body: () throws(PrivacyError) -> R) throws(PrivacyError) -> R { try vault.batch(body) }

  /// The seals that are asked for from now on are those of this event.
  /// `entity`: its name in the contract.
  package func begin(_ envelope: Envelope, entity: String, topic: String, partition: Int32) {
    work.context.begin(envelope, entity: entity, topic: topic, partition: partition)
  }

  /// The same for an event whose envelope lies in the bytes of its record.
  package func begin(_ envelope: EnvelopeView, in record: UnsafeRawBufferPointer, topic: String, partition: Int32) {
    work.context.begin(
      envelope, source: UnsafeRawBufferPointer(rebasing: record[envelope.source]), topic: topic, partition: partition)
  }

  /// Token of one sealed value of the event that was begun.
  ///
  /// Throws `.authenticationFailed` for a moved or damaged seal (the event is then quarantined), any other kind when
  /// the vault or the keys do not fit (then stop). A destroyed key is no error: the person-key id stands in for the
  /// token.
  package func token(of sealed: SealedData, _ place: PersonalPlace) throws(PrivacyError) -> Token {
    try sealed.box.withBytes { box throws(PrivacyError) in
      try work.token(of: box, key: sealed.key, place, tokenVersion: sealed.tokenVersion)
    }
  }

  /// The same for a seal that lies in the bytes of the record.
  package func token(
    of seal: SealView, in record: UnsafeRawBufferPointer, _ place: PersonalPlace
  ) throws(PrivacyError) -> Token {
    try work.token(
      of: UnsafeRawBufferPointer(rebasing: record[seal.box]), key: seal.key, place, tokenVersion: seal.tokenVersion)
  }

  /// Token of a clear value, for reports' and tests' look-ups ("which token has this e-mail?").
  package func token(of value: PersonalData, field: PersonalField) throws(PrivacyError) -> Token {
    let tokens = try work.tokens(for: field)
    do throws(CryptoError) {
      return try value.bytes.withBytes { value throws(CryptoError) in try tokens.token(of: value) }
    } catch {
      throw PrivacyError(error, operation: "make a token")
    }
  }

  /// Whether an error of `tokenize` is a record's own fault: its seal does not open, or its key is none that was ever
  /// made for this log. That the vault proves only if it is at least as new as the record: `counter` is the vault's of
  /// the record's batch, 0 where nothing tells it; then the time in the key's id decides.
  package func proves(_ error: PrivacyError, foreign counter: UInt64) throws(PrivacyError) -> Bool {
    switch error.kind {
    case .authenticationFailed, .unknownVersion: true
    case .keyForeign where counter == 0: true
    case .keyForeign, .keyMissing: counter > 0 ? try vault.hasMade(counter) : false
    case .keyFile, .vault, .locked, .randomness, .cryptography: false
    }
  }

  /// Forgets keys that were looked up, also the vault's (see `Vault.forgetCached()`), and clear values whose tokens are
  /// remembered. Both are overwritten.
  package func forgetCached() {
    work.forgetCached()
    vault.forgetCached()
  }
}

/// All that a token is made with. A struct, and used as a whole: each use of a class's property is checked for
/// exclusivity when it happens, and this is the hottest place of a rebuild.
private struct TokenWork: ~Copyable {
  private let vault: Vault
  private let keyring: Keyring
  private let version: Int
  var context = SealContext()
  private var opener: SealOpener
  /// By the number of the field; made at the first use.
  private var fields = [FieldTokens?](repeating: nil, count: 32)
  /// Keys by the low bits of their ids, which are random: no lock and no hashing for the visitors of the moment.
  private var recentKeys = [PersonKey?](repeating: nil, count: PrivacyLimits.keysAtHand)

  init(_ keyring: Keyring, version: Int, _ vault: Vault) throws(PrivacyError) {
    opener = try SealOpener()
    self.keyring = keyring
    self.version = version
    self.vault = vault
  }

  mutating func forgetCached() {
    recentKeys = [PersonKey?](repeating: nil, count: PrivacyLimits.keysAtHand)
    opener.forgetCached()
    for field in fields { field?.forgetCached() }
  }

  /// Token of what the box holds, which has this place in the event that was begun.
  mutating func token(
    of box: UnsafeRawBufferPointer, key id: PersonKeyID, _ place: PersonalPlace, tokenVersion: UInt32
  ) throws(PrivacyError) -> Token {
    context.select(place, tokenVersion: tokenVersion)
    var key: PersonKey?
    if !opener.hasKey(id) {
      key = try self.key(id)
      if key == nil { return Token(high: id.high, low: id.low) }
    }
    let tokens = try tokens(for: place.field)
    do throws(CryptoError) {
      try opener.open(box, id, key?.bytes, associatedData: context.bytes)
      return try tokens.token(of: opener.clear.bytes)
    } catch {
      throw PrivacyError(error, operation: "open a seal")
    }
  }

  /// nil: destroyed.
  private mutating func key(_ id: PersonKeyID) throws(PrivacyError) -> PersonKey? {
    let place = Int(truncatingIfNeeded: id.low) & (PrivacyLimits.keysAtHand - 1)
    if let recent = recentKeys[place], recent.id == id { return recent }
    guard let found = try vault.key(id: id) else { return nil }
    recentKeys[place] = found
    return found
  }

  mutating func tokens(for field: PersonalField) throws(PrivacyError) -> FieldTokens {
    let place = Int(field.rawValue) & 31
    if let known = fields[place] { return known }
    let made = try FieldTokens(keyring, field, version: version)
    fields[place] = made
    return made
  }
}

/// A cipher with what it opens into.
private struct SealOpener: ~Copyable {
  private var cipher: AESGCM
  /// The value last opened.
  private(set) var clear = Scratch(capacity: 4_096)
  /// Whose key each of the cipher's slots holds expanded; a key's slot is told by the low bits of its id, which are
  /// random.
  private var expandedKeys = [PersonKeyID?](repeating: nil, count: PrivacyLimits.expandedKeys)

  init() throws(PrivacyError) { cipher = try makeCipher(openingSlots: PrivacyLimits.expandedKeys) }

  private func slot(of id: PersonKeyID) -> Int {
    Int(truncatingIfNeeded: id.low) & (PrivacyLimits.expandedKeys - 1)
  }

  func hasKey(_ id: PersonKeyID) -> Bool { expandedKeys[slot(of: id)] == id }

  /// `key` nil: the one that it has for this id.
  mutating func open(
    _ box: UnsafeRawBufferPointer, _ id: PersonKeyID, _ key: UnsafeRawBufferPointer?,
    associatedData: UnsafeRawBufferPointer
  ) throws(CryptoError) {
    let slot = slot(of: id)
    // Forgotten until the call has gone well: a failed one may or may not have changed the cipher's key.
    expandedKeys[slot] = nil
    clear.truncate(to: 0)
    guard box.count <= PrivacyLimits.fieldBytes + AESGCM.overhead else {
      throw CryptoError(.authenticationFailed, operation: "open")
    }
    clear.reserve(max(1, box.count))
    clear.advance(try cipher.open(box, key: key, slot: slot, associatedData: associatedData, into: clear.free))
    expandedKeys[slot] = id
  }

  mutating func forgetCached() {
    expandedKeys = [PersonKeyID?](repeating: nil, count: PrivacyLimits.expandedKeys)
    cipher.forgetKeys()
    clear.wipe()
  }
}

/// Tokens of one field under one key version.
private final class FieldTokens {
  private let field: PersonalField
  private var mac: HMACSHA256
  private var input = Scratch(capacity: 512)
  private let prefixCount: Int
  /// Made at the first use: most tokenizers meet few of the fields.
  private var cache: TokenCache?

  init(_ keyring: Keyring, _ field: PersonalField, version: Int) throws(PrivacyError) {
    self.field = field
    mac = try makeMAC(keyring.tokenKey(field, version: version))
    input.append(part: [field.rawValue])
    input.append(number: UInt32(4))
    input.append(number: UInt32(truncatingIfNeeded: version))
    // The value's length, written when it is known.
    input.append(number: UInt32(0))
    prefixCount = input.count
  }

  func token(of value: UnsafeRawBufferPointer) throws(CryptoError) -> Token {
    guard field.comesAgain else { return compute(value) }
    if let known = cache?.token(of: value) { return known }
    if cache == nil { cache = try TokenCache(capacity: PrivacyLimits.tokensAtHand) }
    let token = compute(value)
    cache?.insert(token, of: value)
    return token
  }

  func forgetCached() {
    cache?.wipe()
    input.wipe(from: prefixCount)
  }

  private func compute(_ value: UnsafeRawBufferPointer) -> Token {
    input.truncate(to: prefixCount)
    Canonical.append(value, field: field, to: &input)
    input.patch(input.count - prefixCount, at: prefixCount - 4)
    let (high, low) = mac.token(of: input.bytes)
    return Token(high: high, low: low)
  }
}
