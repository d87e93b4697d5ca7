/// Words that people type where a form wants a name or an address, and mean nobody.
package enum Placeholders {
  /// As `word` writes them.
  package static let words: Set<String> = [
    "test", "testing", "none", "na", "nil", "null", "unknown", "asdf", "notprovided", "notavailable", "notapplicable",
  ]

  /// Small letters and digits alone: "no-email", "No.Email" and "noemail" are one.
  package static func word(_ text: some StringProtocol) -> String {
    text.lowercased().filter { $0.isLetter || $0.isNumber }
  }
}
