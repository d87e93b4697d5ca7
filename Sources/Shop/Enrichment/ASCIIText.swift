/// Comparisons of bytes with lower-case words, without allocation.
enum ASCIIText {
  @inline(__always)
  static func lower(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }

  /// `word` is in lower case.
  static func equals(_ text: UnsafeBufferPointer<UInt8>, ignoringCase word: StaticString) -> Bool {
    guard text.count == word.utf8CodeUnitCount else { return false }
    for index in 0..<text.count where lower(text[index]) != word.utf8Start[index] { return false }
    return true
  }

  /// `word` is in lower case and not empty.
  static func contains(_ text: UnsafeBufferPointer<UInt8>, ignoringCase word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard text.count >= count else { return false }
    for start in 0...(text.count - count) where lower(text[start]) == word.utf8Start[0] {
      if equals(UnsafeBufferPointer(rebasing: text[start..<(start + count)]), ignoringCase: word) { return true }
    }
    return false
  }
}
