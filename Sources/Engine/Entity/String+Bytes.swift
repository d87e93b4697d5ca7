extension String {
  /// Whether both texts are the same bytes. The standard library's equality takes two spellings of one letter for the
  /// same, and comparing views of bytes element by element took 650 instructions for "platform".
  package func hasSameBytes(as other: String) -> Bool {
    // Equal words are equal bytes, whether a text stands in them or they say where it stands.
    if unsafeBitCast(self, to: (UInt64, UInt64).self) == unsafeBitCast(other, to: (UInt64, UInt64).self) { return true }
    let (left, right) = (utf8.span, other.utf8.span)
    guard left.count == right.count else { return false }
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }

  /// Whether these are its bytes.
  package func hasBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let own = utf8.span
    guard own.count == bytes.count else { return false }
    for index in own.indices where own[index] != bytes[index] { return false }
    return true
  }
}
