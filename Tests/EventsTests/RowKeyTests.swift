import Entity
import Events
import Foundation
import TestSupport
import Testing
import Text

@Suite("Keys of rows")
struct RowKeyTests {
  private typealias Key = RowKey<PersonToken>

  /// In ascending order; no two are equal. Texts whose order by letters, by cases or by spelling would be another; bytes 0 and
  /// 255, which the canonical form escapes; keys that begin each other.
  private static let ordered: [RowKey<PersonToken>] = [
    Key(.min), Key(-256), Key(-1), Key(0), Key(1), Key(.integer(1), [.integer(-1)]), Key(.integer(1), [.text("a")]),
    Key(2),
    Key(10), Key(255), Key(256), Key(.max),
    Key(.text("")), Key(.text("\u{0}")), Key(.text("\u{0}\u{0}")), Key(.text("\u{0}a")), Key(.text("1")),
    Key(.text("B")),
    Key(.text("a")), Key(.text("a"), [.integer(.max)]), Key(.text("a"), [.personal(Token(high: .max, low: .max))]),
    Key(.text("a\u{0}")), Key(.text("a\u{0}"), [.integer(0)]), Key(.text("a'")), Key(.text("aa")),
    Key(.text("e\u{301}")),
    Key(.text("z")), Key(.text("é")), Key(.text("€")), Key(.text("𝄞")),
    Key(.uuid(high: 0, low: 1)), Key(.uuid(high: 1, low: 0)), Key(.uuid(high: .max, low: 0)),
    Key(.bytes([])), Key(.bytes([0])), Key(.bytes([0, 0])), Key(.bytes([0, 0xff])), Key(.bytes([1])),
    Key(.bytes([1, 0])),
    Key(.bytes([0xff])), Key(.bytes([0xff, 0])),
    Key(.personal(Token(high: 0, low: 1))), Key(.personal(Token(high: 1, low: 0)), [.integer(1)]),
  ]

  @Test("keys are ordered by type, then by value, part by part, and their canonical bytes are in the same order")
  func order() {
    for (left, one) in Self.ordered.enumerated() {
      for (right, other) in Self.ordered.enumerated() {
        #expect((one < other) == (left < right), "\(left) \(right)")
        #expect((one == other) == (left == right), "\(left) \(right)")
        #expect((one.hashValue == other.hashValue) || one != other)
        #expect(
          one.canonicalBytes.lexicographicallyPrecedes(other.canonicalBytes) == (left < right), "\(left) \(right)")
      }
    }
    #expect(Set(Self.ordered).count == Self.ordered.count)
    // By bytes: texts that the standard library takes for equal are two.
    #expect(Set(Self.ordered.map { Array($0.text.utf8) }).count == Self.ordered.count)
  }

  /// Goal: two spellings of a text are two, wherever the texts are kept. Method: texts that the standard library takes for
  /// equal, two of them with as many bytes; each in the string itself and in memory of its own.
  @Test("texts are the same when their bytes are, short or long")
  func sameBytes() {
    let texts = [
      "", "platform", "platforn", "K", "\u{212a}", "é", "e\u{301}", "a\u{323}\u{307}", "a\u{307}\u{323}",
      String(repeating: "é", count: 40), String(repeating: "e\u{301}", count: 40), String(repeating: "x", count: 40),
      String(repeating: "x", count: 39) + "y",
    ]
    for (left, one) in texts.enumerated() {
      for (right, other) in texts.enumerated() {
        var elsewhere = ""
        elsewhere.reserveCapacity(200)
        elsewhere += other
        #expect(one.hasSameBytes(as: other) == (left == right), "\(left) \(right)")
        #expect(one.hasSameBytes(as: elsewhere) == (left == right), "\(left) \(right)")
        let isSame = Array(other.utf8).withUnsafeBufferPointer { one.hasBytes($0) }
        #expect(isSame == (left == right), "\(left) \(right)")
      }
    }
  }

  /// Goal: forms tell keys apart. Method: random keys of a few short values, so that many are alike; equal forms must mean equal
  /// keys, and the order of bytes the order of keys.
  @Test("equal forms mean equal keys, for random keys of every shape")
  func forms() {
    var random = SeededGenerator(seed: 5)
    let texts = ["", "a", "a'", "'", "','", "1", "a',1,'", "\u{0}", "a\u{0}", "'\u{301}"]
    func part() -> Key.Part {
      switch random.next() % 5 {
      case 0: .integer(Int64(random.next() % 3) - 1)
      case 1: .text(texts[Int(random.next() % UInt64(texts.count))])
      case 2: .uuid(high: random.next() % 2, low: random.next() % 2)
      case 3: .bytes((0..<random.next() % 3).map { _ in [0, 1, 0xff][Int(random.next() % 3)] })
      default: .personal(Token(high: random.next() % 2, low: 0))
      }
    }
    let keys = (0..<1_500).map { _ in Key(part(), (0..<random.next() % 3).map { _ in part() }) }
    var (texted, canonical) = ([String: Key](), [[UInt8]: Key]())
    for key in keys {
      #expect(texted.updateValue(key, forKey: key.text).map { $0 == key } ?? true)
      #expect(canonical.updateValue(key, forKey: key.canonicalBytes).map { $0 == key } ?? true)
    }
    #expect(texted.count == Set(keys).count && canonical.count == texted.count && texted.count > 200)
    for (left, right) in zip(keys, keys.reversed()) {
      #expect((left < right) == left.canonicalBytes.lexicographicallyPrecedes(right.canonicalBytes))
    }
  }

  @Test("a key's text is what a person would write")
  func texts() {
    #expect(Key(385).text == "385" && Key(.min).text == "-9223372036854775808")
    #expect(Key(.text("it's")).text == "'it''s'" && Key(.text("385")).text == "'385'")
    #expect(Key(.integer(1), [.text("a")]).text == "(1,'a')")
    #expect(
      Key(.uuid(high: 0x0198_c1d2_3456_7abc, low: 0x8000_0000_0000_0001)).text == "0198c1d2-3456-7abc-8000-000000000001"
    )
    #expect(Key(.bytes([0, 255])).text == "x'00ff'" && Key(.bytes([])).text == "x''")
    #expect(Key(.personal(Token(high: 0, low: 15))).text == "token:0000000000000000000000000000000f")
  }

  @Test("canonical bytes are the documented ones")
  func canonicalBytes() {
    #expect(Key(1).canonicalBytes == [1, 0x80, 0, 0, 0, 0, 0, 0, 1])
    #expect(Key(-1).canonicalBytes == [1, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
    #expect(Key(.text("a\u{0}b"), [.bytes([])]).canonicalBytes == [2, 0x61, 0, 0xff, 0x62, 0, 4, 0])
    #expect(Key(.uuid(high: 1, low: 2)).canonicalBytes == [3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2])
    #expect(
      Key(.personal(Token(high: 1, low: 2))).canonicalBytes == [5, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2])
    var clear: [UInt8] = []
    RowKey<Person>(.personal(PersonalData("m\u{0}")), [.integer(0)]).appendClear(to: &clear)
    #expect(clear == [5, 0x6d, 0, 0xff, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 0])
  }

  /// Goal: seals of a key are tied to its parts. Method: note the places that a mapping gives, and bring the key back.
  @Test("the personal parts of a key go through a phase's transformation, each with its own place, the others stay")
  func mapping() {
    let key = RowKey<SealedPerson>(
      .personal(Samples.sealed(1)), [.integer(7), .personal(Samples.sealed(2)), .text("a"), .bytes([1])])
    var places: [PersonalPlace] = []
    let tokens: Key = key.mapPersonal(PersonalPlace(.rowKey, .before, 9)) { sealed, place in
      places.append(place)
      return Token(high: sealed.key.high, low: sealed.key.low)
    }
    #expect(places == [PersonalPlace(.rowKey, .before, 9), PersonalPlace(.rowKey, .before, 9, part: 2)])
    #expect(Set(places.map(\.code)).count == 2)
    #expect(
      tokens.parts == [
        .personal(Token(high: Samples.sealed(1).key.high, low: Samples.sealed(1).key.low)), .integer(7),
        .personal(Token(high: Samples.sealed(2).key.high, low: Samples.sealed(2).key.low)), .text("a"), .bytes([1]),
      ])
    #expect(key.isPersonal && tokens.isPersonal && !Key(1).isPersonal)
  }

  @Test("one integer is told apart from everything else, and a key has between 1 and 32 parts")
  func shapes() {
    #expect(
      Key(385).integer == 385 && Key(.text("385")).integer == nil && Key(.integer(1), [.integer(2)]).integer == nil)
    #expect(Key(parts: []) == nil && Key(parts: [.integer(385)]) == Key(385))
    #expect(Key(parts: Array(repeating: .integer(0), count: 33)) == nil)
    #expect(Key(parts: Array(repeating: .integer(0), count: 32))?.parts.count == 32)
  }

  /// Goal: no two places have one seal's data. Method: places that differ in one respect each.
  @Test("places that differ in kind, state, field or part have different codes")
  func places() {
    let places = [
      PersonalPlace(.email, .after, 6), PersonalPlace(.phone, .after, 6), PersonalPlace(.email, .before, 6),
      PersonalPlace(.email, .key, 6), PersonalPlace(.email, .once, 6), PersonalPlace(.email, .after, 7),
      PersonalPlace(.email, .after, 6, part: 1),
    ]
    #expect(Set(places.map(\.code)).count == places.count)
    #expect(PersonalPlace(.email, .after, 6, part: 1).code == 0x0202_0001_0000_0006)
  }

  @Test("JSON has a key as its text, or null")
  func json() throws {
    struct Row { var key: RowKey<PersonToken>? }
    let table = JSONTable<Row>(
      "row", "", [.key("owner", "whose it is") { $0.key }, .key("id") { $0.key ?? RowKey(0) }])
    #expect(table.outline.members.map(\.shape) == [.optional(.key), .key])
    func text(_ key: Key?) -> String {
      var writer = JSONWriter()
      table.write(Row(key: key), to: &writer)
      return String(decoding: writer.bytes, as: UTF8.self)
    }
    #expect(text(nil) == #"{"owner":null,"id":"0"}"#)
    #expect(text(Key(.integer(1), [.text("a'\"")])) == #"{"owner":"(1,'a''\"')","id":"(1,'a''\"')"}"#)
  }
}
