internal import Glibc
internal import Text

/// One value of a row, as its source holds it.
package enum SourceValue: Sendable, Equatable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case bytes([UInt8])
  /// Text that is no UTF-8, as its source holds it, so that it can be looked for there.
  case foreignText([UInt8])

  /// As text: numbers as SQLite prints them ("7", "1.0", "2.5e+20"), bytes repaired where they are no UTF-8, foreign text
  /// read as Windows-1252 where no letter of it is UTF-8, and repaired else. nil: there is no value.
  package var text: String? {
    switch self {
    case .null: nil
    case .text(let text): text
    case .integer(let number): String(number)
    case .real(let number): Self.text(of: number)
    case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
    case .foreignText(let bytes): String(decoding: Windows1252.utf8(of: bytes) ?? bytes, as: UTF8.self)
    }
  }

  /// The finding that says how foreign text was read; nil: it is none.
  var finding: String? {
    guard case .foreignText(let bytes) = self else { return nil }
    return Windows1252.utf8(of: bytes) == nil ? "text.damaged" : "text.windows1252"
  }

  /// Fifteen digits, and always a point: texts of numbers are parts of keys, so they stay as they were.
  private static func text(of number: Double) -> String {
    if number.isInfinite { return number < 0 ? "-Inf" : "Inf" }
    var buffer = [CChar](repeating: 0, count: 32)
    let length = withVaList([number]) { vsnprintf(&buffer, buffer.count, "%.15g", $0) }
    let text = String(decoding: buffer.prefix(Int(length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if text.contains(".") { return text }
    let exponent = text.firstIndex(of: "e") ?? text.endIndex
    return text[..<exponent] + ".0" + text[exponent...]
  }
}
