/// JSON as the truth file writes it: keys in the order given, nothing but what the file needs.
indirect enum JSONValue {
  case integer(Int64)
  case text(String)
  case list([JSONValue])
  case object([(String, JSONValue)])

  static func counts(_ counts: [String: Int]) -> JSONValue {
    .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer(Int64($0.value))) })
  }

  /// Objects two levels down stand on a line of their own, so that a difference shows as a line.
  func write(to bytes: inout [UInt8], depth: Int = 0) {
    switch self {
    case .integer(let value): bytes.appendNumber(Int(value))
    case .text(let text): JSONValue.write(text, to: &bytes)
    case .list(let values):
      bytes.append(UInt8(ascii: "["))
      for (index, value) in values.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if case .object = value { bytes.append(UInt8(ascii: "\n")) }
        value.write(to: &bytes, depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        if depth < 3 { bytes.append(UInt8(ascii: "\n")) }
        JSONValue.write(member.0, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.1.write(to: &bytes, depth: depth + 1)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        bytes.appendText("\\u00")
        bytes.appendText(Days.padded(0, byte < 16 ? 1 : 0) + String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
