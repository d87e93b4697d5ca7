import Files
import Foundation
import Spreadsheet
import TestSupport
import Testing

@Suite(.temporaryFolder) struct XLSXReaderTests {
  private func cells(_ rows: String, strings: String? = nil, styles: String? = nil) throws -> [[Cell]] {
    try read(workbook(rows: rows, strings: strings, styles: styles)).rows.map(\.cells)
  }

  @Test("what XLSXWriter writes reads back") func roundTrip() throws {
    let table = SheetTable(
      header: ["id", "note", "revenue", "day", "time"],
      rows: [
        [
          .text("=1+1"), .text("a<b>&\"c\" _x0041_ \t\n\r\u{1} é"), .number("-12.50"), .date("2026-11-21"),
          .date("2026-11-21T09:30:01Z"),
        ],
        [.empty, .text(" x "), .number("20123456786"), .date("1900-03-01"), .date("9999-12-31T23:59:59Z")],
        [.text("soon"), .date("2026-02-30"), .number("1e5"), .text("")],
      ])
    let (rows, report) = try read(XLSXWriter.bytes(of: table))
    #expect(report == SheetReport(format: .xlsx, rows: 4, repairedFields: 0))
    #expect(rows.map(\.number) == [1, 2, 3, 4])
    #expect(rows[0].cells == table.header.map(Cell.text))
    #expect(rows[1].cells == table.rows[0])
    #expect(rows[2].cells == table.rows[1])
    #expect(rows[3].cells == [.text("soon"), .text("2026-02-30"), .text("1e5")])
  }

  @Test("shared, rich, inline and formula texts, booleans and errors are read") func kinds() throws {
    let rows = try cells(
      """
      <row r="3"><c r="A3" t="s"><v>1</v></c><c r="C3" t="b"><v>1</v></c><c r="D3" t="e"><v>#N/A</v></c>\
      <c r="E3" t="str"><f>A1&amp;"x"</f><v>yx</v></c><c t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>\
      <row><c><v>7</v></c><c t="s"><v>0</v></c></row><row r="9"/>
      """,
      strings: "<si><t/></si><si><r><t>ri</t></r><r><t xml:space=\"preserve\"> ch</t></r><rPh><t>PH</t></rPh></si>")
    #expect(
      rows == [
        [.text("ri ch"), .empty, .text("true"), .error("#N/A"), .text("yx"), .text("inline")], [.number("7")],
      ])
  }

  @Test("numbers lose their floating-point tail, never digits") func numbers() throws {
    for (text, expected) in [
      ("129.90000000000001", "129.9"), ("0.30000000000000004", "0.3"), ("1.5E3", "1500"),
      ("1E-3", "0.001"), ("1.25E-2", "0.0125"), ("-0", "-0"), ("1E+20", "100000000000000000000"), ("12.50", "12.50"),
      ("-1.2345678901234567E2", "-123.456789012346"), ("4111111111111111", "4111111111111111"),
    ] {
      #expect(try cells("<row><c><v>\(text)</v></c></row>") == [[.number(expected)]], "\(text)")
    }
    for text in ["abc", "1e999", "nan", "0x10p"] {
      #expect(try cells("<row><c><v>\(text)</v></c></row>") == [[.text(text)]])
    }
  }

  @Test("a date is told by its style, in both systems") func dates() throws {
    let styles = """
      <numFmts><numFmt numFmtId="170" formatCode="[Red]0.00&quot;days&quot;"/>\
      <numFmt numFmtId="171" formatCode="dd/mm/yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>\
      <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/><xf numFmtId="22"/></cellXfs>
      """
    let row = (0...5).map { "<c s=\"\($0)\"><v>46347.5</v></c>" }.joined()
    let expected: [Cell] = [
      .number("46347.5"), .date("2026-11-21T12:00:00Z"), .number("46347.5"), .date("2026-11-21T12:00:00Z"),
      .date("2026-11-21T12:00:00Z"), .number("46347.5"),
    ]
    #expect(try cells("<row>\(row)</row>", styles: styles) == [expected])
    #expect(
      try cells("<row><c s=\"1\"><v>0.5</v></c><c s=\"1\"><v>46347</v></c></row>", styles: styles) == [
        [.number("0.5"), .date("2026-11-21")]
      ])
    #expect(try cells("<row><c s=\"1\"><v>1e300</v></c></row>", styles: styles).count == 1)
    let mac = workbook(
      rows: "<row><c s=\"1\"><v>44885</v></c></row>", styles: styles, properties: "<workbookPr date1904=\"1\"/>")
    #expect(try read(mac).rows.map(\.cells) == [[.date("2026-11-21")]])
  }

  /// Goal: definitions, which only attacks need, are refused before the parser sees them. Method: the known attacks.
  @Test(
    "document types, entities and other encodings are refused",
    arguments: [
      "<!DOCTYPE x [<!ENTITY a \"b\">]>", "<!DOCTYPE x SYSTEM \"file:///etc/passwd\">", "<!ENTITY a \"b\">",
      "<?xml version=\"1.0\" encoding=\"UTF-7\"?>", "<?xml version=\"1.0\" encoding='utf-16'?>",
    ]) func definitions(prologue: String)
  {
    let bytes = workbook(rows: "<row><c t=\"str\"><v>x</v></c></row>", prologue: prologue)
    #expect(failure(bytes)?.kind == .forbidden)
  }

  @Test("XML that is broken, too deep, or names what is not there is refused") func malformed() {
    #expect(failure(workbook(rows: "<row><c></row>"))?.kind == .malformed)
    #expect(failure(workbook(rows: "<row><c><v>&nope;</v></c></row>"))?.kind == .malformed)
    let deep = String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40)
    #expect(failure(workbook(rows: deep))?.kind == .limit)
    #expect(failure(workbook(rows: "<row r=\"4\"><c t=\"s\"><v>5</v></c></row>"))?.line == 4)
    #expect(failure(workbook(rows: "<row><c t=\"s\"><v>-1</v></c></row>"))?.kind == .malformed)
    #expect(failure(workbook(rows: "<row r=\"0\"/>"))?.kind == .malformed)
    #expect(failure(workbook(rows: "<row r=\"1048577\"/>"))?.kind == .limit)
    #expect(failure(workbook(rows: "<row><c r=\"SS1\"><v>1</v></c></row>"))?.kind == .limit)
    #expect(failure(workbook(rows: "<row><c r=\"ZZZZZZZZZZZZZZZZZ1\"><v>1</v></c></row>"))?.kind == .limit)
    #expect(failure(workbook(rows: "<row><c r=\"7\"><v>1</v></c></row>"))?.kind == .malformed)
    #expect(failure(zip([("a.txt", [1])]))?.kind == .malformed)
    #expect(failure(Array("PK\u{3}\u{4}".utf8) + [1, 2, 3])?.kind == .malformed)
    #expect(failure([0xd0, 0xcf, 0x11, 0xe0, 1])?.kind == .forbidden)
    let long = String(repeating: "x", count: 65_537)
    #expect(failure(workbook(rows: "<row r=\"2\"><c t=\"str\"><v>\(long)</v></c></row>"))?.line == 2)
  }

  /// Goal: a bomb is refused before it unpacks. Method: many entries, one that is too big, one of blanks, and
  /// two that share bytes.
  @Test("too many entries and too much content are refused") func bombs() throws {
    #expect(failure(zip((0...1_000).map { ("e\($0)", []) }))?.kind == .limit)
    var limits = SpreadsheetLimits()
    limits.inflatedBytes = 1_000
    #expect(failure(workbook(rows: String(repeating: " ", count: 2_000)), limits: limits)?.kind == .limit)
    // One megabyte of blanks packs about 1,000:1.
    let blanks = SheetTable(header: [String(repeating: " ", count: 1_000_000)], rows: [])
    let clock = ContinuousClock()
    let bytes = try XLSXWriter.bytes(of: blanks)
    #expect(bytes.count < 10_000)
    let start = clock.now
    #expect(failure(bytes)?.kind == .limit)
    #expect(clock.now - start < .seconds(2))
    let big = [UInt8](repeating: 0x20, count: 4_000)
    #expect(failure(zip([("a", big), ("b", big)], sharingBytes: true))?.kind == .forbidden)
  }

  /// Goal: no bytes trap. Method: flip bytes of a good workbook, and cut it.
  @Test("a damaged workbook never traps") func damage() throws {
    let table = SheetTable(header: ["a", "b"], rows: [[.number("1"), .date("2026-11-21")], [.text("x"), .empty]])
    let bytes = try XLSXWriter.bytes(of: table)
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<300 {
      var changed = bytes
      changed[Int.random(in: 0..<bytes.count, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
      _ = failure(changed)
      _ = failure(Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator))))
    }
  }

  /// Goal: another program agrees, both ways. Method: openpyxl reads our workbook and writes one that we read.
  @Test("openpyxl reads our workbooks and we read its", .enabled(if: OpenPyXL.isThere, "openpyxl is not installed"))
  func otherSide() throws {
    let ours = TemporaryFolder.path + "/ours.xlsx"
    let theirs = TemporaryFolder.path + "/theirs.xlsx"
    let table = SheetTable(
      header: ["id", "n", "d", "t"],
      rows: [[.text("=a&<é \n x"), .number("-12.5"), .date("2026-11-21"), .date("2026-11-21T09:30:01Z")]])
    try Files.create(ours, with: XLSXWriter.bytes(of: table), mode: 0o600)
    let output = try OpenPyXL.run(
      """
      import openpyxl, sys, datetime
      rows = list(openpyxl.load_workbook(sys.argv[1]).active.iter_rows(values_only=True))
      assert rows[0] == ("id", "n", "d", "t"), rows
      assert rows[1] == ("=a&<\\u00e9 \\n x", -12.5, datetime.datetime(2026, 11, 21), datetime.datetime(2026, 11, 21, 9, 30, 1)), rows
      book = openpyxl.Workbook()
      book.active.append(["id", 129.9, datetime.date(2026, 11, 21), datetime.datetime(2026, 11, 21, 9, 30, 1), True, None, "x"])
      book.active.append([None, 20123456786, 0.1 + 0.2])
      book.save(sys.argv[2])
      print("fine")
      """, [ours, theirs])
    #expect(output == "fine\n")
    let rows = try read(path: theirs).rows
    #expect(
      rows.map(\.cells) == [
        [
          .text("id"), .number("129.9"), .date("2026-11-21"), .date("2026-11-21T09:30:01Z"), .text("true"), .empty,
          .text("x"),
        ], [.empty, .number("20123456786"), .number("0.3")],
      ])
  }
}

/// The other side of the file format. The interpreter: MILLRACE_TEST_PYTHON, else the project's own virtual environment.
enum OpenPyXL {
  static let python = ProcessInfo.processInfo.environment["MILLRACE_TEST_PYTHON"] ?? ".build-tools/venv/bin/python3"
  static let isThere = (try? run("import openpyxl\nprint(1)", [])) == "1\n"

  static func run(_ script: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = ["-c", script] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }
}
