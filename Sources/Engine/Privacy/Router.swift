internal import Crypto
package import Entity

/// Makes log keys: tokens under the routing key, which never rotates, since rotation must not move keys between
/// partitions. One thread at a time.
package final class Router {
  private var mac: HMACSHA256
  private var input = Scratch()

  /// Derives the routing key. Throws `.cryptography` when OpenSSL fails.
  package init(_ keyring: Keyring) throws(PrivacyError) {
    mac = try makeMAC(keyring.routingKey())
  }

  /// Token of (domain, parts…), each part length-prefixed, so that no two inputs collide by joining. Domains: "order",
  /// "visitor", "lead", "catalog", …
  package func token(_ domain: String, _ parts: [UInt8]...) -> Token {
    start(domain)
    for part in parts { input.append(part: part) }
    return finish()
  }

  /// The same as with a list of one part; saves its allocation.
  package func token(_ domain: String, _ part: [UInt8]) -> Token {
    start(domain)
    input.append(part: part)
    return finish()
  }

  /// The same as with a list of two parts; saves its allocation.
  package func token(_ domain: String, _ first: [UInt8], _ second: [UInt8]) -> Token {
    start(domain)
    input.append(part: first)
    input.append(part: second)
    return finish()
  }

  /// The same for bytes that are lent, e.g. slices of a line.
  package func token(_ domain: String, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Token {
    start(domain)
    input.append(part: first)
    input.append(part: second)
    return finish()
  }

  private func start(_ domain: String) {
    input.truncate(to: 0)
    input.append(part: domain)
  }

  private func finish() -> Token {
    let (high, low) = mac.token(of: input.bytes)
    return Token(high: high, low: low)
  }
}

func makeMAC(_ key: SecretBytes) throws(PrivacyError) -> HMACSHA256 {
  do throws(CryptoError) { return try HMACSHA256(key: key) } catch {
    throw PrivacyError(error, operation: "set up tokens")
  }
}

func makeCipher(openingSlots: Int = 1) throws(PrivacyError) -> AESGCM {
  do throws(CryptoError) { return try AESGCM(openingSlots: openingSlots) } catch {
    throw PrivacyError(error, operation: "set up seals")
  }
}
