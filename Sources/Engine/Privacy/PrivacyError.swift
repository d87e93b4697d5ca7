internal import Crypto
package import Failures
internal import Files
internal import SQLite

/// What went wrong around keys, seals and the vault. Never contains keys or personal data, so it is safe to show.
package struct PrivacyError: ExplainedError, Equatable {
  /// What kind of failure it is; decides what people and retries do.
  package enum Kind: String, Sendable {
    /// The master key file is missing, unsafe, or not a key.
    case keyFile
    /// The vault does not know a data key at all: it is not the vault of this log, or an old copy of it.
    case keyMissing
    /// The vault does not know a data key that is older than its newest one: the seal is somebody else's, or this is
    /// the vault of another log. `Tokenizer.proves(_:foreign:)` tells the two apart.
    case keyForeign
    /// A seal that is damaged or was moved.
    case authenticationFailed
    case vault
    /// Another process writes the vault.
    case locked
    case randomness
    case unknownVersion
    /// OpenSSL failed, or a field is longer than any event may be.
    case cryptography
  }
  /// The kind.
  package var kind: Kind
  /// What was being done, as a phrase.
  package var operation: String
  /// Why, as a phrase; no content of events.
  package var cause: String
  /// What to do about it.
  package var hint: String

  package init(_ kind: Kind, operation: String, cause: String, hint: String) {
    self.kind = kind
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }

  package var description: String { "privacy: cannot \(operation): \(cause); \(hint)" }
}

extension PrivacyError {
  init(_ error: CryptoError, operation: String) {
    let kind: Kind = error.kind == .authenticationFailed ? .authenticationFailed : .cryptography
    self.init(kind, operation: operation, cause: error.kind.rawValue, hint: error.hint)
  }

  /// An error that came back through a function that cannot name its type.
  package static func only(_ error: any Error) -> PrivacyError {
    error as? PrivacyError
      ?? PrivacyError(
        .cryptography, operation: "map an event", cause: "an unexpected failure",
        hint: "this is probably a defect in Millrace; please report it")
  }

  static func keyFile(_ path: String, _ cause: String, hint: String) -> PrivacyError {
    PrivacyError(.keyFile, operation: "use the master key file \(path)", cause: cause, hint: hint)
  }

  /// A failure of the vault's file; anything but SQLite's and the file system's errors is passed through.
  static func vault(_ error: any Error, operation: String) -> PrivacyError {
    switch error {
    case let error as PrivacyError: error
    case let error as SQLiteError:
      PrivacyError(.vault, operation: operation, cause: error.message, hint: error.hint)
    case let error as FileError:
      PrivacyError(.vault, operation: operation, cause: error.description, hint: "check the workspace's folder")
    default:
      PrivacyError(
        .vault, operation: operation, cause: "an unexpected failure",
        hint: "this is probably a defect in Millrace; please report it")
    }
  }
}

extension PrivacyError {
  /// What kind of failure it is for the person in front of it.
  package var failure: FailureKind { kind == .locked ? .locked : .keys }
}
