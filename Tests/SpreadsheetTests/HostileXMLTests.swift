import Foundation
import Spreadsheet
import TestSupport
import Testing

/// What the XML inside a workbook may do to its reader: nothing but end it with a typed error.
@Suite("Hostile XML in workbooks", .temporaryFolder) struct HostileXMLTests {
  private static let parts: [(name: String, xml: String)] = [
    (
      "xl/workbook.xml",
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?><x:workbook xmlns:x=\"m\" xmlns:r=\"r\"><x:workbookPr date1904=\"0\"/>"
        + "<x:sheets><x:sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></x:sheets></x:workbook>"
    ),
    (
      "xl/_rels/workbook.xml.rels",
      "<Relationships xmlns=\"p\"><Relationship Id=\"rId1\" Type=\"t\" Target=\"worksheets/sheet1.xml\"/></Relationships>"
    ),
    (
      "xl/styles.xml",
      "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy\\-mm\\-dd\"/></numFmts>"
        + "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"170\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    ),
    (
      "xl/sharedStrings.xml",
      "<sst count=\"3\"><si><t>lead_id</t></si><si><r><t>ri</t></r><r><t>ch</t></r><rPh><t>x</t></rPh></si>"
        + "<si><t xml:space=\"preserve\"> a_x0041_ &amp; &#233; é </t></si></sst>"
    ),
    (
      "xl/worksheets/sheet1.xml",
      "<?xml version=\"1.0\"?><worksheet><sheetData><!-- rows --><row r=\"1\" x=\"ü\"><c r=\"A1\" t=\"s\"><v>0</v></c>"
        + "<c r=\"B1\" t=\"s\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\" t=\"inlineStr\"><is><t>é<![CDATA[<&]]></t></is></c>"
        + "<c r=\"B2\" s=\"1\"><v>46347.5</v></c><c r=\"C2\" t=\"b\"><v>1</v></c><c r=\"D2\"><f>1+1</f><v>1.5E3</v></c>"
        + "<c r=\"E2\" s=\"2\"><v>12</v></c><c r=\"F2\" t=\"str\"><v>_x000D_</v></c></row></sheetData></worksheet>"
    ),
  ]

  private func workbook(_ change: (String, [UInt8]) -> [UInt8]) -> [UInt8] {
    zip(Self.parts.map { ($0.name, change($0.name, Array($0.xml.utf8))) })
  }

  /// A workbook in whose worksheet `text` once stands changed.
  private func worksheet(_ text: String, _ replacement: [UInt8]) -> [UInt8] {
    workbook { name, bytes in
      guard name.contains("sheet1"), let range = bytes.firstRange(of: Array(text.utf8)) else { return bytes }
      return Array(bytes[..<range.lowerBound]) + replacement + bytes[range.upperBound...]
    }
  }

  @Test("the workbook that these tests spoil is a good one") func good() throws {
    let rows = try read(workbook { $1 }).rows
    #expect(rows.map(\.number) == [1, 2])
    #expect(rows[0].cells == [.text("lead_id"), .text("rich")])
    #expect(
      rows[1].cells == [
        .text("é<&"), .date("2026-11-21T12:00:00Z"), .text("true"), .number("1500"), .number("12"), .text("\r"),
      ])
  }

  /// Goal: one bad byte ends the reading of one file, not the process. Method: a byte that is not UTF-8 in each kind of place.
  @Test(
    "a byte that is not UTF-8 is refused wherever it stands",
    arguments: [
      ("<row", "<r~ow"), ("<row", "<row ana_perez~1=\"1\""), ("<row", "<row x=\"~\""), ("<v>", "<v>~"),
      ("<v>0", "<v><![CDATA[~]]>"), ("<!-- rows", "<!-- ~"), ("<sheetData>", "<sheetData><?a ~?>"), ("<row", "<~row"),
      ("<row", "<row xmlns:q=\"~\""), ("</worksheet>", "</worksheet>~"),
      ("<?xml version=\"1.0\"", "<?xml version=\"~\""),
    ])
  func badByte(place: String, change: String) {
    for bad: [UInt8] in [
      [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xc0, 0x80], [0xef, 0xbf, 0xbf],
    ] {
      let bytes = Array(change.utf8).flatMap { $0 == UInt8(ascii: "~") ? bad : [$0] }
      #expect(failure(worksheet(place, bytes))?.kind == .malformed, "\(bad)")
    }
  }

  @Test(
    "a broken declaration, what is unfinished and what does not fit is refused",
    arguments: [
      ("<?xml version=\"1.0\"?>", "<?xml?>"),
      ("<?xml version=\"1.0\"?>", " <?xml version=\"1.0\"?>"), ("</worksheet>", ""), ("</row>", ""),
      ("<row", "<row a=1"),
      ("<row", "<row r=\"1\" r=\"2\" q"), ("<v>0", "<v>&#0;"), ("<v>0", "<v>&#xD800;"), ("<v>0", "<v>&nope;"),
      ("<!-- rows -->", "<!-- -- -->"), ("<v>0", "<v>]]>"), ("</worksheet>", "</worksheet><worksheet/>"),
    ])
  func malformed(place: String, change: String) {
    #expect(failure(worksheet(place, Array(change.utf8)))?.kind == .malformed)
  }

  /// Goal: no encoding brings past the reader what it refuses. Method: the same part in other encodings, declared or not.
  @Test("another encoding than UTF-8 is refused, whatever the part declares") func encodings() throws {
    let declared = "<?xml version=\"1.0\" encoding=\"NAME\"?>"
    for name in ["UTF-16", "utf-7", "ISO-8859-1", "windows-1252", "UTF-32", "x", "IBM037"] {
      let changed = worksheet("<?xml version=\"1.0\"?>", Array(declared.replacing("NAME", with: name).utf8))
      #expect(failure(changed)?.kind == .forbidden, "\(name)")
    }
    for encoding: String.Encoding in [.utf16, .utf16BigEndian, .utf16LittleEndian, .utf32] {
      for bom: [UInt8] in [[], [0xfe, 0xff], [0xff, 0xfe]] {
        let kind = failure(
          workbook { _, bytes in bom + [UInt8](String(decoding: bytes, as: UTF8.self).data(using: encoding)!) })?
          .kind
        #expect(kind == .forbidden || kind == .malformed, "\(encoding) \(bom)")
      }
    }
    let utf8 = worksheet(
      "<?xml version=\"1.0\"?>", [0xef, 0xbb, 0xbf] + Array(declared.replacing("NAME", with: "utf-8").utf8))
    #expect(try read(utf8).rows.count == 2)
  }

  /// Goal: time and memory of the parser are bounded too. Method: one endless tag, comment and instruction; a new name in each
  /// element; ten thousand levels.
  @Test("an endless tag, endless names and endless nesting are refused soon") func limits() {
    let clock = ContinuousClock()
    let start = clock.now
    let long = String(repeating: "x", count: 4 << 20)
    for text in ["<row \(long)", "<row a=\"\(long)\"", "<!-- \(long) --><row", "<?a \(long)?><row", "<\(long)"] {
      #expect(failure(worksheet("<row", Array(text.utf8)))?.kind == .limit)
    }
    let names = (0..<6_000).map { "<n\($0)/>" }.joined()
    #expect(failure(worksheet("<row", Array((names + "<row").utf8)))?.kind == .limit)
    let attributes = (0..<6_000).map { " n\($0)=\"\"" }.joined()
    #expect(failure(worksheet("<row", Array(("<row" + attributes).utf8)))?.kind == .limit)
    let deep = String(repeating: "<a>", count: 10_000)
    #expect(failure(worksheet("<row", Array((deep + "<row").utf8)))?.kind == .limit)
    #expect(clock.now - start < .seconds(20))
  }

  /// Goal: Foundation's parser stopped at ten megabytes; ours are the limits now. Method: a worksheet of twelve.
  @Test("a worksheet of more than ten megabytes of XML is read") func large() throws {
    var generator = SeededGenerator(seed: 4)
    let rows = (0..<200).map { _ in
      [
        Cell.text(
          (0..<3_750).map { _ in String(UInt64.random(in: (1 << 60)...UInt64.max, using: &generator), radix: 16) }
            .joined())
      ]
    }
    let table = SheetTable(header: ["note"], rows: rows)
    let result = try read(XLSXWriter.bytes(of: table))
    #expect(result.rows.count == 201)
    #expect(result.rows.last?.cells == rows.last)
  }

  /// Goal: no XML traps. Method: some thousand seeded mutations of the parts inside the container, packed again.
  @Test("mutated XML is read or refused, and never traps", arguments: 0..<4) func mutations(seed: UInt64) {
    let tokens: [[UInt8]] =
      [
        "<!DOCTYPE a [<!ENTITY b \"c\">]>", "<!ENTITY a \"b\">", "&a;", "&#x110000;", "&#0;", "<![CDATA[", "]]>",
        "<!--", "-->",
        "<?", "?>", "<?xml?>", "<?xml version=\"1.0\" encoding=\"utf-16\"?>", "xmlns:x=\"\"", "xmlns=\"\"", ":", "=",
        "\"", "<",
        ">", "/>", "</", "r=\"9223372036854775807\"", "r=\"-1\"", "r=\"XFE1\"", "s=\"99\"", "t=\"s\"", "t=\"b\"",
        "<v>1e308</v>",
        "<v>-1e-320</v>", "<v>nan</v>", "<si><t/></si>", "<row>", "</row>", "<c/>", "_x0000_", "_xD800_",
      ].map { Array($0.utf8) } + [
        [0xff], [0xc3], [0], [0xef, 0xbb, 0xbf], [0xfe, 0xff], [0xff, 0xfe], [0xed, 0xa0, 0x80],
      ]
    var generator = SeededGenerator(seed: 31 + seed)
    var refused = 0
    for _ in 0..<1_000 {
      let part = Int.random(in: 0..<Self.parts.count, using: &generator)
      let bytes = workbook { name, bytes in
        guard name == Self.parts[part].name else { return bytes }
        var changed = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          mutate(&changed, tokens, &generator)
        }
        return changed
      }
      do {
        _ = try read(bytes)
      } catch {
        refused += 1
        #expect(error is SpreadsheetError)
      }
    }
    // Most of them must have hurt, and some must have been harmless.
    #expect(refused > 300 && refused < 1_000)
  }

  private func mutate(_ bytes: inout [UInt8], _ tokens: [[UInt8]], _ generator: inout SeededGenerator) {
    let place = Int.random(in: 0...bytes.count, using: &generator)
    switch Int.random(in: 0..<6, using: &generator) {
    case 0 where place < bytes.count: bytes[place] ^= UInt8.random(in: 1...255, using: &generator)
    case 1: bytes.insert(contentsOf: tokens[Int.random(in: 0..<tokens.count, using: &generator)], at: place)
    case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &generator)))
    case 3:
      bytes.insert(
        contentsOf: bytes[place..<min(bytes.count, place + 60)], at: Int.random(in: 0...bytes.count, using: &generator))
    case 4 where place > bytes.count / 2: bytes.removeLast(bytes.count - place)
    default: if place < bytes.count { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
    }
  }
}
