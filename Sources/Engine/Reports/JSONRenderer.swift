internal import Money
internal import Text

/// A report for programs: one object, keys in a fixed order, integers exact, money in minor units.
///
///     {"report", "as_of", "window": {"from", "to"}, "age_seconds", "stale", "newest_event", "positions": [{"mart",
///      "topic", "partition", "next_offset"}], "quarantined", "notes", "empty_because" where there are no figures, "rows", and extra tables by their keys}
package enum JSONRenderer {
  /// The whole report as one object, ending with a newline.
  package static func text(of report: Report) -> String {
    let standing = report.standing
    var members = [
      member("report", string(report.name)), member("as_of", string(standing.asOf.iso)),
    ]
    if let window = report.window {
      members.append(
        member("window", "{\"from\": \(string(window.first.text)), \"to\": \(string(window.last.text))}"))
    }
    members.append(member("age_seconds", standing.ageSeconds.map { String($0) } ?? "null"))
    members.append(member("stale", standing.isStale ? "true" : "false"))
    members.append(member("newest_event", standing.newestEvent.map { string($0.isoMillis) } ?? "null"))
    members.append(member("positions", list(standing.positions.map(position))))
    members.append(member("quarantined", String(standing.quarantined)))
    members.append(member("notes", list(report.notes.map(string))))
    if let emptiness = report.emptiness { members.append(member("empty_because", string(emptiness.rawValue))) }
    members.append(member("rows", list(objects(of: report.table))))
    for extra in report.extras { members.append(member(extra.key, list(objects(of: extra)))) }
    return "{\n" + members.joined(separator: ",\n") + "\n}\n"
  }

  /// Each row as one object, in the order of columns.
  package static func objects(of table: ReportTable) -> [String] {
    let keys = table.columns.map { string($0.name) }
    return table.rows.map { row in
      let members = zip(keys, row).map { key, cell -> String in
        switch cell {
        case .text(let text): "\(key): \(string(text))"
        case .integer(let value): "\(key): \(value)"
        }
      }
      return "{\(members.joined(separator: ", "))}"
    }
  }

  private static func member(_ key: String, _ value: String) -> String { "  \(string(key)): \(value)" }

  private static func list(_ items: [String]) -> String {
    items.isEmpty ? "[]" : "[\n" + items.map { "    " + $0 }.joined(separator: ",\n") + "\n  ]"
  }

  private static func position(_ position: ReportStanding.Position) -> String {
    "{\"mart\": \(string(position.mart)), \"topic\": \(string(position.topic)), \"partition\": \(position.partition), "
      + "\"next_offset\": \(position.nextOffset)}"
  }

  /// Everything outside printable ASCII that could disturb a terminal or a script is escaped.
  static func string(_ text: String) -> String { JSON.quoted(text, [.invisible, .markup]) }
}
