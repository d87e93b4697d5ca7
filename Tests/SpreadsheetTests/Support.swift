import Files
import Foundation
import Spreadsheet
import TestSupport

typealias Row = (number: Int, cells: [Cell])

/// Writes `bytes` into the test's folder and reads them as a sheet.
func read(
  _ bytes: [UInt8], limits: SpreadsheetLimits = SpreadsheetLimits()
) throws -> (rows: [Row], report: SheetReport) {
  let path = TemporaryFolder.path + "/sheet-\(UUID().uuidString)"
  try Files.create(path, with: bytes, mode: 0o600)
  defer { try? Files.remove(path) }
  return try read(path: path, limits: limits)
}

func read(
  path: String, limits: SpreadsheetLimits = SpreadsheetLimits()
) throws -> (rows: [Row], report: SheetReport) {
  var rows: [Row] = []
  let report = try Spreadsheet.read(path: path, limits: limits) { rows.append(($0, $1)) }
  return (rows, report)
}

func failure(_ bytes: [UInt8], limits: SpreadsheetLimits = SpreadsheetLimits()) -> SpreadsheetError? {
  do {
    _ = try read(bytes, limits: limits)
    return nil
  } catch {
    return error as? SpreadsheetError
  }
}

/// A ZIP container of stored entries, by hand, so that tests can also lie in it.
func zip(_ entries: [(name: String, bytes: [UInt8])], sharingBytes: Bool = false) -> [UInt8] {
  var output: [UInt8] = []
  var directory: [UInt8] = []
  func little<I: FixedWidthInteger>(_ value: I) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
  for entry in entries {
    let sizes = little(crc32(entry.bytes)) + little(UInt32(entry.bytes.count)) + little(UInt32(entry.bytes.count))
    let name = Array(entry.name.utf8)
    let header = little(UInt16(20)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0x21_0000)) + sizes
    let offset = sharingBytes ? 0 : UInt32(output.count)
    if !sharingBytes || output.isEmpty {
      output += [0x50, 0x4b, 3, 4] + header + little(UInt16(name.count)) + little(UInt16(0)) + name + entry.bytes
    }
    directory += [0x50, 0x4b, 1, 2] + little(UInt16(20)) + header + little(UInt16(name.count))
    directory += [UInt8](repeating: 0, count: 12) + little(offset) + name
  }
  let count = little(UInt16(entries.count))
  let start = little(UInt32(output.count))
  return output + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + little(UInt32(directory.count)) + start
    + [0, 0]
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc: UInt32 = 0xffff_ffff
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
  }
  return ~crc
}

/// A workbook whose worksheet, strings and styles are the given XML.
func workbook(
  rows: String, strings: String? = nil, styles: String? = nil, prologue: String = "", properties: String = ""
) -> [UInt8] {
  let sheet = "\(prologue)<worksheet><sheetData>\(rows)</sheetData></worksheet>"
  var entries = [
    (
      name: "xl/workbook.xml",
      bytes: Array("<workbook>\(properties)<sheets><sheet name=\"a\"/></sheets></workbook>".utf8)
    ),
    (name: "xl/worksheets/sheet1.xml", bytes: Array(sheet.utf8)),
  ]
  if let strings { entries.append((name: "xl/sharedStrings.xml", bytes: Array("<sst>\(strings)</sst>".utf8))) }
  if let styles { entries.append((name: "xl/styles.xml", bytes: Array("<styleSheet>\(styles)</styleSheet>".utf8))) }
  return zip(entries)
}

func write(_ text: String, to path: String) throws { try Files.create(path, with: Array(text.utf8), mode: 0o600) }
