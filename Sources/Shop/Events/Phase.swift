/// Where an event stands on its way: with clear personal data (inside capture, in memory only), sealed (in the log), or
/// tokenized (in projections). A projection that could see an e-mail address does not compile.
package protocol Phase: Sendable {
  associatedtype Field: Sendable, Equatable
}

package enum Person: Phase {
  package typealias Field = PersonalData
}

package enum SealedPerson: Phase {
  package typealias Field = SealedData
}

package enum PersonToken: Phase {
  package typealias Field = Token
}

/// Clear personal data. Mute: nothing prints it.
package struct PersonalData: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package var bytes: [UInt8]
  @inlinable package init(bytes: [UInt8]) { self.bytes = bytes }
  @inlinable package init(_ text: String) { bytes = Array(text.utf8) }
  package var description: String { "<personal>" }
  package var debugDescription: String { "<personal>" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Name of a person's data key: 48 bits that say when it was made, and 80 random ones, among them the whole low half. When the
/// key is destroyed, this stands in for the person's tokens.
package struct PersonKeyID: Hashable, Sendable {
  package var high: UInt64
  package var low: UInt64
  @inlinable package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// Personal data under AES-256-GCM.
package struct SealedData: Sendable, Equatable {
  package var key: PersonKeyID
  /// Nonce (12 bytes), ciphertext, tag (16 bytes).
  package var box: [UInt8]
  @inlinable package init(key: PersonKeyID, box: [UInt8]) {
    self.key = key
    self.box = box
  }
}

/// A keyed token: 128 bits of HMAC-SHA-256 under the field's key.
package struct Token: Hashable, Comparable, Sendable {
  package var high: UInt64
  package var low: UInt64
  @inlinable package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
  @inlinable package static func < (left: Token, right: Token) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  /// Stands where there is a value that nobody asked for (`PersonalScope.newest`): all zeros, which no value's token is but
  /// for one in 2^128.
  package static let unread = Token(high: 0, low: 0)

  /// 16 bytes, big-endian; the form in marts and in log keys.
  package var bytes: [UInt8] {
    withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Array($0) }
  }
}

/// Which personal field a value belongs to; each has a token key of its own, so equal values in two fields have different
/// tokens. Values that must join across sources carry one field name (`user`: web logs, customers, company logins;
/// `email`: customers and leads).
package enum PersonalField: UInt8, CaseIterable, Sendable {
  case user = 1
  case email = 2
  case document = 3
  case fullName = 4
  case phone = 5
  case address = 6
  case birthDate = 7
  case card = 8
  case ip = 9
  case cuit = 10
  case companyName = 11
  /// A whole source record that could not be parsed.
  case rawRecord = 12
}

/// A value that is personal for some rows only: a company's CUIT is public, a natural person's is personal data.
package enum Guarded<P: Phase>: Sendable, Equatable {
  case open(String)
  case personal(P.Field)
}
extension Guarded: Hashable where P.Field: Hashable {}
