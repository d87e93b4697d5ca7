/// What OpenSSL refused. Never contains keys or data, so it is safe to show.
package struct CryptoError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    /// The bytes were changed, moved, or sealed under another key. Says nothing else, on purpose.
    case authenticationFailed
    /// A length or a parameter that this module does not accept.
    case invalidInput
    /// OpenSSL itself failed: out of memory, no entropy, an algorithm switched off by its configuration.
    case library
  }
  package var kind: Kind
  package var operation: String

  package init(_ kind: Kind, operation: String) {
    self.kind = kind
    self.operation = operation
  }

  package var hint: String {
    switch kind {
    case .authenticationFailed: "the bytes are damaged, were moved, or belong to another key"
    case .invalidInput: "this is probably a defect in Millrace; please report it"
    case .library: "check that OpenSSL 3 is installed and that its configuration allows AES-256-GCM, HMAC and SHA-256"
    }
  }

  package var description: String { "cryptography: cannot \(operation) (\(kind.rawValue)); \(hint)" }
}
