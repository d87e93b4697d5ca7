internal import Capture
internal import Events

/// What people type into a field for an e-mail address because a form wants something: nobody's address, which would
/// make one person of all who typed it.
package struct PlaceholderIdentity: Sendable {
  /// Of this workspace: whole addresses, domains ("@acme.example") and words.
  private let own: Set<String>

  /// `own`: further ones that stand for nobody: an address, a domain behind its "@", or a word for what stands before
  /// the "@"; in any case.
  package init(own: [String] = []) {
    self.own = Set(own.map { $0.contains("@") ? ClearText.trimmed($0).lowercased() : Placeholders.word($0) })
  }

  /// Whether the text names nobody: it is no address at all ("n/a", "none", "0000"), or one that stands for none
  /// ("test@…", "none@…", "aaa@aaa.com").
  package func isEmail(_ text: String) -> Bool { Self.isCommon(text) || (!own.isEmpty && isOwn(text)) }

  private func isOwn(_ text: String) -> Bool {
    let email = ClearText.trimmed(text).lowercased()
    guard let at = email.firstIndex(of: "@") else { return false }
    return own.contains(email) || own.contains(String(email[at...])) || own.contains(Placeholders.word(email[..<at]))
  }

  private static func isCommon(_ text: String) -> Bool {
    let trimmed = ClearText.trimmed(text)
    if let isPlaceholder = trimmed.utf8.withContiguousStorageIfAvailable(isCommon(ascii:)) ?? nil {
      return isPlaceholder
    }
    let email = trimmed.lowercased()
    guard !email.isEmpty else { return false }
    let parts = email.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), parts[1].last != "." else { return true }
    let letters = parts[0].filter { $0.isLetter || $0.isNumber }
    let isRepeated = letters.isEmpty || (letters.count > 2 && Set(letters).count == 1)
    return isRepeated || words.contains(letters) || domains.contains(String(parts[1].prefix { $0 != "." }))
      || parts[1].hasSuffix(".invalid") || parts[1].hasSuffix(".test")
  }

  /// The same for plain ASCII, byte by byte: the general form took 7 % of a snapshot. nil: it is not plain.
  private static func isCommon(ascii bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
    if bytes.isEmpty { return false }
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
    let parts = bytes.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count == 2, let local = parts.first, let domain = parts.last, !local.isEmpty,
      domain.contains(UInt8(ascii: ".")), domain.last != UInt8(ascii: ".")
    else { return true }
    let letters = local.filter(isLetterOrDigit).map(lowercased)
    if letters.isEmpty || letters.count > 2 && letters.allSatisfy({ $0 == letters[0] }) { return true }
    let host = domain.map(lowercased)
    return words.contains(text(letters)) || domains.contains(text(host.prefix { $0 != UInt8(ascii: ".") }))
      || host.suffix(8).elementsEqual(".invalid".utf8) || host.suffix(5).elementsEqual(".test".utf8)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || byte &- 0x41 < 26 || byte &- 0x61 < 26
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  private static func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

  private static let words = Placeholders.words.union([
    "tester", "noemail", "nomail", "nobody", "noone", "fake", "qwerty", "dummy", "invalid", "anonymous", "noreply",
    "donotreply",
  ])
  private static let domains: Set<String> = ["test", "none", "noemail", "nomail", "fake", "invalid", "dummy", "asdf"]
}
