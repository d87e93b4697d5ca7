internal import Marts
internal import Text

extension HealthReport {
  /// The object of `status --format json`: healthy, reasons, marts. Integers are exact, keys in a fixed order. `extra` holds
  /// further members as finished JSON, for what other modules know.
  package func json(extra: [(key: String, json: String)] = []) -> String {
    let marts = marts.map { mart in
      "{\"name\": \(JSON.quoted(mart.name)), \"generation\": \(mart.generation), "
        + "\"age_seconds\": \(mart.ageSeconds.map { String($0) } ?? "null"), \"events_in\": \(mart.counts.eventsIn), "
        + "\"applied\": \(mart.counts.applied), \"quarantined\": \(mart.counts.quarantined), "
        + "\"open_quarantine\": \(mart.openQuarantine), "
        + "\"duplicates\": \(mart.counts.duplicates), \"gaps\": \(mart.gaps)}"
    }
    var members = [
      "\"healthy\": \(isHealthy)", "\"reasons\": \(HealthReport.list(reasons.map { JSON.quoted($0) }))",
      "\"marts\": \(HealthReport.list(marts))",
    ]
    members += extra.map { "\(JSON.quoted($0.key)): \($0.json)" }
    return "{\n" + members.map { "  " + $0 }.joined(separator: ",\n") + "\n}\n"
  }

  private static func list(_ items: [String]) -> String {
    items.isEmpty ? "[]" : "[\n" + items.map { "    " + $0 }.joined(separator: ",\n") + "\n  ]"
  }
}
