/// Writes JSON (RFC 8259) into a buffer: no spaces, keys in the order of the calls, so that one value has one form. There is
/// no floating point.
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
    bytes.append(json: value)
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

  /// A string of 16 hexadecimal digits.
  package mutating func hexadecimal(_ word: UInt64) {
    bytes.append(UInt8(ascii: "\""))
    Hexadecimal.append(word, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// A string of 32 hexadecimal digits.
  package mutating func hexadecimal(_ high: UInt64, _ low: UInt64) {
    bytes.append(UInt8(ascii: "\""))
    Hexadecimal.append(high, to: &bytes)
    Hexadecimal.append(low, to: &bytes)
    bytes.append(UInt8(ascii: "\""))
  }

  /// A string that needs no escaping.
  package mutating func plain(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    bytes.append(contentsOf: value.utf8)
    bytes.append(UInt8(ascii: "\""))
  }
}

/// A member's name with its quotes and colon, made once.
package struct JSONKey: Sendable {
  let bytes: [UInt8]

  /// `name`: snake case, nothing that needs escaping.
  package init(_ name: String) { bytes = Array("\"\(name)\":".utf8) }
}
