import Testing
import Text

@Suite("Text for terminals")
struct EscapingTests {
  @Test(
    "what could hide, move or forge is shown as an escape",
    arguments: [
      ("plain text, 100 % fine", "plain text, 100 % fine"), ("a\nb\r\tc", "a\\nb\\r\\tc"),
      ("back\\slash", "back\\\\slash"),
      ("\u{1b}[31mred", "\\u{1b}[31mred"), ("\u{7f}", "\\u{7f}"), ("\u{9b}2J", "\\u{9b}2J"), ("nul\0", "nul\\u{0}"),
      ("a\u{202e}b", "a\\u{202e}b"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"), ("z\u{200b}z", "z\\u{200b}z"),
      ("\u{feff}", "\\u{feff}"), ("\u{e0041}", "\\u{e0041}"), ("\u{3164}", "\\u{3164}"), ("\u{2028}", "\\u{2028}"),
      ("Zoë, 東京, ñandú 🙂", "Zoë, 東京, ñandú 🙂"), ("", ""),
    ])
  func escapes(text: String, expected: String) {
    #expect(escapeForTerminal(text) == expected)
  }

  @Test(
    "rows on a terminal keep their line ends and backslashes, and nothing else that moves a cursor",
    arguments: [
      ("a,b\nc,d\n", "a,b\nc,d\n"), ("a,b\r\nc,d\r\n", "a,b\nc,d\n"), ("a\\b\n", "a\\b\n"), ("a\rb\n", "a\\u{d}b\n"),
      ("\u{1b}[2J,\u{202e}x\n", "\\u{1b}[2J,\\u{202e}x\n"), ("\"two\nlines\",ñ\n", "\"two\nlines\",ñ\n"), ("", ""),
    ])
  func escapesRows(text: String, expected: String) {
    #expect(escapeRowsForTerminal(text) == expected)
  }

  @Test("every character below U+3000 comes out visible")
  func everyCharacter() {
    for value in 0..<0x3000 as Range<UInt32> {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let shown = escapeForTerminal(String(Character(scalar)))
      #expect(shown.unicodeScalars.allSatisfy { !isInvisible($0) }, "\(value)")
    }
  }
}
