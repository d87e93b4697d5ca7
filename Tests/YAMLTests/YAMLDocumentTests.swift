import Foundation
import TestSupport
import Testing
import YAML

@Suite("A YAML document")
struct YAMLDocumentTests {
  /// Goal: the tree holds what was written, in order. Method: one small configuration with every kind of node.
  @Test("holds scalars, lists and mappings in order") func tree() throws {
    let root = try YAMLDocument.parse(
      "site:\n  hosts: [a.example, \"b.example\"]\n  port: 80\nempty:\nflag: true\nquoted: '12'\n"
        + "text: |\n  one\n  two\n",
      name: "x")
    #expect(root.entries?.map(\.key) == ["site", "empty", "flag", "quoted", "text"])
    #expect(root["site"]?["hosts"]?.elements?.map(\.text) == ["a.example", "b.example"])
    #expect(root["site"]?["port"]?.integer == 80)
    #expect(root["site"]?["port"]?.text == "80")
    #expect(root["flag"]?.boolean == true)
    #expect(root["quoted"]?.integer == nil)
    #expect(root["quoted"]?.text == "12")
    #expect(root["text"]?.text == "one\ntwo\n")
    #expect(root["missing"] == nil)
    #expect(root["site"]?.kind == "a mapping")
  }

  @Test("tells an absent value from quoted text") func absence() throws {
    let root = try YAMLDocument.parse("a:\nb: ~\nc: null\nd: 'null'\ne: ''\n", name: "x")
    #expect(root.entries?.map(\.value.isNull) == [true, true, true, false, false])
    #expect(root.entries?.map(\.value.text) == [nil, nil, nil, "null", ""])
  }

  @Test("keeps Norway a country") func norway() throws {
    let root = try YAMLDocument.parse("country: no\nanswer: yes\n", name: "x")
    #expect(root["country"]?.text == "no")
    #expect(root["country"]?.boolean == nil)
    #expect(root["answer"]?.boolean == nil)
  }

  @Test("knows where each node begins") func places() throws {
    let root = try YAMLDocument.parse("one: 1\nlist:\n  - x\n  -  y\n", name: "x")
    #expect(root.entries?.map(\.line) == [1, 2])
    #expect(root["one"]?.column == 6)
    #expect(root["list"]?.elements?.map(\.line) == [3, 4])
    #expect(root["list"]?.elements?.map(\.column) == [5, 6])
  }

  @Test("may be empty", arguments: ["", "# only a comment\n", "---\n"]) func empty(text: String) throws {
    #expect(try YAMLDocument.parse(text, name: "x").isNull)
  }

  /// Goal: each refusal says where. Method: one flaw per document; line and column by hand.
  @Test(
    "is refused with the place of the flaw",
    arguments: [
      ("a: 1\na: 2\n", 2, 1, "the key \"a\" stands twice"),
      ("a: &x 1\n", 1, 4, "an anchor (&name) stands here"),
      ("a: *x\n", 1, 4, "an alias (*name) stands here"),
      ("a: !!str 1\n", 1, 4, "a tag (!name) stands here"),
      ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins"),
      ("[a]: 1\n", 1, 1, "a list stands where a key belongs"),
      ("a: 1\n\tb: 2\n", 2, 1, "found a tab character that violates indentation"),
      ("a: 'open\n", 2, 1, "found unexpected end of stream"),
    ])
  func refusals(text: String, line: Int, column: Int, problem: String) {
    let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text, name: "millrace.yaml") }
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.problem == problem)
    #expect(error?.hint.isEmpty == false)
    #expect(error?.description.hasPrefix("millrace.yaml:\(line):\(column): ") == true)
  }

  @Test("finds a doubled key in a large mapping") func doubledKeyInLarge() {
    let text = (0..<100).map { "k\($0): 1\n" }.joined() + "k7: 2\n"
    let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(text, name: "x") }
    #expect(error?.line == 101)
  }

  /// Goal: a few bytes cannot cost much stack or memory. Method: nesting, the aliases bomb, many nodes, many bytes.
  @Test("has limits") func limits() throws {
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { try YAMLDocument.parse(nested(32), name: "x") }
    #expect(throws: YAMLError.self) { try YAMLDocument.parse(nested(33), name: "x") }
    #expect(throws: YAMLError.self) { try YAMLDocument.parse(nested(1_000_000), name: "x") }
    #expect(throws: YAMLError.self) {
      try YAMLDocument.parse("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", name: "x")
    }
    let small = YAMLLimits(bytes: 100, depth: 4, nodes: 10)
    #expect(throws: Never.self) { try YAMLDocument.parse("[1,2,3,4,5,6,7,8,9]", name: "x", limits: small) }
    #expect(throws: YAMLError.self) { try YAMLDocument.parse("[1,2,3,4,5,6,7,8,9,10]", name: "x", limits: small) }
    #expect(throws: YAMLError.self) {
      try YAMLDocument.parse("a: " + String(repeating: "x", count: 98), name: "x", limits: small)
    }
  }

  @Test("is refused when it is not UTF-8") func encoding() {
    for bytes: [UInt8] in [
      [0x61, 0x3a, 0x20, 0xff], [0x61, 0x3a, 0x20, 0xc3], [0x61, 0x00], [0xff, 0xfe, 0x61, 0x00],
    ] {
      let error = #expect(throws: YAMLError.self) { try YAMLDocument.parse(bytes[...], name: "x") }
      #expect(error?.hint.contains("UTF-8") == true)
    }
  }

  /// Goal: hostile bytes end in a tree or an error. Method: seeded mutations of a document; a trap ends the test run.
  @Test("survives mutations") func mutations() {
    let base = Array("site:\n  hosts: [a, \"b\"]\n  p: {x: 1, y: [2]}\nt: |\n  one\n'q': ~\n# c\n".utf8)
    var generator = SeededGenerator(seed: 5)
    var refused = 0
    for _ in 0..<5_000 {
      var bytes = base
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      if (try? YAMLDocument.parse(bytes[...], name: "x")) == nil { refused += 1 }
    }
    #expect(refused > 100 && refused < 5_000)
  }

  @Test("is read from a file of exactly the limit, not of one byte more", .temporaryFolder) func files() throws {
    let path = TemporaryFolder.path + "/x.yaml"
    try Data("a: 1234567\n".utf8).write(to: URL(fileURLWithPath: path))
    #expect(try YAMLDocument.load(path: path, limits: YAMLLimits(bytes: 11))["a"]?.integer == 1_234_567)
    let large = #expect(throws: YAMLError.self) { try YAMLDocument.load(path: path, limits: YAMLLimits(bytes: 10)) }
    #expect(large?.problem == "is larger than 10 bytes")
    let missing = #expect(throws: YAMLError.self) { try YAMLDocument.load(path: path + ".gone") }
    #expect(missing?.problem.contains("cannot be opened") == true)
    #expect(missing?.line == 0)
    #expect(throws: YAMLError.self) { try YAMLDocument.load(path: TemporaryFolder.path) }
  }
}
