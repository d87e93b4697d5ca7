package import Marts
internal import SQLite

/// What is odd in the marts of a workspace: events in quarantine by reason, rows that are applied but flagged, and
/// facts that wait for what they refer to.
package struct Findings: Sendable, Equatable {
  /// Events in quarantine, by reason code.
  package var quarantine: [String: Int64] = [:]
  /// Rows flagged, by code.
  package var flags: [String: Int64] = [:]
  /// Facts that are applied but refer to something unknown, by list.
  package var parked: [String: Int64] = [:]

  /// Reads the marts that exist among those named, each in one snapshot. `parked`: what of each may wait. The base
  /// currency needs no rate. `quarantine`: which events in quarantine still count. Blocks; throws what reading a mart
  /// throws.
  package static func read(
    marts folder: String, parked: [(mart: String, facts: [ParkedFacts])], baseCurrency: String,
    quarantine: QuarantineRules = QuarantineRules()
  ) throws -> Findings {
    var findings = Findings()
    for (name, facts) in parked {
      let directory = MartDirectory(marts: folder, name: name)
      guard try directory.currentGeneration() != nil else { continue }
      let reader = try MartReader(directory)
      try reader.snapshot { database in
        for count in try reader.quarantineCounts(counting: quarantine) {
          findings.quarantine[count.reason, default: 0] += count.count
        }
        let views = Set(try database.rows("SELECT name FROM sqlite_schema WHERE type = 'view'") { $0.text(0) })
        if views.contains("flagged_rows") {
          try database.query("SELECT code, sum(occurrences) FROM flagged_rows GROUP BY code") {
            findings.flags[$0.text(0), default: 0] += $0.int64(1)
          }
        }
        for fact in facts where views.contains(fact.view) {
          findings.parked[fact.words] = try fact.count(in: database, baseCurrency: baseCurrency)
        }
      }
    }
    return findings
  }
}

/// Facts of a mart that are applied but refer to something that has not arrived: the rows of a view.
package struct ParkedFacts: Sendable {
  /// The view that lists them.
  package var view: String
  /// What they are, for people: "order lines".
  package var words: String
  /// Column of the view that names a currency, where rows of the base currency do not wait; nil: all rows do.
  package var currency: String?

  package init(view: String, words: String, currency: String? = nil) {
    self.view = view
    self.words = words
    self.currency = currency
  }

  fileprivate func count(in database: Database, baseCurrency: String) throws -> Int64? {
    guard let currency else { return try database.integer("SELECT count(*) FROM \(view)") }
    return try database.integer("SELECT count(*) FROM \(view) WHERE \(currency) <> ?1", [.text(baseCurrency)])
  }
}
