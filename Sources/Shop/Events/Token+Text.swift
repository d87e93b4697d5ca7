internal import Text

extension Token {
  /// 32 hexadecimal digits.
  package var hexadecimal: String { Hexadecimal.text(high) + Hexadecimal.text(low) }
}
