import Auditor
import Entity
import Events
import Marts
import Privacy
import SQLite

/// Holds a mart against what the models compute from the script alone.
struct Audit {
  let script: Script
  /// Plain names of tokens, by their hexadecimal digits.
  let names: [String: String]

  init(_ script: Script, _ tokenizer: Tokenizer) throws {
    self.script = script
    var names: [String: String] = [:]
    for (index, text) in Script.addresses.enumerated() {
      names[Audit.hex(try tokenizer.token(of: PersonalData(text), field: .ip).bytes)] = String(index)
    }
    for (index, text) in Script.users.enumerated() {
      names[Audit.hex(try tokenizer.token(of: PersonalData(text), field: .user).bytes)] = String(index)
    }
    for (index, text) in Script.emails.enumerated() {
      names[Audit.hex(try tokenizer.token(of: PersonalData(text), field: .email).bytes)] = "e\(index)"
    }
    self.names = names
  }

  /// The tables after so many events of the script, as the models have them: sorted lines.
  func expected(after count: Int) -> [String: [String]] {
    var tables: [String: [[String]]] = [:]
    switch script.mart {
    case .sales:
      let model = NaiveSales(script.sales.filter { $0.index < count }.map(\.fact))
      tables["orders"] = model.orderRows
      tables["order_lines"] = model.lineRows
      tables["order_tombstones"] = model.tombstoneRows
      tables["ledger_days"] = model.ledgerRows
    case .traffic:
      let model = NaiveTraffic(requests: script.requests.filter { $0.index < count }.map(\.fact))
      tables["sessions"] = Array(model.sessions)
      tables["user_days"] = Array(model.userDays)
      tables["status_days"] = Array(model.statusDays)
    case .leads:
      tables["leads"] = NaiveLeads(states: script.leads.filter { $0.index < count }.map(\.fact)).rows
    }
    return tables.mapValues { $0.map { $0.joined(separator: "|") }.sorted() }
  }

  private var queries: [(table: String, sql: String)] {
    switch script.mart {
    case .sales:
      [
        ("orders", "SELECT order_id, version_minor, status, lines, units, amount_minor FROM orders"),
        ("order_lines", "SELECT line_id, version_minor, order_id, amount_minor FROM order_lines"),
        ("order_tombstones", "SELECT * FROM order_tombstones"), ("ledger_days", "SELECT * FROM ledger_days"),
      ]
    case .traffic:
      [
        (
          "sessions",
          """
          SELECT c.token, d.browser, s.start_millis, s.end_millis, s.channel, s.country, s.bot, s.requests, s.bytes,
            s.sign_ins, s.health_requests
          FROM sessions s JOIN visitors v USING (visitor_id) JOIN clients c USING (client_id)
            JOIN devices d USING (device_id)
          """
        ),
        (
          "user_days",
          """
          SELECT a.day, u.token, a.country, d.browser, a.requests, a.ok_requests, a.human_requests
          FROM user_days a JOIN users u USING (user_id) JOIN devices d USING (device_id)
          """
        ), ("status_days", "SELECT * FROM status_days"),
      ]
    case .leads: [("leads", "SELECT lead_id, version_minor, campaign, status, email, vanished FROM leads")]
    }
  }

  /// What is wrong with a mart that has read all of a log with so many records, of which so many are different; nil: nothing.
  func fault(in reader: MartReader, after count: Int, records: Int64, different: Int64) throws -> String? {
    let expected = expected(after: count)
    for (table, sql) in queries {
      let found = try rows(reader, sql).sorted()
      guard let wanted = expected[table], found != wanted else { continue }
      let extra = found.filter { !wanted.contains($0) }.prefix(3)
      let missing = wanted.filter { !found.contains($0) }.prefix(3)
      return "\(table) of generation \(reader.generation): \(found.count) rows instead of \(wanted.count); "
        + "wrong: \(Array(extra)); missing: \(Array(missing))"
    }
    let counts = try reader.counts()
    let refused = Int64(script.refused.count { $0 < count })
    let quarantined = try reader.database.integer("SELECT count(*) FROM millrace_quarantine") ?? -1
    let gaps = try reader.database.integer("SELECT count(*) FROM millrace_gaps") ?? -1
    let books = [
      ("events in", counts.eventsIn, records), ("duplicates", counts.duplicates, records - different),
      ("quarantined", counts.quarantined, refused), ("rows of quarantine", quarantined, refused),
      ("applied", counts.applied, different - refused), ("gaps", gaps, 0),
    ]
    for (name, found, wanted) in books where found != wanted {
      return "generation \(reader.generation): \(name) \(found) instead of \(wanted)"
    }
    return nil
  }

  private func rows(_ reader: MartReader, _ sql: String) throws -> [String] {
    try reader.database.rows(sql) { row in
      (0..<row.columnCount).map { text(row.value($0)) }.joined(separator: "|")
    }
  }

  private func text(_ value: Value) -> String {
    switch value {
    case .null: "NULL"
    case .integer(let integer): String(integer)
    case .real(let real): String(real)
    case .text(let text): text
    case .blob(let bytes): names[Audit.hex(bytes)] ?? "unknown token"
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
