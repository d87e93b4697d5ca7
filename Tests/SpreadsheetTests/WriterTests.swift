import Files
import Spreadsheet
import TestSupport
import Testing

@Suite struct WriterTests {
  static let table = SheetTable(
    header: ["lead_id", "note", "revenue", "day", "time"],
    rows: [
      [.text("L-1"), .text("a,b \"c\"\r\nd"), .number("-12.50"), .date("2026-11-21"), .date("2026-11-21T09:30:01Z")],
      [.text("=1+1"), .empty, .number("7"), .date("soon"), .text(" x ")],
    ])

  @Test("CSV lines follow RFC 4180") func csv() {
    let expected =
      "lead_id,note,revenue,day,time\r\n"
      + "L-1,\"a,b \"\"c\"\"\r\nd\",-12.50,2026-11-21,2026-11-21T09:30:01Z\r\n" + "=1+1,,7,soon,\" x \"\r\n"
    #expect(String(decoding: CSVWriter.bytes(of: Self.table), as: UTF8.self) == expected)
    #expect(String(decoding: CSVWriter.bytes(of: Self.table, neutralizing: true), as: UTF8.self).contains("\"'=1+1\","))
  }

  /// Goal: no cell of a report runs as a formula. Method: each sign in each disguise, and what must stay as it is.
  @Test("text that a spreadsheet would run gets an apostrophe") func neutralized() {
    for sign in [
      "=", "+", "-", "@", "\t", "\r", "\n", "\0", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}", "  =", "\u{a0}@",
    ] {
      let text = sign + "cmd|' /C calc'!A0"
      #expect(CSVWriter.neutralized(text) == "'" + text, "\(sign.debugDescription)")
    }
    for text in ["", "Phone", "-12.50", "12", "a=b", "2026-11-21", " ", "'x"] {
      #expect(CSVWriter.neutralized(text) == text)
    }
    for text in ["-", "-1+1", "+5", "-1.", "-.5", "--1", "-1.2.3"] {
      #expect(CSVWriter.neutralized(text) == "'" + text)
    }
  }

  @Test("the same table gives the same workbook, byte for byte") func deterministic() throws {
    let first = try XLSXWriter.bytes(of: Self.table)
    #expect(try XLSXWriter.bytes(of: Self.table) == first)
    #expect(first.starts(with: Array("PK".utf8)))
    var other = Self.table
    other.rows[0][0] = .text("L-2")
    #expect(try XLSXWriter.bytes(of: other) != first)
  }
}
