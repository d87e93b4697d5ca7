/// The number that `count` digits at `offset` write; a negative number when one of them is no digit. The range lies
/// inside `bytes`.
@inlinable
func digits(_ bytes: borrowing Span<UInt8>, _ offset: Int, _ count: Int) -> Int {
  var value = 0
  for index in offset..<(offset &+ count) {
    let digit = bytes[index] &- UInt8(ascii: "0")
    guard digit <= 9 else { return -1 }
    value = value &* 10 &+ Int(digit)
  }
  return value
}

func appendDigits(_ value: Int, _ count: Int, to bytes: inout [UInt8]) {
  var power = 1
  for _ in 1..<count { power *= 10 }
  while power > 0 {
    bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / power % 10))
    power /= 10
  }
}

/// Four digits; beyond them a sign and as many as needed, as ISO 8601's expanded form.
func appendYear(_ year: Int, to bytes: inout [UInt8]) {
  if year >= 0, year <= 9999 { return appendDigits(year, 4, to: &bytes) }
  bytes.append(UInt8(ascii: year < 0 ? "-" : "+"))
  let text = String(year.magnitude)
  for _ in text.utf8.count..<max(4, text.utf8.count) { bytes.append(UInt8(ascii: "0")) }
  bytes.append(contentsOf: text.utf8)
}
