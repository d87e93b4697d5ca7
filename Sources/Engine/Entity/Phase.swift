/// Where an event stands on its way: with clear personal data (inside capture, in memory only), sealed (in the log), or
/// tokenized (in projections). A projection that could see an e-mail address does not compile.
@usableFromInline package protocol Phase: Sendable {
  associatedtype Field: Sendable, Equatable
}

/// Clear personal data: inside capture, in memory only.
@usableFromInline package enum Person: Phase {
  @usableFromInline package typealias Field = PersonalData
}

/// Seals: in the log.
@usableFromInline package enum SealedPerson: Phase {
  @usableFromInline package typealias Field = SealedData
}

/// Keyed tokens: in projections, marts and copies.
@usableFromInline package enum PersonToken: Phase {
  @usableFromInline package typealias Field = Token
}

/// Clear personal data. Mute: nothing prints it.
@usableFromInline
package struct PersonalData: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The clear value.
  @usableFromInline package var bytes: [UInt8]
  @inlinable package init(bytes: [UInt8]) { self.bytes = bytes }
  /// A text as UTF-8.
  @inlinable package init(_ text: String) { bytes = Array(text.utf8) }
  @usableFromInline package var description: String { "<personal>" }
  /// Mute.
  @usableFromInline package var debugDescription: String { "<personal>" }
  @usableFromInline package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Name of a person's data key: 48 bits that say when it was made, and 80 random ones, among them the whole low half.
/// When the key is destroyed, this stands in for the person's tokens.
@usableFromInline package struct PersonKeyID: Hashable, Sendable {
  @usableFromInline package var high: UInt64
  @usableFromInline package var low: UInt64
  @inlinable package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// Personal data under AES-256-GCM.
@usableFromInline package struct SealedData: Sendable, Equatable {
  @usableFromInline package var key: PersonKeyID
  /// Nonce (12 bytes), ciphertext, tag (16 bytes).
  @usableFromInline package var box: [UInt8]
  /// Version of the tokens' keys under which it was fixed how values of the owner are compared; from 1. Kept, and not
  /// used yet.
  @usableFromInline package var tokenVersion: UInt32
  @inlinable package init(key: PersonKeyID, box: [UInt8], tokenVersion: UInt32 = 1) {
    self.key = key
    self.box = box
    self.tokenVersion = tokenVersion
  }
}

/// A keyed token: 128 bits of HMAC-SHA-256 under the field's key.
@usableFromInline package struct Token: Hashable, Comparable, Sendable {
  @usableFromInline package var high: UInt64
  @usableFromInline package var low: UInt64
  @inlinable package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
  /// As numbers of 128 bits.
  @inlinable package static func < (left: Token, right: Token) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// Stands where there is a value that nobody asked for (`PersonalScope.newest`): all zeros, which no value's token is
  /// but for one in 2^128.
  package static let unread = Token(high: 0, low: 0)

  /// 16 bytes, big-endian; the form in marts and in log keys.
  package var bytes: [UInt8] {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
  }

  /// As `bytes`, without an array of their own.
  package func append(to bytes: inout [UInt8]) {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { bytes.append(contentsOf: $0) }
  }
}
