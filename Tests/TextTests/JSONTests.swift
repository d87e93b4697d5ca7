import Foundation
import Testing

@testable import Text

@Suite("JSON text")
struct JSONTests {
  /// Goal: a foreign reader gets the very text. Method: every character of the first planes, through Foundation's reader.
  @Test(
    "every character comes back from a JSON reader",
    arguments: [[], [.invisible], [.invisible, .markup]] as [JSONEscapes])
  func everyCharacter(escapes: JSONEscapes) throws {
    for start in stride(from: UInt32(0), to: 0x2_1000, by: 0x400) {
      var text = ""
      for value in start..<start + 0x400 { Unicode.Scalar(value).map { text.unicodeScalars.append($0) } }
      let json = JSON.quoted(text, escapes)
      let read = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed) as? String
      #expect(read.map { Array($0.unicodeScalars) } == Array(text.unicodeScalars), "from \(start)")
      for scalar in json.unicodeScalars {
        #expect(scalar.value >= 0x20 && !(0x7f..<0xa0).contains(scalar.value) && scalar.value & ~1 != 0x2028)
        if escapes.contains(.invisible) { #expect(!isInvisible(scalar)) }
        if escapes.contains(.markup) { #expect(scalar != "<") }
      }
    }
  }

  @Test("what needs no escape stands as it is, around what does")
  func plain() {
    #expect(JSON.quoted("") == "\"\"")
    #expect(JSON.quoted("Zoë, 東京 🙂 <b> \u{200b}/") == "\"Zoë, 東京 🙂 <b> \u{200b}/\"")
    #expect(JSON.quoted("a\"b\\c\n\r\t\0\u{7f}\u{85}\u{2028}é") == #""a\"b\\c\n\r\t\u0000\u007f\u0085\u2028é""#)
    #expect(JSON.quoted("<\u{200b}\u{e0041}>", [.invisible, .markup]) == #""\u003c\u200b\udb40\udc41>""#)
    #expect(JSON.escaped("a\"") == "a\\\"")
  }

  @Test("a value keeps the order of its keys")
  func values() {
    let value = JSON.object([
      ("b", .array([.null, .bool(true), .integer(-1), .number("1.50")])), ("a", .text("\n")), ("b", .object([])),
    ])
    #expect(value.text == #"{"b": [null, true, -1, 1.50], "a": "\n", "b": {}}"#)
  }

  @Test("a writer parts members by commas, also after an object inside")
  func writer() {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key(JSONKey("a"))
    writer.beginObject()
    writer.endObject()
    writer.key(JSONKey("b"))
    writer.texts(["x", "\"", ""])
    writer.key(JSONKey("c"))
    writer.hexadecimal(1, 255)
    for (name, number) in [("d", -9), ("e", -10), ("f", 0), ("g", 12)] {
      writer.key(JSONKey(name))
      writer.integer(number)
    }
    writer.key(JSONKey("h"))
    writer.null()
    writer.endObject()
    let text = String(decoding: writer.bytes, as: UTF8.self)
    #expect(
      text == #"{"a":{},"b":["x","\"",""],"c":"000000000000000100000000000000ff","d":-9,"e":-10,"f":0,"g":12,"h":null}"#
    )
  }
}
