package import Entity

/// How far a vault has come. Whoever used it remembers its mark, and so notices an older copy, or another vault, in its
/// place.
package struct VaultMark: Sendable, Equatable {
  /// Keys that were ever made, destroyed ones among them.
  package var keys: UInt64
  /// The key with the largest id; nil: there is none.
  package var newest: PersonKeyID?

  package init(keys: UInt64, newest: PersonKeyID?) {
    self.keys = keys
    self.newest = newest
  }

  /// For a file: both numbers, the id as its two halves.
  package var text: String { "\(keys) \(newest?.high ?? 0) \(newest?.low ?? 0)" }

  /// nil: it is none of ours.
  package init?(_ text: String) {
    let numbers = text.split(separator: " ").compactMap { UInt64($0) }
    guard numbers.count == 3 else { return nil }
    keys = numbers[0]
    newest = keys == 0 ? nil : PersonKeyID(high: numbers[1], low: numbers[2])
  }
}

extension PrivacyError {
  static let vaultHint =
    "put the vault back that was used with this log (the newest copy; a backup has one); another cannot open what was "
    + "sealed since"

  /// The vault is not the one that the mark was made of, or an older copy of it.
  static func behind(_ path: String, _ mark: VaultMark, keys: UInt64) -> PrivacyError {
    PrivacyError(
      .keyMissing, operation: "use the vault \(path)",
      cause: keys < mark.keys
        ? "it holds \(keys) keys, and \(mark.keys) were made for this log: it is an older copy"
        : "it lacks the newest key that was made for this log: it is another one",
      hint: vaultHint)
  }

  /// There is a log with seals, and no vault.
  static func missing(_ path: String) -> PrivacyError {
    PrivacyError(
      .keyMissing, operation: "use the vault \(path)", cause: "it is missing, and the log was sealed with its keys",
      hint: vaultHint)
  }
}
