import Crypto
import TestSupport
import Testing

@Suite struct DigestTests {
  /// Goal: the digest is SHA-256. Method: the vectors of FIPS 180-4's examples.
  @Test(
    "SHA-256 gives the published digests",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ]) func digest(text: String, expected: String)
  {
    #expect(hex(SHA256.hash(Array(text.utf8))) == expected)
  }

  /// Goal: pieces and reuse change nothing. Method: a million letters "a" in uneven pieces, twice through one hasher.
  @Test("a hasher takes its input in any pieces and can be used again") func pieces() {
    var hasher = SHA256Hasher()
    for _ in 0..<2 {
      var left = 1_000_000
      var step = 1
      while left > 0 {
        let count = min(step, left)
        hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: count))
        left -= count
        step = step &* 3 % 9_973 + 1
      }
      #expect(hex(hasher.finish()) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }
    #expect(hasher.finish() == SHA256.hash([]))
  }

  /// Goal: the MAC is HMAC-SHA-256. Method: RFC 4231's cases, each twice, since the context is reused.
  @Test(
    "HMAC-SHA-256 gives RFC 4231's codes",
    arguments: [
      (
        String(repeating: "0b", count: 20), "4869205468657265",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        String(repeating: "aa", count: 131),
        "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ]) func mac(key: String, message: String, expected: String) throws
  {
    var mac = try HMACSHA256(key: secret(bytes(key)))
    let message = bytes(message)
    for _ in 0..<2 {
      let code = mac.authenticate(message)
      #expect(hex(code) == expected)
      _ = mac.authenticate([])
    }
    let token = message.withUnsafeBytes { mac.token(of: $0) }
    let text = hex(withUnsafeBytes(of: (token.high.bigEndian, token.low.bigEndian)) { Array($0) })
    #expect(text == String(expected.prefix(32)))
  }

  @Test("HMAC refuses an empty key") func emptyKey() {
    #expect(throws: CryptoError.self) { _ = try [UInt8]().withUnsafeBytes { _ = try HMACSHA256(key: $0) } }
  }

  /// Goal: sub-keys follow SP 800-108. Method: build the counter-mode input by hand and MAC it with the tested HMAC.
  @Test("a derived key is the counter-mode KDF of SP 800-108", arguments: [16, 32, 40, 64])
  func derivation(byteCount: Int) throws {
    var generator = SeededGenerator(seed: UInt64(byteCount))
    let master = (0..<48).map { _ in UInt8.random(in: 0...255, using: &generator) }
    for context in [[UInt8]("user".utf8) + [0, 1], []] {
      var mac = try HMACSHA256(key: secret(master))
      var expected: [UInt8] = []
      for counter in 1...UInt8((byteCount + 31) / 32) {
        let bits = byteCount * 8
        let length: [UInt8] = [0, 0, UInt8(bits >> 8), UInt8(bits & 0xff)]
        var input: [UInt8] = [0, 0, 0, counter]
        input += Array("token".utf8)
        input += [0]
        input += context
        input += length
        expected += mac.authenticate(input)
      }
      let derived = try KeyDerivation.derive(
        from: try secret(master), label: "token", context: context, byteCount: byteCount)
      #expect(derived.withBytes { Array($0) } == Array(expected.prefix(byteCount)))
    }
  }

  @Test("a derived key depends on label and context") func separation() throws {
    let master = try SecretBytes(random: 32)
    var seen: Set<[UInt8]> = []
    let contexts: [[UInt8]] = [[], [0], [1], [0, 0]]
    for label in ["a", "b"] {
      for context in contexts {
        seen.insert(try KeyDerivation.derive(from: master, label: label, context: context).withBytes { Array($0) })
      }
    }
    #expect(seen.count == 8)
    #expect(throws: CryptoError.self) { try KeyDerivation.derive(from: master, label: "", context: []) }
  }
}
