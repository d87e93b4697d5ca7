package import Events

// CONTRACT STUB: the owner of this module replaces this file by real ones with these signatures.

package struct PrivacyError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    case keyFile, keyMissing, authenticationFailed, vault, randomness, unknownVersion
  }
  package var kind: Kind
  package var operation: String
  package var cause: String
  package var hint: String
  package init(_ kind: Kind, operation: String, cause: String, hint: String) {
    self.kind = kind
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }
  package var description: String { "privacy: cannot \(operation): \(cause); \(hint)" }
}

/// All keys, derived from the one master key file (KBKDF, SP 800-108). Raw keys never leave the module.
package final class Keyring: @unchecked Sendable {
  /// Writes a new random master key file, 0600; refuses an existing one.
  package static func create(at path: String) throws(PrivacyError) { fatalError("contract") }
  /// Refuses a file that others may read, a symbolic link, a short or all-zero one.
  package init(masterKeyFile path: String) throws(PrivacyError) { fatalError("contract") }
  /// Token key version in force (1 until rotation exists).
  package var tokenVersion: Int { fatalError("contract") }
}

/// Makes log keys: tokens under the routing key, which never rotates. One thread at a time.
package final class Router {
  package init(_ keyring: Keyring) throws(PrivacyError) { fatalError("contract") }
  /// Token of (domain, parts…), each part length-prefixed, so that no two inputs collide by joining. Domains: "order",
  /// "visitor", "lead", "catalog", …
  package func token(_ domain: String, _ parts: [UInt8]...) -> Token { fatalError("contract") }
}

/// Whom a data key belongs to, e.g. ("customer", "17"), ("user", "maria"), ("visitor-month", "2026-11|IP|UA"). Clear, in memory only;
/// the vault keeps its token.
package struct Subject: Sendable, Hashable {
  package var domain: String
  package var value: [UInt8]
  package init(_ domain: String, _ value: [UInt8]) {
    self.domain = domain
    self.value = value
  }
}

/// A person's data key, unwrapped, in memory.
package final class PersonKey: @unchecked Sendable {
  package let id: PersonKeyID
  init(id: PersonKeyID) { self.id = id }
}

/// Data keys per person, wrapped by a key of the keyring, in `vault.sqlite`. One writer process (capture), many readers.
package final class Vault: @unchecked Sendable {
  package enum Mode: Sendable { case writer, reader }
  package init(path: String, keyring: Keyring, mode: Mode) throws(PrivacyError) { fatalError("contract") }
  /// The key that the first known of these subjects has, else a new one; all subjects without a key get linked to it.
  /// A new key is durable only after `commit()`. Writer only. Bounded cache inside.
  package func key(for subjects: [Subject]) throws(PrivacyError) -> PersonKey { fatalError("contract") }
  /// Makes new keys durable. Call before any event sealed with them enters the outbox.
  package func commit() throws(PrivacyError) { fatalError("contract") }
  /// nil: the key was destroyed (an erased person).
  package func key(id: PersonKeyID) throws(PrivacyError) -> PersonKey? { fatalError("contract") }
}

/// `Event<Person>` → `Event<SealedPerson>`. One thread at a time.
package final class Sealer {
  package init(_ keyring: Keyring) throws(PrivacyError) { fatalError("contract") }
  /// Seals every personal field with the key that `key` gives for it; associated data = (source, epoch, topic, partition, number, field).
  package func seal(
    _ event: Event<Person>, topic: String, partition: Int32, key: (PersonalField) throws(PrivacyError) -> PersonKey
  ) throws(PrivacyError) -> Event<SealedPerson> { fatalError("contract") }
  /// For state that capture keeps for itself (the last lead sheet): seals bytes under `context`.
  package func seal(_ data: PersonalData, context: [UInt8], key: PersonKey) throws(PrivacyError) -> SealedData {
    fatalError("contract")
  }
  package func open(_ sealed: SealedData, context: [UInt8], key: PersonKey) throws(PrivacyError) -> PersonalData {
    fatalError("contract")
  }
}

/// `Event<SealedPerson>` → `Event<PersonToken>`: opens each seal, canonicalizes, replaces it by its keyed token; the clear
/// value never leaves C memory of this module. One thread at a time; make one per thread.
package final class Tokenizer {
  package init(_ keyring: Keyring, version: Int, vault: Vault) throws(PrivacyError) { fatalError("contract") }
  /// Throws `.authenticationFailed` for a moved or damaged seal (the event is then quarantined). A destroyed key is no error:
  /// the person-key id stands in for the tokens.
  package func tokenize(_ event: Event<SealedPerson>, topic: String, partition: Int32) throws(PrivacyError) -> Event<
    PersonToken
  > { fatalError("contract") }
  /// Token of a clear value, for reports' and tests' look-ups ("which token has this e-mail?").
  package func token(of value: PersonalData, field: PersonalField) throws(PrivacyError) -> Token {
    fatalError("contract")
  }
}
