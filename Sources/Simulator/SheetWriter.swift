/// Bytes of a sheet.
enum SheetWriter {
  static func write(_ sheet: LeadSheet, _ texts: DayTexts, into folder: String) throws(SimulatorError) {
    let table = sheet.table(texts)
    var file = try OutputFile("\(folder)/\(sheet.name)", .create)
    let bytes = csv(header: table.header, rows: table.rows)
    try file.write { $0 = bytes }
    try file.flush()
  }

  static func csv(header: [String], rows: [[String]]) -> [UInt8] {
    var bytes: [UInt8] = []
    for row in [header] + rows {
      for (position, cell) in row.enumerated() {
        if position > 0 { bytes.append(UInt8(ascii: ",")) }
        if cell.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d, 0x20].contains($0) }) {
          bytes.append(UInt8(ascii: "\""))
          for byte in cell.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
          }
          bytes.append(UInt8(ascii: "\""))
        } else {
          bytes.appendText(cell)
        }
      }
      bytes.appendText("\r\n")
    }
    return bytes
  }
}
