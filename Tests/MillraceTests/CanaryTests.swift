import Foundation
import SQLite
import TestSupport
import Testing

/// Personal data end to end: what goes in as a person must not come out anywhere.
@Suite("Canaries", .temporaryFolder)
struct CanaryTests {
  /// Each personal field of each source, with a value that occurs nowhere else.
  private static let canaries: [String: String] = [
    "customer.document_number": "77918273645", "customer.username": "kanarie.gebruiker",
    "customer.full_name": "Zwartje Kanariev\u{f6}gel", "customer.email": "Zwartje.Prive@kanarie.example",
    "customer.phone": "+5491187654321", "customer.birth_date": "1961-02-27",
    "customer.address": "Vogelkooistraat 77182",
    "customer.payment_card": "4556737586899855", "customer.invalid_card": "4556737586899851",
    "order.ship_to_address": "Zangzaadlaan 99183", "order.note": "bel Tjilpmeester na vijven",
    "order.note.card": "5425233430109903", "order.note.cvv": "cvv 90817",
    "person.cuit": "20551928374", "person.name": "Kwetteraar Eenmanszaak", "company.login": "kwetter.login",
    "malformed.cuit": "K9-55-1928", "malformed.name": "Misvormde Kanarie", "web.user": "webvogel.aangemeld",
    "web.ip": "203.0.113.217", "web.ip6": "2001:db8:77:1928::beef", "web.query_email": "query.vogel@kanarie.example",
    "web.path_email": "pad.vogel@kanarie.example", "web.path_card": "4916338506082832",
    "web.referrer_email": "verwijzer.vogel@kanarie.example", "web.query_token": "geheimtoken77182",
    "web.utm_email": "utm.vogel@kanarie.example", "web.rejected": "afgekeurde.regel.kanarie",
    "lead.contact_name": "Contactpersoon Kanarie", "lead.contact_email": "lead.vogel@kanarie.example",
    "lead.contact_phone": "+5491176543210", "rejected_row.address": "Afgekeurdestraat 81726",
    "rejected_row.email": "afgekeurde.rij@kanarie.example", "rejected_row.date": "onmogelijke-kanariedatum",
    "updated.email": "nieuwe.post@kanarie.example", "updated.full_name": "Omgedoopte Kanarie",
    "rejected_lead.email": "lead.afgekeurd@kanarie.example",
    "sheet.without_columns": "kolomloze.kanarie@kanarie.example",
    "sheet.unreadable": "onleesbaar.blad.kanarie", "quarantined_order.address": "Karantainestraat 55172",
    // A file's name is shown, so that it can be found; what in it is of a personal form is not.
    "sheet.file_name": "bestandsnaam.kanarie@kanarie.example",
  ]

  private static func canary(_ name: String) -> String { canaries[name] ?? "" }

  /// Goal: a scanner that finds nothing proves something. Method: each canary, planted in each of its forms in the middle of
  /// other bytes, is found.
  @Test("the scanner finds what is planted") func negativeControl() throws {
    let scanner = CanaryScanner(Self.canaries)
    #expect(scanner.needles.count > Self.canaries.count * 8)
    for needle in scanner.needles {
      let hits = scanner.hits(in: Data("some bytes before ".utf8) + needle.bytes + Data(" and after".utf8))
      #expect(hits.contains { $0.hasPrefix("\(needle.canary) (") }, "\(needle.canary) \(needle.form)")
    }
    let value = Self.canary("customer.email")
    for shift in 0..<3 {
      let text =
        (String(repeating: "x", count: shift) + value + "tail").data(using: .utf8)?.base64EncodedData() ?? Data()
      #expect(scanner.hits(in: text).contains { $0.hasPrefix("customer.email (base64") })
    }
    // In a file of a workspace, a clear value in an SQLite page and a name of a file.
    let folder = "\(TemporaryFolder.path)/control"
    try FileManager.default.createDirectory(atPath: "\(folder)/deep", withIntermediateDirectories: true)
    let database = try Database("\(folder)/deep/x.sqlite", .readWriteCreate)
    try database.execute("CREATE TABLE t(a)")
    try database.run("INSERT INTO t VALUES (?1)", [.text(value)])
    try Data().write(to: URL(fileURLWithPath: "\(folder)/\(Self.canary("web.user")).txt"))
    let hits = try scanner.hits(below: folder, except: [])
    #expect(hits.contains { $0.contains("x.sqlite: customer.email (plain)") })
    #expect(hits.contains { $0.contains("name of") && $0.contains("web.user") })
    #expect(try scanner.hits(below: folder, except: ["deep"]).allSatisfy { !$0.contains("customer.email") })
  }

  /// Writes canaries into every source. Rows of every fate: applied, flagged, rejected by capture, quarantined later.
  private func plant(in workspace: TestWorkspace) throws {
    let canary = Self.canary
    do {
      let database = try Database(workspace.platformFile, .readWrite)
      try database.run(
        "INSERT INTO companies VALUES (?1, ?2, 'supplier', 'US', ?3)",
        [.text(canary("person.cuit")), .text(canary("person.name")), .text(canary("company.login"))])
      try database.run(
        "INSERT INTO companies VALUES (?1, ?2, 'client', 'US', NULL)",
        [.text(canary("malformed.cuit")), .text(canary("malformed.name"))])
      try database.run(
        "INSERT INTO products VALUES (990001, 'Canary seed', 'seeds', ?1, '2.00')", [.text(canary("person.cuit"))])
      try database.run(
        "INSERT INTO company_catalogs VALUES (?1, 990001, '2.50', 'USD', '2026-01-01')", [.text(canary("person.cuit"))])
      func customer(_ id: Int64, _ values: [String: String]) throws {
        try database.run(
          "INSERT INTO customers VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'US', ?9, ?10)",
          [.integer(id)]
            + [
              "company_cuit", "document_number", "username", "full_name", "email", "phone", "birth_date", "address",
              "payment_card",
            ]
            .map { Value.optional(values[$0]) })
      }
      let whole = [
        "company_cuit": canary("person.cuit"), "document_number": canary("customer.document_number"),
        "username": canary("customer.username"), "full_name": canary("customer.full_name"),
        "email": canary("customer.email"), "phone": canary("customer.phone"),
        "birth_date": canary("customer.birth_date"),
        "address": canary("customer.address"), "payment_card": canary("customer.payment_card"),
      ]
      try customer(990_001, whole)
      // The same document under another name (flagged), the card's check digit wrong (dropped, flagged).
      try customer(
        990_002,
        whole.merging(["full_name": canary("person.name"), "payment_card": canary("customer.invalid_card")]) { $1 })
      try customer(
        990_003,
        [
          "address": canary("rejected_row.address"), "email": canary("rejected_row.email"),
          "birth_date": canary("rejected_row.date"),
        ])
      func order(_ id: Int64, currency: String, address: String) throws {
        try database.run(
          """
          INSERT INTO orders VALUES (?1, ?2, 990001, 'b2b', NULL, 'sale', NULL, 'completed', NULL, '2026-10-20', ?3, 'US', ?4, ?5,
            '2026-10-20T10:00:00Z', '2026-10-20T10:00:00Z')
          """,
          [
            .integer(id), .text(canary("person.cuit")), .text(currency), .text(address),
            .text("\(canary("order.note")) \(canary("order.note.card")) \(canary("order.note.cvv"))"),
          ])
        try database.run("INSERT INTO order_items VALUES (?1, ?1, 990001, 4, '2.50')", [.integer(id)])
      }
      try order(990_001, currency: "USD", address: canary("order.ship_to_address"))
      try order(990_002, currency: "XQX", address: canary("quarantined_order.address"))
    }
    try weblog(workspace)
    try workspace.dropSheet(
      "zz-1-\(canary("sheet.file_name")).csv",
      TestWorkspace.leadHeader
        + "K1,2026-10-01T00:00:00Z,Spring,Acme,retail,\(canary("lead.contact_name")),\(canary("lead.contact_email")),\(canary("lead.contact_phone")),trade show,1.00,US,new,2026-10-02T00:00:00Z\n"
        + "K2,2026-10-01T00:00:00Z,Spring,Acme,retail,Ana,\(canary("rejected_lead.email")),1,trade show,1.00,US,no such status,2026-10-02T00:00:00Z\n"
    )
    try workspace.dropSheet(
      "zz-2.csv", "lead_id,contact_email,odd\nK3,\(canary("sheet.without_columns")),1\n")
    try workspace.dropSheet("zz-3.xlsx", "PK no workbook: \(canary("sheet.unreadable"))")
  }

  private func weblog(_ workspace: TestWorkspace) throws {
    let canary = Self.canary
    func encoded(_ name: String) -> String { canary(name).replacing("@", with: "%40") }
    for line in [
      TestWorkspace.line(
        ip: canary("web.ip"), user: canary("web.user"),
        target: "/account?email=\(encoded("web.query_email"))&t=\(canary("web.query_token"))"),
      TestWorkspace.line(
        ip: canary("web.ip6"), target: "/u/\(canary("web.path_email"))/pay/\(canary("web.path_card"))"),
      TestWorkspace.line(
        ip: canary("web.ip"), user: canary("customer.username"),
        referrer: "https://x.example/?q=\(encoded("web.referrer_email"))"),
      TestWorkspace.line(ip: canary("web.ip6"), referrer: "https://x.example/\(canary("web.referrer_email"))/"),
      TestWorkspace.line(
        ip: canary("web.ip"), user: canary("company.login"),
        target: "/?utm_source=\(encoded("web.utm_email"))&utm_medium=email&utm_campaign=\(canary("web.utm_email"))"),
      "\(canary("web.ip")) - \(canary("web.user")) [no time] \"GET /\(canary("web.rejected")) HTTP/1.1\" 200 1\n",
      "\(canary("web.rejected"))\n",
      TestWorkspace.line(ip: canary("web.rejected"), user: canary("web.user"), status: 200),
    ] { try workspace.appendToAccessLog(line) }
  }

  /// Changes after the first capture, so that before and after images come through the change table.
  private func change(_ workspace: TestWorkspace) throws {
    let database = try Database(workspace.platformFile, .readWrite)
    try database.run(
      "UPDATE customers SET email = ?1, full_name = ?2 WHERE id = 990001",
      [.text(Self.canary("updated.email")), .text(Self.canary("updated.full_name"))])
    try database.run(
      "UPDATE orders SET note = ?1, status = 'returned', updated_at = '2026-10-25T10:00:00Z' WHERE id = 990001",
      [.text("\(Self.canary("order.note")) again \(Self.canary("order.note.card")) \(Self.canary("order.note.cvv"))")])
    try database.run("DELETE FROM customers WHERE id = 990002")
    try workspace.dropSheet(
      "zz-4.csv",
      TestWorkspace.leadHeader
        + "K1,2026-10-01T00:00:00Z,Spring,Acme,retail,\(Self.canary("lead.contact_name")),\(Self.canary("lead.contact_email")),\(Self.canary("lead.contact_phone")),trade show,1.00,US,contacted,2026-10-03T00:00:00Z\n"
    )
  }

  /// Everything a person could type, with everything that was printed.
  private func everyAnswer(_ workspace: TestWorkspace) throws -> Data {
    var printed = Data()
    func note(_ words: [String]) throws {
      let result = try ChildProcess.run(
        [Place.millrace] + words + ["--workspace", workspace.folder], folder: TemporaryFolder.path)
      printed += result.outputBytes + result.errorBytes
    }
    for report in TestWorkspace.allReports {
      for format in ["table", "csv", "json"] {
        try note(["report", report, "--as-of", "2026-10-31", "--format", format, "--top", "1000"])
      }
    }
    try note(["report", "popular-products", "--by", "profile", "--as-of", "2026-10-31"])
    for words in [
      ["status"], ["status", "--format", "json"], ["runs"], ["runs", "--format", "json"], ["log", "topics"],
      ["log", "tail", "--limit", "1000"], ["log", "verify"], ["log", "scan"], ["sanitize", "--stdout", "--once"],
      ["quarantine", "list"], ["quarantine", "show", "--format", "json"], ["quarantine", "export"],
    ] { try note(words) }
    for mart in TestWorkspace.marts {
      try note(["describe", mart])
      let file = "\(workspace.folder)/copy-of-\(mart).sqlite"
      try? FileManager.default.removeItem(atPath: file)
      try note(["snapshot", mart, file])
      // Views compute what tables do not hold: look at every cell that a person can see.
      let copy = try Database(file, .readOnly)
      for view in try copy.rows("SELECT name FROM sqlite_schema WHERE type IN ('view', 'table')", [], { $0.text(0) }) {
        let statement = try copy.prepare("SELECT * FROM \"\(view)\"")
        while try statement.step() {
          for column in 0..<statement.columnCount {
            if case .blob(let bytes) = statement.value(column) {
              printed += Data(bytes)
            } else {
              printed += Data(statement.text(column).utf8)
            }
            printed.append(0x0a)
          }
        }
      }
    }
    return printed
  }

  /// Goal: no clear personal data outside the sources. Method: unique values in every personal field of every source, in rows
  /// of every fate; then every file of the workspace but the sources, and everything printed, searched in many encodings.
  @Test("no personal value comes out anywhere, in any encoding")
  func nothingComesOut() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(faults: 0.02, projected: false)
    try plant(in: workspace)
    let scanner = CanaryScanner(Self.canaries)
    // The sources do hold them, or the scan below proves nothing.
    let sources = Set(
      try scanner.hits(below: "\(workspace.folder)/sources", except: []).compactMap {
        $0.split(separator: ": ").last.map { String($0) }
      })
    for name in Self.canaries.keys where !name.hasPrefix("updated.") {
      #expect(sources.contains { $0.hasPrefix("\(name) (") }, "\(name) was not planted")
    }

    var printed = Data()
    for pass in 0..<2 {
      if pass == 1 { try change(workspace) }
      for command in ["capture", "project"] {
        let result = try workspace.run(command, "--once")
        printed += result.outputBytes + result.errorBytes
      }
      printed += try everyAnswer(workspace)
      // Later, newer sheets settle what was refused of older ones.
      if pass == 0 { try expectArrived(workspace) }
    }
    #expect(scanner.hits(in: printed) == [])
    #expect(try scanner.hits(below: workspace.folder, except: ["sources", "truth.json"]) == [])

    // A note is not even taken into the change table in the platform's own database.
    let changes = try Database(workspace.platformFile, .readOnly)
    let columns = try changes.rows("SELECT name FROM pragma_table_info('millrace_changes')") { $0.text(0) }
    var held = Data()
    try changes.query("SELECT * FROM millrace_changes") { row in
      for column in columns.indices { held += Data(row.text(Int32(column)).utf8) + Data([0x0a]) }
    }
    #expect(!scanner.hits(in: held).isEmpty, "the change table should hold the changed customer")
    #expect(scanner.hits(in: held).filter { $0.hasPrefix("order.note") } == [])
  }

  /// That the planted rows went the ways they were meant to go.
  private func expectArrived(_ workspace: TestWorkspace) throws {
    let status = try workspace.status()
    let quarantine = try #require(status["quarantine"] as? [String: Int])
    for reason in [
      "weblog.unparsable", "row.unknownValue", "sheet.missingColumn", "sheet.unreadable", "money.unknownCurrency",
      "date.impossible",
    ] {
      #expect(quarantine[reason, default: 0] > 0, "\(reason): \(quarantine)")
    }
    let companies = try workspace.rows(["company-sales", "--as-of", "2026-10-31"])
    #expect(companies.contains { $0["company_name"] as? String == "natural person" })
    let sales = try workspace.snapshot("sales")
    #expect(try sales.integer("SELECT count(*) FROM orders WHERE order_id = 990001") == 1)
  }

  /// Goal: error paths do not talk either. Method: break one thing after another while canaries are in hand.
  @Test("errors and broken sources print no personal value") func errors() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    try plant(in: workspace)
    let scanner = CanaryScanner(Self.canaries)
    var printed = Data()
    func note(_ words: [String]) throws -> Int32 {
      let result = try ChildProcess.run(
        [Place.millrace] + words + ["--workspace", workspace.folder], folder: TemporaryFolder.path)
      printed += result.outputBytes + result.errorBytes
      return result.status
    }
    // A key that is not the one that sealed.
    _ = try note(["capture", "--once"])
    let key = try Data(contentsOf: URL(fileURLWithPath: workspace.keyFile))
    try Data((0..<32).map { UInt8($0) }).write(to: URL(fileURLWithPath: workspace.keyFile))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: workspace.keyFile)
    #expect(try note(["project", "--once"]) == 70)
    try key.write(to: URL(fileURLWithPath: workspace.keyFile))
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: workspace.keyFile)
    // Records of the log that are damaged.
    do {
      let log = try Database(workspace.logFile, .readWrite)
      for row in try log.rows("SELECT id, payload FROM batches", [], { ($0.int64(0), $0.blob(1)) }) {
        var payload = row.1
        for index in stride(from: 40, to: payload.count, by: 97) { payload[index] ^= 0x15 }
        try log.run("UPDATE batches SET payload = ?1 WHERE id = ?2", [.blob(payload), .integer(row.0)])
      }
    }
    #expect(try note(["project", "--once"]) != 0)
    _ = try note(["log", "tail", "--limit", "1000"])
    #expect(try note(["log", "verify"]) == 68)
    // Columns of another type, a table that is gone.
    try workspace.onPlatform(
      "DROP TRIGGER IF EXISTS millrace_customers_update; ALTER TABLE customers RENAME COLUMN email TO mail")
    try workspace.onPlatform("UPDATE customers SET country = x'00ff'")
    _ = try note(["capture", "--once"])
    try workspace.onPlatform("DROP TABLE order_items")
    _ = try note(["capture", "--once"])
    _ = try note(["status"])
    _ = try note(["runs"])
    #expect(scanner.hits(in: printed) == [])
    #expect(try scanner.hits(below: workspace.folder, except: ["sources", "truth.json"]) == [])
  }

  /// Goal: a crash spills nothing. Method: SIGSEGV and SIGABRT while `run` has canaries in hand, with the setting that the
  /// launchers make; what it printed, and every file it left, are searched. Then the work goes on.
  @Test("a crash prints nothing of memory and leaves no clear value behind", arguments: [SIGSEGV, SIGABRT])
  func crash(signal: Int32) throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    try plant(in: workspace)
    let scanner = CanaryScanner(Self.canaries)
    let process = try ChildProcess(
      [Place.millrace, "run", "--workspace", workspace.folder], environment: ["SWIFT_BACKTRACE": "enable=no"],
      folder: TemporaryFolder.path)
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    try eventually("run has captured something") {
      let events = try workspace.runs().compactMap { ($0["counts"] as? [String: Int])?["events"] }
      return process.hasEnded || events.contains { $0 > 0 }
    }
    process.signal(signal)
    let result = process.wait()
    #expect(result.status == 128 + signal, "\(result.status)")
    // Beside its first words only lines of the log, which tell of the sheet that is no workbook.
    let lines = result.errors.split(separator: "\n")
    #expect(
      lines.first == "Running until Ctrl-C." && lines.dropFirst().allSatisfy { $0.hasPrefix("time=") }
        && result.output.isEmpty, "\(result.errors)\(result.output)")
    #expect(scanner.hits(in: Data(result.errors.utf8)) == [])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: TemporaryFolder.path).filter { $0.hasPrefix("core") } == [])
    #expect(try scanner.hits(below: workspace.folder, except: ["sources", "truth.json"]) == [])
    try workspace.catchUp()
    try workspace.expectBalance(workspace.status())
    #expect(try scanner.hits(below: workspace.folder, except: ["sources", "truth.json"]) == [])
  }
}
