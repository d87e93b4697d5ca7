internal import Text

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
    return Windows1252.utf8(of: bytes).map { ($0, .windows1252) } ?? (bytes, .utf8)
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
}
