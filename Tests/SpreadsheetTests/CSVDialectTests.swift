import Foundation
import Spreadsheet
import TestSupport
import Testing

/// CSV as people's programs write it. Right answers are those of Python's csv module and of spreadsheet programs.
@Suite("Dialects of CSV", .temporaryFolder)
struct CSVDialectTests {
  /// Lines and cells, and lines that are no records.
  private func table(_ bytes: [UInt8]) throws -> (rows: [[String]], broken: [Int], report: SheetReport) {
    let path = TemporaryFolder.path + "/\(UUID().uuidString).csv"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    var rows: [[String]] = []
    var broken: [Int] = []
    let report = try Spreadsheet.read(
      path: path, broken: { line, _, _ in broken.append(line) }, row: { rows.append($1.map(\.string)) })
    return (rows, broken, report)
  }

  private func table(_ text: String) throws -> (rows: [[String]], broken: [Int], report: SheetReport) {
    try table(Array(text.utf8))
  }

  @Test("commas, semicolons, tabs, bars, and what a first line says part cells", arguments: [",", ";", "\t", "|"])
  func separators(separator: String) throws {
    let text = "day;note;amount\n2026-10-01;\"a, b; c | d\te\";1\n".replacing(";", with: separator)
    let cell = "a, b; c | d\te".replacing(";", with: separator)
    #expect(try table(text).rows == [["day", "note", "amount"], ["2026-10-01", cell, "1"]])
    #expect(try table("sep=\(separator)\r\n" + text).rows.first == ["day", "note", "amount"])
  }

  @Test("what a first line says holds against what the second looks like")
  func saidSeparator() throws {
    #expect(try table("\"sep=;\"\na,b;c\n1,2;3\n").rows == [["a,b", "c"], ["1,2", "3"]])
  }

  @Test("UTF-16 in both orders, with and without a mark, Windows-1252, and UTF-8 are read")
  func encodings() throws {
    let text = "name,city\nZoë Müller,Kraków\n"
    let rows = [["name", "city"], ["Zoë Müller", "Kraków"]]
    func wide(_ isLittle: Bool) -> [UInt8] {
      text.utf16.flatMap { isLittle ? [UInt8($0 & 0xff), UInt8($0 >> 8)] : [UInt8($0 >> 8), UInt8($0 & 0xff)] }
    }
    for bytes in [[0xff, 0xfe] + wide(true), [0xfe, 0xff] + wide(false), wide(true), wide(false)] {
      let found = try table(bytes)
      #expect(found.rows == rows && found.report.encoding == .utf16)
    }
    #expect(try table("\u{feff}" + text).rows == rows)
    let narrow = try table(Array("city,price\nK".utf8) + [0xf6] + Array("ln,5 ".utf8) + [0x80] + Array("\n".utf8))
    #expect(narrow.rows == [["city", "price"], ["Köln", "5 €"]])
    #expect(narrow.report.encoding == .windows1252 && narrow.report.repairedFields == 0)
  }

  @Test("lines of an old Macintosh are lines") func carriageReturns() throws {
    #expect(try table("a,b\r1,2\r").rows == [["a", "b"], ["1", "2"]])
  }

  @Test("a quoted word at the start of a cell is read as Python and spreadsheet programs read it")
  func quotedWord() throws {
    let found = try table("id,firm,phone\n1,\"Acme\" Ltd,5\n2,plain,6\n3,\"Beta, Inc.\",7\n4,2\" pipe,8\n")
    #expect(
      found.rows.dropFirst() == [
        ["1", "Acme Ltd", "5"], ["2", "plain", "6"], ["3", "Beta, Inc.", "7"], ["4", "2\" pipe", "8"],
      ])
    #expect(found.broken.isEmpty)
  }

  @Test("cells of several lines stay one cell")
  func longCells() throws {
    let note = "first, with a comma\nsecond \"quoted\"\n\nfourth"
    let cell = "\"\(note.replacing("\"", with: "\"\""))\""
    let found = try table("id,note,phone\n1,\(cell),5\n2,x,6\n")
    #expect(found.rows.dropFirst() == [["1", note, "5"], ["2", "x", "6"]] && found.broken.isEmpty)
  }

  /// Goal: no line is lost or bent because of another one's quote. Method: one stray quote at every place of a table some of
  /// whose cells are quoted; every other line must come as it stands.
  @Test("a stray quote costs its own line at most, wherever it stands")
  func strayQuotes() throws {
    let lines = [
      "id,firm,city,phone", "1,Acme,Rome,11", "2,\"Beta, Inc.\",Oslo,22", "3,Gamma,\"Bonn\",33", "4,\"Delta\",Bern,44",
      "5,Epsilon,Graz,55",
    ]
    let clean = try table(lines.joined(separator: "\n") + "\n").rows
    for line in 1..<lines.count {
      for place in 0...lines[line].count {
        var changed = lines
        changed[line].insert("\"", at: changed[line].index(changed[line].startIndex, offsetBy: place))
        let found = try table(changed.joined(separator: "\n") + "\n")
        for other in 1..<lines.count where other != line {
          #expect(found.rows.contains(clean[other]), "line \(other + 1) for a quote at \(place) of line \(line + 1)")
        }
        #expect(found.broken.allSatisfy { $0 == line + 1 })
        #expect(found.rows.count + found.broken.count == lines.count)
      }
    }
  }
}
