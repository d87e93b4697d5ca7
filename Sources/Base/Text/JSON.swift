/// A JSON value whose keys keep their order, for machine-readable answers.
package enum JSON {
  case null
  case bool(Bool)
  case integer(Int64)
  /// A number in its written form.
  case number(String)
  case text(String)
  case array([JSON])
  case object([(String, JSON)])

  /// One line of JSON (RFC 8259).
  package var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let written): written
    case .text(let value): JSON.quoted(value)
    case .array(let elements): "[" + elements.map(\.text).joined(separator: ", ") + "]"
    case .object(let members): "{" + members.map { "\(JSON.quoted($0.0)): \($0.1.text)" }.joined(separator: ", ") + "}"
    }
  }

  /// A JSON string with its quotes.
  package static func quoted(_ text: String, _ escapes: JSONEscapes = []) -> String {
    var bytes: [UInt8] = [UInt8(ascii: "\"")]
    bytes.reserveCapacity(text.utf8.count + 2)
    bytes.append(json: text, escapes)
    bytes.append(UInt8(ascii: "\""))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The inside of a JSON string.
  package static func escaped(_ text: String, _ escapes: JSONEscapes = []) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    bytes.append(json: text, escapes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What is escaped in JSON strings beyond quote, backslash, control characters (also DEL and C1) and U+2028/2029, which
/// break terminals and line-by-line readers. Escapes never change a value, only its written form.
package struct JSONEscapes: OptionSet, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// All characters that could hide, reorder or forge what stands around them (`isInvisible`).
  package static let invisible = JSONEscapes(rawValue: 1)
  /// The less-than sign, so that the text may stand inside a web page.
  package static let markup = JSONEscapes(rawValue: 2)
}

extension [UInt8] {
  /// Appends `text` as the inside of a JSON string (RFC 8259). Swift's strings are valid UTF-8, so the output is.
  package mutating func append(json text: String, _ escapes: JSONEscapes = []) {
    var text = text
    text.withUTF8 { append(json: $0, escapes) }
  }

  /// `text` is valid UTF-8.
  private mutating func append(json text: UnsafeBufferPointer<UInt8>, _ escapes: JSONEscapes) {
    var index = 0
    // Where what has not been written yet begins: stretches without anything odd are copied whole.
    var start = 0
    while index < text.count {
      let byte = text[index]
      var length = 1
      var scalar = UInt32(byte)
      switch byte {
      case 0x3c where escapes.contains(.markup): break
      case 0x20, 0x21, 0x23...0x5b, 0x5d...0x7e:
        index &+= 1
        continue
      case 0x80...:
        (scalar, length) = decoded(text, at: index)
        guard isEscaped(scalar, escapes) else {
          index &+= length
          continue
        }
      default: break
      }
      append(contentsOf: text[start..<index])
      append(jsonEscape: scalar)
      index &+= length
      start = index
    }
    append(contentsOf: text[start..<index])
  }

  private mutating func append(jsonEscape scalar: UInt32) {
    let short: UInt8? =
      switch scalar {
      case 0x22, 0x5c: UInt8(truncatingIfNeeded: scalar)
      case 0x0a: UInt8(ascii: "n")
      case 0x0d: UInt8(ascii: "r")
      case 0x09: UInt8(ascii: "t")
      default: nil
      }
    if let short {
      append(UInt8(ascii: "\\"))
      append(short)
    } else if scalar < 0x1_0000 {
      append(jsonUnit: scalar)
    } else {
      // JSON writes characters beyond 16 bits as two units.
      append(jsonUnit: 0xd7c0 &+ scalar &>> 10)
      append(jsonUnit: 0xdc00 | scalar & 0x3ff)
    }
  }

  private mutating func append(jsonUnit unit: UInt32) {
    append(UInt8(ascii: "\\"))
    append(UInt8(ascii: "u"))
    for shift in stride(from: UInt32(12), through: 0, by: -4) {
      append(Hexadecimal.digit(UInt8(truncatingIfNeeded: unit &>> shift)))
    }
  }
}

private func isEscaped(_ scalar: UInt32, _ escapes: JSONEscapes) -> Bool {
  if scalar < 0xa0 || scalar & ~1 == 0x2028 { return true }
  guard escapes.contains(.invisible), let scalar = Unicode.Scalar(scalar) else { return false }
  return isInvisible(scalar)
}

/// The scalar of two to four bytes that begins at `index`, and its length.
private func decoded(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
  let first = text[index]
  let length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
  var scalar = UInt32(first) & (0x7f &>> UInt32(length))
  for offset in 1..<length { scalar = scalar &<< 6 | UInt32(text[index &+ offset] & 0x3f) }
  return (scalar, length)
}
