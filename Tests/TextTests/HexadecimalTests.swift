import Testing
import Text

@Suite("Hexadecimal text")
struct HexadecimalTests {
  @Test("each byte is two digits, and reads back")
  func bytes() {
    let bytes = [UInt8](0...255)
    let text = Hexadecimal.text(bytes)
    #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text.utf8.count == 512)
    #expect(Hexadecimal.bytes(text) == bytes)
    #expect(Hexadecimal.bytes(text.uppercased()) == bytes)
    #expect(Hexadecimal.text([UInt8]()) == "" && Hexadecimal.bytes("") == [])
  }

  @Test(
    "a word is sixteen digits, leading zeros included",
    arguments: [(0, "0000000000000000"), (0xabc, "0000000000000abc"), (UInt64.max, "ffffffffffffffff")]
      as [(UInt64, String)])
  func words(word: UInt64, expected: String) { #expect(Hexadecimal.text(word) == expected) }

  @Test(
    "what is no text of digit pairs is refused",
    arguments: ["a", "0g", "0 ", "-1", "+1", "é", "１２", "0x10", "/0", ":0", "@0", "G0", "`0"]
  )
  func refused(text: String) { #expect(Hexadecimal.bytes(text) == nil) }
}
