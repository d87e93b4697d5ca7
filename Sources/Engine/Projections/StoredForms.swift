package import Entity

extension Guarded where P == PersonToken {
  /// The form in marts: what is public as it is, a natural person's as ~ and the token in hexadecimal.
  package var martText: String {
    switch self {
    case .open(let text): text
    case .personal(let token): "~" + token.hexadecimal
    }
  }

  /// The public value; nil for a natural person's.
  package var openText: String? {
    if case .open(let text) = self { text } else { nil }
  }

  /// A natural person's token; nil for a public value.
  package var token: Token? {
    if case .personal(let token) = self { token } else { nil }
  }
}

/// SQLite's integers are signed; versions keep their bits and are compared as unsigned again when read.
extension StateVersion {
  /// From two columns as they are stored.
  package init(stored major: Int64, _ minor: Int64) {
    self.init(major: UInt64(bitPattern: major), minor: UInt64(bitPattern: minor))
  }
  /// First part, as it is stored.
  package var storedMajor: Int64 { Int64(bitPattern: major) }
  /// Second part, as it is stored.
  package var storedMinor: Int64 { Int64(bitPattern: minor) }
}
