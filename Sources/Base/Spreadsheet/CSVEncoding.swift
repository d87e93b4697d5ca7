/// In what encoding a text file is, told by its bytes.
enum CSVEncoding {
  /// The text in UTF-8, without a byte order mark, its lines ended by LF or CR LF.
  ///
  /// UTF-16 has a byte order mark, or a NUL in every other of its first bytes. What is no UTF-8, and has no letter that
  /// only UTF-8 explains, is Windows-1252, in which programs in the west write what they call ANSI. A file that is
  /// UTF-8 but for some bytes stays as it is.
  static func utf8(of bytes: [UInt8]) -> ([UInt8], SheetReport.Encoding) {
    var (text, encoding) = decoded(bytes)
    if !text.contains(0x0a), text.contains(0x0d) {
      for index in text.indices where text[index] == 0x0d { text[index] = 0x0a }
    }
    return (text, encoding)
  }

  private static func decoded(_ bytes: [UInt8]) -> ([UInt8], SheetReport.Encoding) {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return (Array(bytes.dropFirst(3)), .utf8) }
    if bytes.starts(with: [0xff, 0xfe]) { return (wide(bytes.dropFirst(2), isLittle: true), .utf16) }
    if bytes.starts(with: [0xfe, 0xff]) { return (wide(bytes.dropFirst(2), isLittle: false), .utf16) }
    let head = bytes.prefix(16)
    if head.count >= 4 {
      let zeros = head.indices.filter { head[$0] == 0 }
      if zeros.count == head.count / 2 {
        if zeros.allSatisfy({ $0 % 2 == 1 }) { return (wide(bytes[...], isLittle: true), .utf16) }
        if zeros.allSatisfy({ $0 % 2 == 0 }) { return (wide(bytes[...], isLittle: false), .utf16) }
      }
    }
    let (letters, strays) = census(bytes)
    guard strays > 0, letters == 0, !bytes.contains(0) else { return (bytes, .utf8) }
    return (narrow(bytes), .windows1252)
  }

  private static func wide(_ bytes: ArraySlice<UInt8>, isLittle: Bool) -> [UInt8] {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = bytes.startIndex
    while index + 1 < bytes.endIndex {
      let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      units.append(isLittle ? second << 8 | first : first << 8 | second)
      index += 2
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  /// How many letters of two bytes and more there are, and how many bytes that belong to none.
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

  /// 0x80 to 0x9f in Windows-1252; 0 where it has no letter.
  private static let upper: [UInt16] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0,
    0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e,
    0x0178,
  ]

  private static func narrow(_ bytes: [UInt8]) -> [UInt8] {
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
