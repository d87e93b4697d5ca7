import Foundation
import SQLite
import TestSupport
import Testing

@Suite("What people take away", .temporaryFolder)
struct ReportOutputTests {
  /// Goal: nobody decides on old figures without being told. Method: take the marks of the last reading back by two hours.
  @Test("a stale report is printed, says so in words, and ends with 65")
  func stale() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    #expect(try workspace.run("report", "monthly-sales").output.contains("data are "))
    do {
      let mart = try Database(workspace.generationFile("sales"), .readWrite)
      try mart.execute("UPDATE millrace_sources SET read_up_to = read_up_to - 2 * 3600 * 1000")
    }
    let table = try workspace.run("report", "monthly-sales", expecting: 65)
    #expect(table.output.contains("STALE: data are 2 h old, the limit is 60 min"), "\(table.output.prefix(300))")
    let document = try workspace.run("report", "monthly-sales", "--format", "json", expecting: 65)
    #expect(try workspace.json(document.outputBytes)["stale"] as? Bool == true && document.errors.contains("STALE"))
    #expect(try workspace.run("report", "monthly-sales", "--format", "csv", expecting: 65).errors.contains("STALE"))
    #expect(try workspace.run("status", expecting: 73).output.contains("sales"))
    // The other marts are fresh.
    try workspace.run("report", "site-traffic")
  }

  @Test("a report whose source was never read is stale, not fresh") func neverRead() throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 3, orders: 60, weblogLines: 200)
    try FileManager.default.removeItem(atPath: "\(workspace.folder)/sources/weblogs")
    try workspace.catchUp()
    #expect(try workspace.run("report", "site-traffic", expecting: 65).output.contains("STALE"))
    try workspace.run("report", "monthly-sales")
  }

  /// Goal: an exported cell never runs (CWE-1236). Method: products, companies and campaigns named like formulas, in every
  /// CSV report, and nothing on a terminal that moves its cursor.
  @Test(
    "names that a spreadsheet would run as formulas are neutralised in CSV, and control characters never reach a terminal"
  )
  func formulas() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let payloads = [
      "=HYPERLINK(\"http://evil.example\",\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\u{ff1d}1+1", "  =1",
    ]
    let marks = ["\u{1b}]0;owned\u{7}", "\u{202e}gnp.exe", "\u{1b}[2J"]
    var database: Database? = try Database(workspace.platformFile, .readWrite)
    for (index, payload) in (payloads + marks).enumerated() {
      let quoted = payload.replacing("'", with: "''")
      try database?.execute(
        "UPDATE products SET name = '\(quoted)', category = '\(quoted)' WHERE id = (SELECT id FROM products ORDER BY id LIMIT 1 OFFSET \(index))"
      )
      try database?.execute(
        "UPDATE companies SET name = '\(quoted)' WHERE cuit = (SELECT cuit FROM companies ORDER BY cuit LIMIT 1 OFFSET \(index))"
      )
    }
    // Every order sells the hostile products, so that they are sure to be in the reports.
    let products = try #require(try database?.rows("SELECT id FROM products ORDER BY id") { $0.int64(0) }).prefix(
      (payloads + marks).count)
    for (index, product) in products.enumerated() {
      try database?.execute("UPDATE order_items SET product_id = \(product) WHERE id % \(products.count) = \(index)")
    }
    database = nil
    for (index, payload) in payloads.enumerated() {
      try workspace.dropSheet(
        "z\(index).csv",
        TestWorkspace.leadHeader
          + "H\(index),2026-10-01T00:00:00Z,\"\(payload.replacing("\"", with: "\"\""))\",Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,new,2026-10-02T00:00:00Z\n"
      )
    }
    try workspace.catchUp()
    var neutralised = 0
    for name in TestWorkspace.allReports {
      let table = try workspace.run("report", name, "--as-of", "2026-10-31")
      #expect(
        !table.output.unicodeScalars.contains { $0.value == 0x1b || $0.value == 7 || $0.value == 0x202e }, "\(name)")
      let document = try workspace.run("report", name, "--as-of", "2026-10-31", "--format", "json")
      #expect(
        !document.output.unicodeScalars.contains { $0.value == 0x1b || $0.value == 7 || $0.value == 0x202e }, "\(name)")
      let onTerminal = try ChildProcess.run(
        [
          "/usr/bin/script", "-qec",
          "'\(Place.millrace)' report \(name) --as-of 2026-10-31 --format csv --workspace '\(workspace.folder)'",
          "/dev/null",
        ], folder: workspace.folder)
      #expect(
        onTerminal.output.contains(",")
          && !onTerminal.output.unicodeScalars.contains { $0.value == 0x1b || $0.value == 7 || $0.value == 0x202e },
        "\(name) as CSV on a terminal")
      let csv = try workspace.run("report", name, "--as-of", "2026-10-31", "--format", "csv")
      for cell in Self.cells(csv.output) {
        let body = cell.drop { $0 == " " || $0 == "\u{a0}" }
        if cell.hasPrefix("'") { neutralised += 1 }
        guard let first = body.unicodeScalars.first, "=+@\t\r\u{ff1d}".unicodeScalars.contains(first) || first == "-"
        else { continue }
        #expect(Double(cell) != nil, "\(name): a cell that runs: \(cell.debugDescription)")
      }
    }
    #expect(neutralised > payloads.count)
  }

  /// The cells of a CSV text (RFC 4180), read without the product's reader.
  private static func cells(_ text: String) -> [String] {
    var cells: [String] = []
    var cell = ""
    var isQuoted = false
    var scalars = text.unicodeScalars.makeIterator()
    var pending = scalars.next()
    while let scalar = pending {
      pending = scalars.next()
      if isQuoted {
        if scalar != "\"" {
          cell.unicodeScalars.append(scalar)
        } else if pending == "\"" {
          cell.unicodeScalars.append(scalar)
          pending = scalars.next()
        } else {
          isQuoted = false
        }
      } else if scalar == "\"" {
        isQuoted = true
      } else if scalar == "," || scalar == "\n" {
        cells.append(cell.hasSuffix("\r") ? String(cell.dropLast()) : cell)
        cell = ""
      } else if !(scalar == "\r" && pending == "\n") {
        cell.unicodeScalars.append(scalar)
      }
    }
    return cells
  }

  @Test(
    "a snapshot refuses an existing file, is one state without a -wal, and all its views answer",
    arguments: TestWorkspace.marts)
  func snapshot(mart: String) throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(faults: 0.02)
    let file = "\(TemporaryFolder.path)/copy.sqlite"
    try workspace.run("snapshot", mart, file)
    #expect(!FileManager.default.fileExists(atPath: file + "-wal"))
    let before = try Data(contentsOf: URL(fileURLWithPath: file))
    #expect(try workspace.run("snapshot", mart, file, expecting: 69).errors.contains("exists already"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == before, "a refused copy must not touch the file")

    let copy = try Database(file, .readOnly)
    let views = try copy.rows("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name") { $0.text(0) }
    #expect(views.count >= 2 && views.contains("flagged_rows"))
    let described = try workspace.run("describe", mart).output
    for view in views {
      #expect(described.contains(view), "\(view) is not in the dictionary")
      let statement = try copy.prepare("SELECT * FROM \"\(view)\"")
      while try statement.step() {}
      for column in 0..<statement.columnCount {
        #expect(described.contains(statement.columnName(column)), "\(view).\(statement.columnName(column))")
      }
    }
    #expect(try copy.string("PRAGMA integrity_check") == "ok")
  }
}
