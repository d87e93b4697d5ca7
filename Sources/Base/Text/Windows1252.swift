/// Text that is no UTF-8 and was most likely written by a program that calls Windows-1252 "ANSI" or "Latin-1".
package enum Windows1252 {
  /// The text in UTF-8; nil: it has a letter that only UTF-8 explains, or no byte that is not UTF-8. A byte that is no
  /// letter of Windows-1252 becomes U+FFFD.
  package static func utf8(of bytes: [UInt8]) -> [UInt8]? {
    let (letters, strays) = census(bytes)
    guard strays > 0, letters == 0, !bytes.contains(0) else { return nil }
    return decoded(bytes)
  }

  /// How many letters of two bytes and more there are in UTF-8, and how many bytes that belong to none.
  private static func census(_ bytes: [UInt8]) -> (letters: Int, strays: Int) {
    var (letters, strays, index) = (0, 0, 0)
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte < 0x80 { continue }
      let more = byte >= 0xf0 && byte < 0xf5 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0
      let rest = bytes[index...].prefix(more)
      if more > 0, rest.count == more, rest.allSatisfy({ $0 & 0xc0 == 0x80 }) {
        letters += 1
        index += more
      } else {
        strays += 1
      }
    }
    return (letters, strays)
  }

  /// 0x80 to 0x9f; 0 where it has no letter.
  private static let upper: [UInt16] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
    0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e,
    0x0178,
  ]

  private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
      if byte < 0x80 {
        text.append(byte)
        continue
      }
      let known = byte < 0xa0 ? upper[Int(byte) - 0x80] : UInt16(byte)
      let scalar = Unicode.Scalar(known == 0 ? 0xfffd : known) ?? "\u{fffd}"
      text += Array(String(scalar).utf8)
    }
    return text
  }
}
