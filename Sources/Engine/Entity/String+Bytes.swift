internal import Glibc

extension String {
  /// Whether both texts are the same bytes. The standard library's equality takes two spellings of one letter for the
  /// same; comparing views of bytes element by element took 650 instructions for "platform".
  package func hasSameBytes(as other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    return other.utf8.withContiguousStorageIfAvailable { hasBytes($0) } ?? utf8.elementsEqual(other.utf8)
  }

  /// Whether these are its bytes.
  package func hasBytes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard utf8.count == bytes.count else { return false }
    let isSame = utf8.withContiguousStorageIfAvailable { own in
      guard let left = own.baseAddress, let right = bytes.baseAddress else { return true }
      return memcmp(left, right, own.count) == 0
    }
    return isSame ?? utf8.elementsEqual(bytes)
  }
}
