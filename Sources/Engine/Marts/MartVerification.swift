package import EventLog
internal import SQLite

extension MartReader {
  /// Everything that can be said about a generation without the log: SQLite's own integrity and foreign keys, the
  /// balance of the books, and the invariants of its projections. Returns what is wrong, as sentences; empty: nothing.
  /// Reads the whole file, some hundred MB a second.
  ///
  /// `isOther`: another version may have made the generation; then an invariant about columns that it does not have is
  /// left out.
  package func verify(
    _ schema: MartSchema, positions expected: [TopicPartition: Offset]? = nil, isOther: Bool = false
  ) throws(MartError) -> [String] {
    do throws(MartError) {
      return try findings(schema, expected, isOther)
    } catch  where error.kind == .damaged {
      return ["integrity check: \(error.cause)"]
    }
  }

  private func findings(
    _ schema: MartSchema, _ expected: [TopicPartition: Offset]?, _ isOther: Bool
  ) throws(MartError) -> [String] {
    try MartError.wrapping(name, "verify generation \(generation)") {
      try snapshot { database in
        var findings: [String] = []
        try database.query("PRAGMA main.integrity_check(\(MartLimits.integrityFindings))") {
          if $0.text(0) != "ok" { findings.append("integrity check: \($0.text(0))") }
        }
        // What is structurally broken cannot be asked further.
        if !findings.isEmpty { return findings }
        try database.query("PRAGMA main.foreign_key_check") {
          findings.append("a row of \($0.text(0)) refers to a missing row of \($0.text(2))")
        }
        try checkBooks(database, &findings)
        for invariant in schema.invariants {
          let violations: Int64
          do {
            violations = try database.integer(invariant.violations) ?? 0
          } catch let error as SQLiteError where error.isUnknownName && isOther {
            continue
          }
          if violations != 0 { findings.append("\(invariant.name): \(invariant.meaning), broken \(violations) times") }
        }
        if let expected {
          let found = try positions().mapValues(\.nextOffset)
          for partition in Set(found.keys).union(expected.keys).sorted() {
            let (is_, should) = (found[partition] ?? .first, expected[partition] ?? .first)
            if is_ != should { findings.append("it stands at offset \(is_) of \(partition), not at \(should)") }
          }
        }
        return findings
      }
    }
  }

  private func checkBooks(_ database: Database, _ findings: inout [String]) throws {
    let unbalanced = try database.integer(
      "SELECT count(*) FROM millrace_numbers WHERE events_in <> applied + quarantined + duplicates")
    if let unbalanced, unbalanced > 0 {
      findings.append("in = applied + quarantined + duplicates does not hold for \(unbalanced) streams")
    }
    let counted = try database.integer("SELECT coalesce(sum(quarantined), 0) FROM millrace_numbers") ?? 0
    let held = try database.integer("SELECT count(*) FROM millrace_quarantine") ?? 0
    if counted != held { findings.append("\(counted) events were quarantined, but \(held) are in the quarantine") }
    let gaps = try database.integer(
      """
      SELECT count(*) FROM millrace_gaps g LEFT JOIN millrace_numbers n USING (source, epoch, topic, partition)
      WHERE n.last_number IS NULL OR g.last_number >= n.last_number OR g.first_number > g.last_number
      """)
    if let gaps, gaps > 0 { findings.append("\(gaps) gaps lie beyond the numbers that came") }
  }
}
