package import Money

/// Writes JSON (RFC 8259) into a buffer: no spaces, keys in the order of the calls, so that one event has one form.
///
/// Texts are escaped beyond what the standard asks for: DEL, the C1 controls and U+2028/2029 as well, which break terminals
/// and line-by-line readers. Swift's strings are valid UTF-8, so the output is. There is no floating point.
package struct JSONWriter {
  package var bytes: [UInt8]
  private var isFirst = true

  package init(bytes: [UInt8] = []) { self.bytes = bytes }

  // MARK: Objects

  package mutating func beginObject() {
    bytes.append(UInt8(ascii: "{"))
    isFirst = true
  }

  package mutating func endObject() {
    bytes.append(UInt8(ascii: "}"))
    isFirst = false
  }

  /// Begins the next member of the object; a value must follow.
  package mutating func key(_ key: JSONKey) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    bytes.append(contentsOf: key.bytes)
  }

  // MARK: Values

  package mutating func null() { bytes.append(contentsOf: JSONWriter.nullText) }
  private static let nullText = Array("null".utf8)

  package mutating func integer(_ value: some FixedWidthInteger) {
    if value.magnitude < 10 {
      if value < 0 { bytes.append(UInt8(ascii: "-")) }
      bytes.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value.magnitude))
    } else {
      bytes.append(contentsOf: String(value).utf8)
    }
  }

  package mutating func text(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    var value = value
    value.withUTF8 { append(escaping: $0) }
    bytes.append(UInt8(ascii: "\""))
  }

  package mutating func texts(_ values: [String]) {
    bytes.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      text(value)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// 16 hexadecimal digits.
  package mutating func hexadecimal(_ value: UInt64) {
    bytes.append(UInt8(ascii: "\""))
    digits(of: value)
    bytes.append(UInt8(ascii: "\""))
  }

  /// 32 hexadecimal digits.
  package mutating func token(_ token: Token) {
    bytes.append(UInt8(ascii: "\""))
    digits(of: token.high)
    digits(of: token.low)
    bytes.append(UInt8(ascii: "\""))
  }

  /// Plain decimal text, as a string: JSON's own numbers become binary fractions in most readers.
  package mutating func decimal(_ value: Decimal64) { plain(value.description) }

  /// "2026-10-31"; null outside the years 1970 to 9999, which other tools' date types do not hold.
  package mutating func day(_ value: CivilDate) {
    guard value >= EventLimits.firstDay, value <= EventLimits.lastDay else { return null() }
    plain(value.text)
  }

  /// "2026-10-31T12:00:00.250Z"; null outside the years 1970 to 9999.
  package mutating func moment(_ value: Timestamp) {
    guard EventLimits.holds(value) else { return null() }
    plain(value.isoMillis)
  }

  /// Text that needs no escaping.
  private mutating func plain(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: value.utf8)
    bytes.append(UInt8(ascii: "\""))
  }

  private static let hex = Array("0123456789abcdef".utf8)

  private mutating func digits(of value: UInt64) {
    for shift in stride(from: UInt64(60), through: 0, by: -4) {
      bytes.append(JSONWriter.hex[Int(truncatingIfNeeded: (value &>> shift) & 0xf)])
    }
  }

  // MARK: Escaping

  private mutating func append(escaping text: UnsafeBufferPointer<UInt8>) {
    var index = 0
    // Where what has not been written yet begins: stretches without anything odd are copied whole.
    var start = 0
    while index < text.count {
      let byte = text[index]
      var length = 1
      var scalar = UInt32(byte)
      switch byte {
      case 0x20, 0x21, 0x23...0x5b, 0x5d...0x7e:
        index &+= 1
        continue
      case 0xc2 where index &+ 1 < text.count && text[index &+ 1] < 0xa0:
        // U+0080 to U+009F
        scalar = UInt32(text[index &+ 1])
        length = 2
      case 0xe2 where index &+ 2 < text.count && text[index &+ 1] == 0x80 && text[index &+ 2] & 0xfe == 0xa8:
        scalar = 0x2028 &+ UInt32(text[index &+ 2] & 1)
        length = 3
      case 0x80...:
        index &+= 1
        continue
      default: break
      }
      bytes.append(contentsOf: text[start..<index])
      append(escaped: scalar)
      index &+= length
      start = index
    }
    bytes.append(contentsOf: text[start..<index])
  }

  private mutating func append(escaped scalar: UInt32) {
    bytes.append(UInt8(ascii: "\\"))
    switch scalar {
    case 0x22, 0x5c: bytes.append(UInt8(truncatingIfNeeded: scalar))
    case 0x0a: bytes.append(UInt8(ascii: "n"))
    case 0x0d: bytes.append(UInt8(ascii: "r"))
    case 0x09: bytes.append(UInt8(ascii: "t"))
    default:
      bytes.append(UInt8(ascii: "u"))
      for shift in stride(from: UInt32(12), through: 0, by: -4) {
        bytes.append(JSONWriter.hex[Int((scalar &>> shift) & 0xf)])
      }
    }
  }
}

/// A member's name with its quotes and colon, made once.
package struct JSONKey: Sendable {
  package let bytes: [UInt8]

  /// `name`: snake case, nothing that needs escaping.
  package init(_ name: String) { bytes = Array("\"\(name)\":".utf8) }
}
