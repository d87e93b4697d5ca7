import Foundation
import Spreadsheet
import TestSupport
import Testing

/// Workbooks as other programs than the usual one write them.
@Suite("Workbooks of any producer", .temporaryFolder)
struct ForeignWorkbookTests {
  private static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  private static let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

  private struct Part {
    var sheet: String
    var state = ""
    var rows: String
  }

  private func workbook(
    _ parts: [Part], prefix: String = "", folder: String = "xl", strict: Bool = false, properties: String = "",
    strings: String? = nil
  ) -> [UInt8] {
    let (p, relation) = (
      prefix.isEmpty ? "" : prefix + ":",
      strict ? "http://purl.oclc.org/ooxml/officeDocument/relationships" : Self.relations
    )
    let space = prefix.isEmpty ? "xmlns=\"\(Self.main)\"" : "xmlns:\(prefix)=\"\(Self.main)\""
    let sheets = parts.enumerated().map { index, part in
      "<\(p)sheet name=\"\(part.sheet)\" sheetId=\"\(index + 1)\" \(part.state) q:id=\"r\(index)\"/>"
    }
    var targets = parts.indices.map {
      "<Relationship Id=\"r\($0)\" Type=\"\(relation)/worksheet\" Target=\"/\(folder)/pages/p\($0).xml\"/>"
    }
    if strings != nil {
      targets.append("<Relationship Id=\"s\" Type=\"\(relation)/sharedStrings\" Target=\"words.xml\"/>")
    }
    var entries: [(name: String, bytes: [UInt8])] = [
      (
        "_rels/.rels",
        Array(
          "<Relationships><Relationship Id=\"a\" Type=\"\(relation)/officeDocument\" Target=\"\(folder)/book.xml\"/></Relationships>"
            .utf8)
      ),
      (
        "\(folder)/book.xml",
        Array(
          "<\(p)workbook \(space) xmlns:q=\"\(relation)\">\(properties)<\(p)sheets>\(sheets.joined())</\(p)sheets></\(p)workbook>"
            .utf8)
      ),
      ("\(folder)/_rels/book.xml.rels", Array("<Relationships>\(targets.joined())</Relationships>".utf8)),
    ]
    for (index, part) in parts.enumerated() {
      entries.append(
        (
          "\(folder)/pages/p\(index).xml",
          Array("<\(p)worksheet \(space)><\(p)sheetData>\(part.rows)</\(p)sheetData></\(p)worksheet>".utf8)
        ))
    }
    if let strings { entries.append(("\(folder)/words.xml", Array("<sst>\(strings)</sst>".utf8))) }
    return zip(entries)
  }

  private func row(_ texts: String..., prefix: String = "") -> String {
    let p = prefix.isEmpty ? "" : prefix + ":"
    return "<\(p)row>"
      + texts.map { "<\(p)c t=\"inlineStr\"><\(p)is><\(p)t>\($0)</\(p)t></\(p)is></\(p)c>" }.joined() + "</\(p)row>"
  }

  private func rows(_ bytes: [UInt8], header: String = "id") throws -> (rows: [[Cell]], report: SheetReport) {
    let path = TemporaryFolder.path + "/\(UUID().uuidString).xlsx"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var rows: [[Cell]] = []
    let report = try Spreadsheet.read(path: path, isHeader: { $0.first == .text(header) }, row: { rows.append($1) })
    return (rows, report)
  }

  @Test(
    "prefixes, other names of parts and folders, strict and transitional are read", arguments: ["", "x"], [true, false])
  func names(prefix: String, strict: Bool) throws {
    let bytes = workbook(
      [Part(sheet: "A", rows: row("id", prefix: prefix) + row("7", prefix: prefix))], prefix: prefix,
      folder: "book/main",
      strict: strict, strings: "<si><t>unused</t></si>")
    #expect(try rows(bytes).rows == [[.text("id")], [.text("7")]])
  }

  @Test("of several worksheets the visible one with the header is read, and is named")
  func choice() throws {
    let parts = [
      Part(sheet: "Old", state: "state=\"hidden\"", rows: row("id") + row("1")),
      Part(sheet: "Empty", rows: ""),
      Part(sheet: "Cover", rows: row("Report of October")),
      Part(sheet: "Leads", rows: row("id") + row("2")),
      Part(sheet: "Other", rows: row("id") + row("3")),
    ]
    let found = try rows(workbook(parts))
    #expect(found.rows == [[.text("id")], [.text("2")]])
    #expect(found.report.worksheet?.read == "Leads")
    #expect(found.report.worksheet?.others == ["Old", "Empty", "Cover", "Other"])
    #expect(try rows(workbook(parts), header: "none").report.worksheet?.read == "Cover")
    #expect(try rows(workbook([parts[3]])).report.worksheet == nil)
  }

  /// Goal: formats that reach to the end of the sheet are no content. Method: an empty cell in the last row and in the last
  /// column, and a row height there.
  @Test("formats to the last row and column are no content, a value there is")
  func usedRange() throws {
    let table = row("id") + row("7")
    for stray in [
      "<row r=\"1048576\"><c r=\"A1048576\" s=\"1\"/></row>", "<row r=\"1048576\" ht=\"30\"/>",
      "<row r=\"3\"><c r=\"XFD3\" s=\"1\"/></row>",
    ] {
      #expect(try rows(workbook([Part(sheet: "A", rows: table + stray)])).rows == [[.text("id")], [.text("7")]])
    }
    let beyond = workbook([Part(sheet: "A", rows: table + "<row r=\"3\"><c r=\"XFD3\"><v>1</v></c></row>")])
    #expect(throws: SpreadsheetError.self) { try rows(beyond) }
  }

  @Test("a formula's stored result counts; errors, and formulas without a result, are told from texts")
  func formulas() throws {
    let cells = """
      <row><c><f>1+1</f><v>2</v></c><c t="str"><f>A1</f><v>x</v></c><c t="e"><f>1/0</f><v>#DIV/0!</v></c><c><f>B9</f></c>\
      <c t="str"><f>""</f><v></v></c><c t="d"><v>2026-10-01T00:00:00</v></c><c t="d"><v>2026-10-01T09:30:00.000</v></c></row>
      """
    #expect(
      try rows(workbook([Part(sheet: "A", rows: cells)])).rows == [
        [
          .number("2"), .text("x"), .error("#DIV/0!"), .error("#NONE"), .empty, .date("2026-10-01"),
          .date("2026-10-01T09:30:00Z"),
        ]
      ])
  }

  @Test("a worksheet of more than 10 MB of XML is read")
  func large() throws {
    let filler = String(repeating: "a long note about nothing ", count: 8)
    let many = (0..<45_000).map { row("\($0)", filler + String($0 &* 2_654_435_761 % 1_000_003)) }.joined()
    #expect(many.utf8.count > 10_000_000)
    #expect(try rows(workbook([Part(sheet: "A", rows: row("id", "note") + many)])).rows.count == 45_001)
  }
}
