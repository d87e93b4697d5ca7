internal import Capture

/// What people type into a field for an e-mail address because a form wants something: nobody's address, which would
/// make one person of all who typed it.
enum PlaceholderIdentity {
  /// Whether the text names nobody: it is no address at all ("n/a", "none", "0000"), or one that stands for none
  /// ("test@…", "none@…", "aaa@aaa.com").
  static func isEmail(_ text: String) -> Bool {
    let email = ClearText.trimmed(text).lowercased()
    guard !email.isEmpty else { return false }
    let parts = email.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), parts[1].last != "." else { return true }
    let letters = parts[0].filter { $0.isLetter || $0.isNumber }
    let isRepeated = letters.isEmpty || (letters.count > 2 && Set(letters).count == 1)
    return isRepeated || words.contains(letters) || domains.contains(String(parts[1].prefix { $0 != "." }))
      || parts[1].hasSuffix(".invalid") || parts[1].hasSuffix(".test")
  }

  /// Letters and digits alone: "no-email", "no.email" and "noemail" are one.
  private static let words: Set<String> = [
    "test", "testing", "tester", "none", "na", "nil", "null", "noemail", "nomail", "nobody", "noone", "unknown", "fake",
    "asdf", "qwerty", "dummy", "invalid", "anonymous", "notprovided", "notavailable", "noreply", "donotreply",
  ]
  private static let domains: Set<String> = ["test", "none", "noemail", "nomail", "fake", "invalid", "dummy", "asdf"]
}
