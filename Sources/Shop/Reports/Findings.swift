internal import Marts
internal import SQLite

/// What is odd in the marts of a workspace: events in quarantine by reason, rows that are applied but flagged, and facts that
/// wait for what they refer to.
package struct Findings: Sendable, Equatable {
  /// Events in quarantine, by reason code.
  package var quarantine: [String: Int64] = [:]
  /// Rows flagged, by code.
  package var flags: [String: Int64] = [:]
  /// Facts that are applied but refer to something unknown, by list.
  package var parked: [String: Int64] = [:]

  /// Reads the marts that exist among `names`; each in one snapshot. The base currency needs no rate. Blocks.
  package static func read(marts folder: String, names: [String], baseCurrency: String) throws -> Findings {
    var findings = Findings()
    for name in names {
      let directory = MartDirectory(marts: folder, name: name)
      guard try directory.currentGeneration() != nil else { continue }
      let reader = try MartReader(directory)
      try reader.snapshot { database in
        for count in try reader.quarantineCounts() { findings.quarantine[count.reason, default: 0] += count.count }
        let views = Set(try database.rows("SELECT name FROM sqlite_schema WHERE type = 'view'") { $0.text(0) })
        if views.contains("flagged_rows") {
          try database.query("SELECT code, sum(occurrences) FROM flagged_rows GROUP BY code") {
            findings.flags[$0.text(0), default: 0] += $0.int64(1)
          }
        }
        if views.contains("parked_lines") {
          findings.parked["order lines"] = try database.integer("SELECT count(*) FROM parked_lines")
        }
        if views.contains("parked_rates") {
          findings.parked["days without an exchange rate"] = try database.integer(
            "SELECT count(*) FROM parked_rates WHERE currency <> ?1", [.text(baseCurrency)])
        }
      }
    }
    return findings
  }
}
