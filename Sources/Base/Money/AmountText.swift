/// `value` / 10^`places` as plain text, with a comma between groups of three digits when asked.
func decimalText(_ value: Int64, places: Int, groups: Bool) -> String {
  var reversed: [UInt8] = []
  reversed.reserveCapacity(32)
  var rest = value.magnitude
  var written = 0
  while rest > 0 || written <= places {
    if places > 0, written == places { reversed.append(UInt8(ascii: ".")) }
    let wholeDigits = written &- places
    if groups, wholeDigits > 0, wholeDigits % 3 == 0 { reversed.append(UInt8(ascii: ",")) }
    reversed.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10))
    rest /= 10
    written &+= 1
  }
  if value < 0 { reversed.append(UInt8(ascii: "-")) }
  return String(decoding: reversed.reversed(), as: UTF8.self)
}

extension Currency {
  /// "1234.50" for USD, "1234" for JPY: what CSV and SQL people read.
  package func plain(_ minor: Int64) -> String {
    decimalText(minor, places: Int(exponent), groups: false)
  }

  /// "1,234.50": what tables for people show.
  package func grouped(_ minor: Int64) -> String {
    decimalText(minor, places: Int(exponent), groups: true)
  }
}

/// A count with a comma between groups of three digits: "1,234,567".
package func groupedText(_ count: Int64) -> String {
  decimalText(count, places: 0, groups: true)
}
