import Crypto
import TestSupport
import Testing

@Suite struct AESGCMTests {
  private struct Vector: Sendable {
    var key: String
    var nonce: String
    var plaintext = ""
    var associatedData = ""
    var ciphertext = ""
    var tag: String
  }

  /// Goal: a box is AES-256-GCM. Method: test cases 13, 14 and 16 of the GCM specification (McGrew and Viega).
  @Test("a box is nonce, ciphertext and tag of the published vectors") func vectors() throws {
    let zero = String(repeating: "00", count: 32)
    let vectors = [
      Vector(key: zero, nonce: String(repeating: "00", count: 12), tag: "530f8afbc74536b9a963b4f1c4cb738b"),
      Vector(
        key: zero, nonce: String(repeating: "00", count: 12), plaintext: String(repeating: "00", count: 16),
        ciphertext: "cea7403d4d606b6e074ec5d3baf39d18", tag: "d0d1c8a799996bf0265b98b5d48ab919"),
      Vector(
        key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", nonce: "cafebabefacedbaddecaf888",
        plaintext: """
          d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525\
          b16aedf5aa0de657ba637b39
          """,
        associatedData: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        ciphertext: """
          522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838\
          c5f61e6393ba7a0abcc9f662
          """, tag: "76fc6ece0f4e1768cddf8853bb2d551b"),
    ]
    var cipher = try AESGCM()
    for vector in vectors {
      let box = try seal(
        bytes(vector.plaintext), key: bytes(vector.key), nonce: bytes(vector.nonce),
        associatedData: bytes(vector.associatedData), with: &cipher)
      #expect(hex(box) == vector.nonce + vector.ciphertext + vector.tag)
      let opened = try open(
        box, key: bytes(vector.key), associatedData: bytes(vector.associatedData), with: &cipher)
      #expect(hex(opened) == vector.plaintext)
    }
  }

  /// Goal: nothing of a box may change. Method: flip every bit, cut and lengthen, change key and associated data.
  @Test("a changed, cut or moved box does not open") func damage() throws {
    var cipher = try AESGCM()
    let key = try Randomness.bytes(32)
    let box = try seal(
      Array("maria".utf8), key: key, nonce: try Randomness.bytes(12), associatedData: [1], with: &cipher)
    for position in box.indices {
      for bit in 0..<8 {
        var changed = box
        changed[position] ^= 1 << UInt8(bit)
        #expect(throws: CryptoError(.authenticationFailed, operation: "open")) {
          _ = try open(changed, key: key, associatedData: [1], with: &cipher)
        }
      }
    }
    for count in 0..<box.count {
      #expect(throws: CryptoError.self) {
        _ = try open(Array(box.prefix(count)), key: key, associatedData: [1], with: &cipher)
      }
    }
    #expect(throws: CryptoError.self) { _ = try open(box + [0], key: key, associatedData: [1], with: &cipher) }
    #expect(throws: CryptoError.self) { _ = try open(box, key: key, associatedData: [2], with: &cipher) }
    #expect(throws: CryptoError.self) { _ = try open(box, key: key, associatedData: [], with: &cipher) }
    #expect(throws: CryptoError.self) {
      _ = try open(box, key: try Randomness.bytes(32), associatedData: [1], with: &cipher)
    }
    let opened = try open(box, key: key, associatedData: [1], with: &cipher)
    #expect(opened == Array("maria".utf8))
  }

  /// Goal: "the key of the last call" is that key, also after failures between. Method: random inputs, sealed both ways.
  @Test("a kept key gives the same boxes as a key given anew") func keptKey() throws {
    var generator = SeededGenerator(seed: 7)
    var cipher = try AESGCM()
    for _ in 0..<200 {
      let key = try Randomness.bytes(32)
      let text = (0..<Int.random(in: 0...80, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator)
      }
      let nonce = try Randomness.bytes(12)
      let first = try seal(text, key: key, nonce: nonce, associatedData: [9, 9], with: &cipher)
      let second = try seal(text, key: nil, nonce: nonce, associatedData: [9, 9], with: &cipher)
      #expect(first == second)
      _ = try open(first, key: key, associatedData: [9, 9], with: &cipher)
      _ = try? open(first, key: nil, associatedData: [8], with: &cipher)
      let opened = try open(second, key: nil, associatedData: [9, 9], with: &cipher)
      #expect(opened == text)
    }
  }

  @Test("lengths that do not fit are refused, not written") func lengths() throws {
    var cipher = try AESGCM()
    #expect(throws: CryptoError(.invalidInput, operation: "seal")) {
      _ = try seal([1], key: [1, 2, 3], nonce: [UInt8](repeating: 0, count: 12), associatedData: [], with: &cipher)
    }
    #expect(throws: CryptoError(.invalidInput, operation: "seal")) {
      _ = try seal([1], key: [UInt8](repeating: 1, count: 32), nonce: [0], associatedData: [], with: &cipher)
    }
  }

  /// Goal: keys are gone when they are said to be. Method: what opened without naming the key before does not any more.
  @Test("a cipher that has forgotten its keys needs them again") func forgets() throws {
    var cipher = try AESGCM(openingSlots: 2)
    let key = try Randomness.bytes(32)
    let box = try seal([1, 2, 3], key: key, nonce: try Randomness.bytes(12), associatedData: [4], with: &cipher)
    #expect(try open(box, key: key, associatedData: [4], with: &cipher) == [1, 2, 3])
    #expect(try open(box, key: nil, associatedData: [4], with: &cipher) == [1, 2, 3])
    cipher.forgetKeys()
    #expect(throws: CryptoError.self) { _ = try open(box, key: nil, associatedData: [4], with: &cipher) }
    let nonce = try Randomness.bytes(12)
    #expect(throws: CryptoError.self) {
      _ = try seal([1], key: nil, nonce: nonce, associatedData: [4], with: &cipher)
    }
    #expect(try open(box, key: key, associatedData: [4], with: &cipher) == [1, 2, 3])
    #expect(try open(box, key: nil, associatedData: [4], with: &cipher) == [1, 2, 3])
  }

  private func seal(
    _ plaintext: [UInt8], key: [UInt8]?, nonce: [UInt8], associatedData: [UInt8], with cipher: inout AESGCM
  ) throws -> [UInt8] {
    var box = [UInt8](repeating: 0, count: plaintext.count + AESGCM.overhead)
    try withOptionalBytes(key) { key in
      try plaintext.withUnsafeBytes { plaintext in
        try nonce.withUnsafeBytes { nonce in
          try associatedData.withUnsafeBytes { data in
            try box.withUnsafeMutableBytes {
              try cipher.seal(plaintext, key: key, nonce: nonce, associatedData: data, into: $0)
            }
          }
        }
      }
    }
    return box
  }

  private func open(
    _ box: [UInt8], key: [UInt8]?, associatedData: [UInt8], with cipher: inout AESGCM
  ) throws -> [UInt8] {
    var plaintext = [UInt8](repeating: 0, count: max(box.count, 1))
    let count = try withOptionalBytes(key) { key in
      try box.withUnsafeBytes { box in
        try associatedData.withUnsafeBytes { data in
          try plaintext.withUnsafeMutableBytes { try cipher.open(box, key: key, associatedData: data, into: $0) }
        }
      }
    }
    return Array(plaintext.prefix(count))
  }

  private func withOptionalBytes<R>(_ bytes: [UInt8]?, _ body: (UnsafeRawBufferPointer?) throws -> R) rethrows -> R {
    guard let bytes else { return try body(nil) }
    return try bytes.withUnsafeBytes { try body($0) }
  }
}
