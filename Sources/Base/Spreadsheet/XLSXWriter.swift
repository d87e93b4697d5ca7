/// A workbook of one worksheet, with inline strings. Same table, same bytes: fixed time stamps, fixed order.
package enum XLSXWriter {
  package static func bytes(of table: SheetTable, sheetName: String = "Sheet1") throws(SpreadsheetError) -> [UInt8] {
    var archive = try ZipWriter()
    try archive.add("[Content_Types].xml", Array(contentTypes.utf8))
    try archive.add("_rels/.rels", Array(packageRelations.utf8))
    try archive.add("xl/workbook.xml", workbook(sheetName: sheetName))
    try archive.add("xl/_rels/workbook.xml.rels", Array(workbookRelations.utf8))
    try archive.add("xl/styles.xml", Array(styles.utf8))
    try archive.add("xl/worksheets/sheet1.xml", worksheet(of: table))
    return try archive.finish()
  }

  // Indices of cellXfs in `styles`.
  private static let dateStyle = 1
  private static let timeStyle = 2

  private static func worksheet(of table: SheetTable) throws(SpreadsheetError) -> [UInt8] {
    let limits = SpreadsheetLimits()
    guard table.rows.count < limits.rows else {
      throw SpreadsheetError(.limit, "a worksheet holds at most \(limits.rows) rows")
    }
    var output: [UInt8] = []
    output += declaration.utf8
    output += "<worksheet xmlns=\"\(mainNamespace)\"><sheetData>".utf8
    append(table.header.map(Cell.text), row: 1, to: &output)
    for (index, row) in table.rows.enumerated() { append(row, row: index + 2, to: &output) }
    output += "</sheetData></worksheet>".utf8
    return output
  }

  private static func append(_ cells: [Cell], row: Int, to output: inout [UInt8]) {
    output += "<row r=\"\(row)\">".utf8
    for (column, cell) in cells.enumerated() {
      let place = "\(columnName(column))\(row)"
      switch cell {
      case .empty: break
      case .number(let text) where CSVWriter.isDecimal(text):
        output += "<c r=\"\(place)\"><v>\(text)</v></c>".utf8
      case .date(let text):
        guard let serial = SerialDate.serial(of: text) else {
          append(text, place: place, to: &output)
          continue
        }
        output += "<c r=\"\(place)\" s=\"\(serial.hasTime ? timeStyle : dateStyle)\"><v>\(serial.text)</v></c>".utf8
      case .text(let text), .number(let text), .error(let text): append(text, place: place, to: &output)
      }
    }
    output += "</row>".utf8
  }

  private static func append(_ text: String, place: String, to output: inout [UInt8]) {
    output += "<c r=\"\(place)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">".utf8
    XLSXText.append(text, to: &output)
    output += "</t></is></c>".utf8
  }

  /// "A", "B", … "Z", "AA", … for 0, 1, …
  static func columnName(_ column: Int) -> String {
    var rest = column
    var name = ""
    repeat {
      name = String(UnicodeScalar(UInt8(ascii: "A") + UInt8(rest % 26))) + name
      rest = rest / 26 - 1
    } while rest >= 0
    return name
  }

  private static func workbook(sheetName: String) -> [UInt8] {
    var output: [UInt8] = []
    output += declaration.utf8
    output += "<workbook xmlns=\"\(mainNamespace)\" xmlns:r=\"\(relationNamespace)\"><sheets><sheet name=\"".utf8
    XLSXText.append(sheetName, to: &output)
    output += "\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>".utf8
    return output
  }

  private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
  private static let mainNamespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
  private static let relationNamespace = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
  private static let contentNamespace = "http://schemas.openxmlformats.org/package/2006/content-types"
  private static let packageNamespace = "http://schemas.openxmlformats.org/package/2006/relationships"
  private static let contentType = "application/vnd.openxmlformats-officedocument.spreadsheetml"

  private static let contentTypes = """
    \(declaration)<Types xmlns="\(contentNamespace)">\
    <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
    <Default Extension="xml" ContentType="application/xml"/>\
    <Override PartName="/xl/workbook.xml" ContentType="\(contentType).sheet.main+xml"/>\
    <Override PartName="/xl/worksheets/sheet1.xml" ContentType="\(contentType).worksheet+xml"/>\
    <Override PartName="/xl/styles.xml" ContentType="\(contentType).styles+xml"/></Types>
    """
  private static let packageRelations = """
    \(declaration)<Relationships xmlns="\(packageNamespace)">\
    <Relationship Id="rId1" Type="\(relationNamespace)/officeDocument" Target="xl/workbook.xml"/></Relationships>
    """
  private static let workbookRelations = """
    \(declaration)<Relationships xmlns="\(packageNamespace)">\
    <Relationship Id="rId1" Type="\(relationNamespace)/worksheet" Target="worksheets/sheet1.xml"/>\
    <Relationship Id="rId2" Type="\(relationNamespace)/styles" Target="styles.xml"/></Relationships>
    """
  private static let styles = """
    \(declaration)<styleSheet xmlns="\(mainNamespace)">\
    <numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>\
    <numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>\
    <fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>\
    <fills count="2"><fill><patternFill patternType="none"/></fill>\
    <fill><patternFill patternType="gray125"/></fill></fills>\
    <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
    <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
    <cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
    <xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
    <xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>
    """
}
