internal import Money
internal import Text

/// Texts are escaped beyond what the standard asks for: DEL, the C1 controls and U+2028/2029 as well, which break terminals
/// and line-by-line readers.
extension JSONWriter {
  /// 32 hexadecimal digits.
  mutating func token(_ token: Token) { hexadecimal(token.high, token.low) }

  /// Plain decimal text, as a string: JSON's own numbers become binary fractions in most readers.
  mutating func decimal(_ value: Decimal64) { plain(value.description) }

  /// "2026-10-31"; null outside the years 1970 to 9999, which other tools' date types do not hold.
  mutating func day(_ value: CivilDate) {
    guard value >= EventLimits.firstDay, value <= EventLimits.lastDay else { return null() }
    plain(value.text)
  }

  /// "2026-10-31T12:00:00.250Z"; null outside the years 1970 to 9999.
  mutating func moment(_ value: Timestamp) {
    guard EventLimits.holds(value) else { return null() }
    plain(value.isoMillis)
  }
}
