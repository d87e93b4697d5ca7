/// An ISO country in two bytes; 0: unknown. Compares like the text.
@frozen package struct CountryCode: Hashable, Comparable, Sendable {
  package var value: UInt16

  /// Anything that is not two ASCII letters is unknown.
  package init(_ text: String) { self.init(text.utf8) }

  @inline(__always)
  package init(_ bytes: some Sequence<UInt8>) {
    var letters = bytes.makeIterator()
    guard let first = letters.next(), let second = letters.next(), letters.next() == nil,
      first &- 65 < 26, second &- 65 < 26
    else {
      value = 0
      return
    }
    value = UInt16(first) << 8 | UInt16(second)
  }

  package var text: String {
    value == 0 ? "" : String(decoding: [UInt8(value >> 8), UInt8(value & 255)], as: UTF8.self)
  }

  @inlinable package static func < (left: CountryCode, right: CountryCode) -> Bool { left.value < right.value }
}
