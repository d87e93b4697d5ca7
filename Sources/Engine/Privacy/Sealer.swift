internal import Crypto
package import Entity

/// Seals personal fields with the keys of those whom they belong to. One thread at a time.
///
/// Nonces are 96 random bits: NIST SP 800-38D (8.3) allows 2^32 seals under one key.
package final class Sealer {
  private var work: SealWork

  /// Throws `.cryptography` when OpenSSL fails. Takes no key: each call is given its own.
  package init(_ keyring: Keyring) throws(PrivacyError) { work = try SealWork() }

  /// What is sealed from now on belongs to this event, in the envelope's format (see `SealContext`), so it must have
  /// its number already. `entity`: its name in the contract.
  package func begin(_ envelope: Envelope, entity: String, topic: String, partition: Int32) {
    work.context.begin(envelope, entity: entity, topic: topic, partition: partition)
  }

  /// Seals one personal value of the event that was begun. Throws `.cryptography` for a value above
  /// `PrivacyLimits.fieldBytes`.
  ///
  /// `tokenVersion`: under which it was fixed how the owner's values are compared.
  package func seal(
    _ value: PersonalData, _ place: PersonalPlace, with key: PersonKey, tokenVersion: UInt32 = 1
  ) throws(PrivacyError) -> SealedData {
    try work.seal(value, place, with: key, tokenVersion: tokenVersion)
  }

  /// For state that capture keeps for itself (rows of the last sheet): seals bytes under `context`.
  package func seal(_ data: PersonalData, context: [UInt8], key: PersonKey) throws(PrivacyError) -> SealedData {
    try work.seal(data.bytes, context: context, with: key)
  }

  /// Opens what the function above sealed. Throws `.authenticationFailed` for another key or context, and for damage.
  package func open(_ sealed: SealedData, context: [UInt8], key: PersonKey) throws(PrivacyError) -> PersonalData {
    guard sealed.key == key.id else {
      throw PrivacyError(CryptoError(.authenticationFailed, operation: "open"), operation: "open a seal")
    }
    return try work.open(sealed, context: context, with: key)
  }
}

/// All that a seal is made with. A struct, and used as a whole: each use of a class's property is checked for
/// exclusivity when it happens.
private struct SealWork: ~Copyable {
  var context = SealContext()
  private var cipher: AESGCM
  private var random = RandomBlock()
  // Whose key the cipher holds expanded: a line's fields mostly share one key.
  private var sealingKey: PersonKey?
  private var openingKey: PersonKey?

  init() throws(PrivacyError) { cipher = try makeCipher() }

  mutating func seal(
    _ value: PersonalData, _ place: PersonalPlace, with key: PersonKey, tokenVersion: UInt32
  ) throws(PrivacyError) -> SealedData {
    context.select(place, tokenVersion: tokenVersion)
    var sealed = try seal(value.bytes, with: key)
    sealed.tokenVersion = tokenVersion
    return sealed
  }

  mutating func seal(
    _ plaintext: [UInt8], context own: [UInt8], with key: PersonKey
  ) throws(PrivacyError) -> SealedData {
    context.begin(own)
    return try seal(plaintext, with: key)
  }

  mutating func open(
    _ sealed: SealedData, context own: [UInt8], with key: PersonKey
  ) throws(PrivacyError) -> PersonalData {
    context.begin(own)
    var plaintext = [UInt8](repeating: 0, count: max(0, sealed.box.count - AESGCM.overhead))
    do throws(CryptoError) {
      let kept = openingKey === key
      openingKey = nil
      try plaintext.withMutableBytes { plaintext throws(CryptoError) in
        try sealed.box.withBytes { box throws(CryptoError) in
          _ = try cipher.open(
            box, key: kept ? nil : key.bytes, associatedData: context.bytes, into: plaintext)
        }
      }
      openingKey = key
      return PersonalData(bytes: plaintext)
    } catch {
      throw PrivacyError(error, operation: "open a seal")
    }
  }

  private mutating func seal(_ plaintext: [UInt8], with key: PersonKey) throws(PrivacyError) -> SealedData {
    guard plaintext.count <= PrivacyLimits.fieldBytes else {
      throw PrivacyError(
        .cryptography, operation: "seal a field", cause: "it is longer than \(PrivacyLimits.fieldBytes) bytes",
        hint: "such a record must be rejected before it is sealed")
    }
    let kept = sealingKey === key
    // Forgotten until the call has gone well: a failed one may or may not have changed the cipher's key.
    sealingKey = nil
    var failure: CryptoError?
    let box = [UInt8](unsafeUninitializedCapacity: plaintext.count + AESGCM.overhead) { buffer, count in
      do throws(CryptoError) {
        let nonce = try random.next(AESGCM.nonceBytes)
        let target = UnsafeMutableRawBufferPointer(
          start: buffer.baseAddress, count: plaintext.count + AESGCM.overhead)
        try plaintext.withBytes { plaintext throws(CryptoError) in
          try cipher.seal(
            plaintext, key: kept ? nil : key.bytes, nonce: nonce, associatedData: context.bytes, into: target)
        }
        count = target.count
      } catch {
        failure = error
      }
    }
    if let failure { throw PrivacyError(failure, operation: "seal a field") }
    sealingKey = key
    return SealedData(key: key.id, box: box)
  }
}
