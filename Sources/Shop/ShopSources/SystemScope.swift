package import Entity
internal import Events
package import Privacy

/// Whose the names are that one system gives to people and rows: customer 7 and user "ana" of one shop are nobody's in
/// another. Only e-mail addresses and tax numbers are the same everywhere.
///
/// A name is told from another system's by what is put behind it: U+001F and the system. The one system of format 1 has
/// nothing there, so its tokens and data keys stay what they were.
package struct SystemScope: Sendable, Equatable {
  /// Stands between a name and its system. No name of a system holds one, and none that a system gives keeps it.
  private static let separator: UInt8 = 0x1f
  /// U+FFFD, for a separator that somebody wrote into a name.
  private static let replacement = Array("\u{fffd}".utf8)

  /// Empty for the system of format 1.
  private let suffix: [UInt8]

  /// `system`: the name of a source. `first`: the one that format 1 knew, whose names stay as they are.
  package init(_ system: String, first: String) {
    suffix = system == first ? [] : [Self.separator] + Array(system.utf8)
  }

  /// A name of one of the system's rows or people, which is nobody else's. A separator in it is replaced: else it would
  /// be taken for another system's.
  package func name(_ bytes: [UInt8]) -> [UInt8] { Self.clean(bytes) + suffix }

  /// What a data key is kept under for a name that this system gave. `value` in its canonical form.
  package func subject(_ domain: String, _ value: [UInt8], isIdentity: Bool = false) -> Subject {
    Subject(domain, name(value), isIdentity: isIdentity)
  }

  /// The name of a user, as it is sealed; equal users of one system get equal tokens, those of two never.
  package func user(_ data: PersonalData) -> PersonalData {
    // The end of a name can no longer be trimmed when the system stands behind it.
    PersonalData(bytes: name(suffix.isEmpty ? data.bytes : Canonical.value(data, field: .user).bytes))
  }

  private static func clean(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(separator) else { return bytes }
    return bytes.flatMap { $0 == separator ? replacement : [$0] }
  }
}
