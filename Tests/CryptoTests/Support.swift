import Crypto

/// Bytes of hexadecimal text, as standards print their vectors.
func bytes(_ hex: String) -> [UInt8] {
  var result: [UInt8] = []
  var high: UInt8?
  for character in hex.utf8 {
    guard let digit = Character(Unicode.Scalar(character)).hexDigitValue.map(UInt8.init) else { continue }
    if let first = high {
      result.append(first << 4 | digit)
      high = nil
    } else {
      high = digit
    }
  }
  return result
}

func hex(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    let text = String(byte, radix: 16)
    return byte < 16 ? "0" + text : text
  }.joined()
}

func secret(_ bytes: [UInt8]) throws -> SecretBytes {
  try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }
}
