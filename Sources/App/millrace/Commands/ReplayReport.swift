internal import EventLog
internal import Marts
internal import Pipeline
internal import Text
internal import Workspace

/// What a replay or a comparison says to people and to programs.
enum ReplayReport {
  /// Differences shown to people; programs get all of them.
  private static let shownDifferences = 200

  /// What each replay would do and what is missing for it.
  static func say(_ preflights: [ReplayPreflight], asJSON: Bool) -> ExitCode {
    if asJSON {
      Output.line(JSON.object([("replays", .array(preflights.map(json)))]).text)
    } else {
      for found in preflights { Output.text(text(of: found)) }
    }
    return preflights.allSatisfy(\.problems.isEmpty) ? .ok : .notReady
  }

  private static func json(of found: ReplayPreflight) -> JSON {
    .object([
      ("mart", .text(found.mart)), ("ready", .bool(found.problems.isEmpty)), ("events", .integer(found.events)),
      ("partitions", .integer(Int64(found.partitions))),
      ("current_generation", found.oldGeneration.map { .integer(Int64($0)) } ?? .null),
      ("resumes_generation", found.resumes.map { .integer(Int64($0)) } ?? .null),
      ("needed_bytes", .integer(found.neededBytes)), ("free_bytes", .integer(found.freeBytes)),
      ("problems", .array(found.problems.map(JSON.text))), ("notes", .array(found.notes.map(JSON.text))),
    ])
  }

  private static func text(of found: ReplayPreflight) -> String {
    var text =
      "\(found.mart): \(found.events) events in \(found.partitions) partitions; about \(found.neededBytes >> 20) MiB needed, "
      + "\(found.freeBytes >> 20) MiB free; \(found.problems.isEmpty ? "ready" : "NOT ready")\n"
    for problem in found.problems { text += "  - \(problem)\n" }
    for note in found.notes { text += "  note: \(note)\n" }
    return text
  }

  /// The difference report of a replay.
  static func comparison(of outcome: ReplayOutcome) -> String {
    var text = ""
    for note in outcome.notes { text += "\(outcome.mart): \(note)\n" }
    if let comparison = outcome.comparison, let old = outcome.old {
      text += self.text(of: comparison, mart: outcome.mart, old: old, new: outcome.generation)
    }
    return text
  }

  static func text(of comparison: MartComparison, mart: String, old: Int, new: Int) -> String {
    var text = ""
    for part in comparison.identity {
      text += "\(mart): \(GenerationIdentity.shortName(of: part.part)) was \(part.old), is \(part.new)\n"
    }
    for partition in comparison.positions {
      text +=
        "\(mart): the generations stand at different offsets of \(partition), so rows may differ by what lies between\n"
    }
    for quarantine in comparison.quarantine {
      text +=
        "\(mart): in quarantine for \(quarantine.reason) (\(quarantine.stage)): \(quarantine.old), now \(quarantine.new)\n"
    }
    for table in comparison.otherTables { text += "\(mart): \(table) has another form in one of the two\n" }
    if comparison.isEqual {
      return text + "\(mart): generations \(old) and \(new) are equal in \(comparison.tables) tables, "
        + "\(comparison.places) tables and months\n"
    }
    var rows: [[String]] = []
    for difference in comparison.differences.prefix(shownDifferences) {
      let place = [difference.table, difference.month]
      let counts = ["\(difference.oldRows)", "\(difference.newRows)"]
      if difference.sums.isEmpty {
        rows.append(place + counts + [difference.oldRows == difference.newRows ? "(other values)" : "", "", ""])
      }
      for (index, sum) in difference.sums.enumerated() {
        rows.append(
          (index == 0 ? place + counts : ["", "", "", ""])
            + [sum.column, sum.old.map { "\($0)" } ?? "", sum.new.map { "\($0)" } ?? ""])
      }
    }
    if !rows.isEmpty {
      text +=
        TextTable(
          ["table", "month", "rows in \(old)", "rows in \(new)", "column", "sum in \(old)", "sum in \(new)"], rows,
          rightAligned: [2, 3, 5, 6]
        ).text
    }
    let more = comparison.differences.count - shownDifferences
    if more > 0 { text += "… and \(more) more tables and months; --format json has them all\n" }
    return text + "\(mart): generations \(old) and \(new) differ in \(comparison.differences.count) of "
      + "\(comparison.places) tables and months\n"
  }

  /// How it ended.
  static func sentence(of outcome: ReplayOutcome) -> String {
    let counts =
      "\(outcome.counts.eventsIn) events; applied \(outcome.counts.applied), quarantined \(outcome.counts.quarantined), "
      + "duplicates \(outcome.counts.duplicates)"
    if outcome.isDetached {
      return "\(outcome.mart): generation \(outcome.generation) is there to look at (\(counts)): millrace report NAME "
        + "--generation \(outcome.mart):\(outcome.generation)"
    }
    if let refusal = outcome.refusal {
      return "\(outcome.mart): generation \(outcome.generation) was NOT put to use: \(refusal)"
    }
    return "\(outcome.mart): generation \(outcome.generation) is in use"
      + (outcome.old.map { ", in place of \($0)" } ?? "") + " (\(counts))."
      + (outcome.deleted.isEmpty
        ? "" : " Deleted: \(outcome.deleted.map { "generation \($0)" }.joined(separator: ", ")).")
  }

  static func json(of outcome: ReplayOutcome) -> JSON {
    .object([
      ("mart", .text(outcome.mart)), ("generation", .integer(Int64(outcome.generation))),
      ("old_generation", outcome.old.map { .integer(Int64($0)) } ?? .null), ("swapped", .bool(outcome.isSwapped)),
      ("detached", .bool(outcome.isDetached)), ("refusal", outcome.refusal.map(JSON.text) ?? .null),
      ("events_in", .integer(outcome.counts.eventsIn)), ("applied", .integer(outcome.counts.applied)),
      ("quarantined", .integer(outcome.counts.quarantined)), ("duplicates", .integer(outcome.counts.duplicates)),
      (
        "positions",
        .object(outcome.positions.sorted { $0.key < $1.key }.map { ($0.key.description, .integer($0.value.rawValue)) })
      ),
      ("comparison", outcome.comparison.map(json) ?? .null), ("notes", .array(outcome.notes.map(JSON.text))),
      ("deleted_generations", .array(outcome.deleted.map { .integer(Int64($0)) })),
    ])
  }

  static func json(of comparison: MartComparison) -> JSON {
    .object([
      ("equal", .bool(comparison.isEqual)), ("tables", .integer(Int64(comparison.tables))),
      ("tables_and_months", .integer(Int64(comparison.places))),
      (
        "differences",
        .array(
          comparison.differences.map { difference in
            .object([
              ("table", .text(difference.table)), ("month", .text(difference.month)),
              ("old_rows", .integer(difference.oldRows)), ("new_rows", .integer(difference.newRows)),
              (
                "sums",
                .array(
                  difference.sums.map {
                    .object([
                      ("column", .text($0.column)), ("old", $0.old.map(JSON.integer) ?? .null),
                      ("new", $0.new.map(JSON.integer) ?? .null),
                    ])
                  })
              ),
            ])
          })
      ),
      ("other_tables", .array(comparison.otherTables.map(JSON.text))),
      (
        "quarantine",
        .array(
          comparison.quarantine.map {
            .object([
              ("stage", .text($0.stage)), ("reason", .text($0.reason)), ("old", .integer($0.old)),
              ("new", .integer($0.new)),
            ])
          })
      ),
      (
        "identity",
        .array(
          comparison.identity.map {
            .object([("part", .text($0.part)), ("old", .text($0.old)), ("new", .text($0.new))])
          })
      ),
      ("positions_differ", .array(comparison.positions.map { .text($0.description) })),
    ])
  }
}
