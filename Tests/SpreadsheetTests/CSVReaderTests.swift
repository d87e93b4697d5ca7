import Spreadsheet
import TestSupport
import Testing

@Suite(.temporaryFolder) struct CSVReaderTests {
  private func rows(_ text: String) throws -> [Row] { try read(Array(text.utf8)).rows }

  @Test("quotes, CRLF, a byte order mark and blank lines are read as people expect") func dialect() throws {
    let rows = try rows("\u{feff}a,b,c\r\n\"x, \"\"y\"\"\r\nz\", 1 ,\r\n\r\n,,\nlast,2")
    #expect(rows.map(\.number) == [1, 2, 6])
    #expect(rows.map(\.cells)[0] == [.text("a"), .text("b"), .text("c")])
    #expect(rows.map(\.cells)[1] == [.text("x, \"y\"\r\nz"), .text(" 1 "), .empty])
    #expect(rows.map(\.cells)[2] == [.text("last"), .text("2")])
    #expect(try self.rows("").isEmpty)
    #expect(try self.rows("a\"b,c").map(\.cells) == [[.text("a\"b"), .text("c")]])
  }

  @Test("bytes that are not UTF-8, and NUL, are repaired and counted") func repair() throws {
    let (rows, report) = try read(Array("é,".utf8) + [0xff, 0x41] + Array(",b".utf8) + [0] + Array("c\nd,e\n".utf8))
    #expect(rows[0].cells == [.text("é"), .text("\u{fffd}A"), .text("b\u{fffd}c")])
    #expect(report == SheetReport(format: .csv, rows: 2, repairedFields: 2))
  }

  @Test("a quote that is never closed, and a folder are refused") func refusals() {
    #expect(failure(Array("a\nb,\"c\nd".utf8)) == SpreadsheetError(.malformed, "a quote is never closed", line: 2))
    #expect(throws: SpreadsheetError.self) { try Spreadsheet.read(path: TemporaryFolder.path) { _, _ in } }
    #expect(throws: SpreadsheetError.self) { try Spreadsheet.read(path: TemporaryFolder.path + "/none") { _, _ in } }
  }

  /// Goal: a hostile file meets a limit, with its line. Method: one byte or column within and beyond each limit.
  @Test("lines, fields, columns and rows have limits") func limits() throws {
    var limits = SpreadsheetLimits()
    limits.columns = 4
    limits.lineBytes = 40
    limits.fieldBytes = 30
    limits.rows = 3
    func kind(_ text: String) -> SpreadsheetError? { failure(Array(text.utf8), limits: limits) }
    #expect(kind("a\n1,2,3,4\n") == nil)
    #expect(kind("a\n1,2,3,4,5\n")?.line == 2)
    #expect(kind("a\n\(String(repeating: "x", count: 30))\n") == nil)
    #expect(kind("a\n\(String(repeating: "x", count: 31))\n")?.line == 2)
    #expect(kind("a\n\(String(repeating: "x", count: 20)),\(String(repeating: "x", count: 19))") == nil)
    #expect(kind("a\n\(String(repeating: "x", count: 20)),\(String(repeating: "x", count: 21))")?.line == 2)
    #expect(kind("1\n2\n3\n") == nil)
    #expect(kind("1\n2\n3\n4\n")?.kind == .limit)
    limits.fileBytes = 5
    #expect(kind("1\n2\n3\n")?.kind == .limit)
  }

  @Test("a line of 20 MB without an end stops at the limit") func endlessLine() {
    for start in ["", "\""] {
      let error = failure(Array("a\n\(start)".utf8) + [UInt8](repeating: 0x78, count: 20 << 20))
      #expect(error == SpreadsheetError(.limit, "it is longer than 65536 bytes", line: 2))
    }
    #expect(failure([UInt8](repeating: UInt8(ascii: ","), count: 1 << 20))?.kind == .limit)
  }

  @Test("what the caller throws comes through and stops the reading") func callerStops() throws {
    struct Stop: Error {}
    let path = TemporaryFolder.path + "/s.csv"
    try write("1\n2\n3\n", to: path)
    var seen = 0
    #expect(throws: Stop.self) {
      try Spreadsheet.read(path: path) { _, _ in
        seen += 1
        if seen == 2 { throw Stop() }
      }
    }
    #expect(seen == 2)
  }

  /// Goal: writer and reader agree. Method: random tables of awkward texts, there and back.
  @Test("what CSVWriter writes reads back") func roundTrip() throws {
    var generator = SeededGenerator(seed: 5)
    let letters = ["a", "\"", " ", "é", "=", "'"]
    for round in 0..<100 {
      // A cell with a line that could be a row of the table by itself is taken for a stray quote's work.
      let alphabet = letters + (round % 2 == 0 ? [","] : ["\n", "\r\n"])
      let table = (0..<5).map { _ in
        (0..<3).map { _ in
          "x"
            + (0..<Int.random(in: 0...6, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? ""
            }
            .joined() + "x"
        }
      }
      let bytes = CSVWriter.bytes(of: SheetTable(header: table[0], rows: table.dropFirst().map { $0.map(Cell.text) }))
      #expect(try read(bytes).rows.map { $0.cells.map(\.string) } == table)
    }
  }

  /// Goal: no bytes trap or hang. Method: random bytes from an alphabet of what CSV gives a meaning.
  @Test("random bytes never trap") func random() {
    var generator = SeededGenerator(seed: 6)
    let alphabet: [UInt8] = [0x22, 0x2c, 0x0a, 0x0d, 0x20, 0x61, 0, 0xff, 0xef, 0xbb, 0xbf]
    for _ in 0..<500 {
      _ = failure(
        (0..<Int.random(in: 0...60, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 })
    }
  }
}
