internal import Marts

extension HealthReport {
  /// The object of `status --format json`: healthy, reasons, marts. Integers are exact, keys in a fixed order. `extra` holds
  /// further members as finished JSON, for what other modules know.
  package func json(extra: [(key: String, json: String)] = []) -> String {
    let marts = marts.map { mart in
      "{\"name\": \(HealthReport.string(mart.name)), \"generation\": \(mart.generation), "
        + "\"age_seconds\": \(mart.ageSeconds.map { String($0) } ?? "null"), \"events_in\": \(mart.counts.eventsIn), "
        + "\"applied\": \(mart.counts.applied), \"quarantined\": \(mart.counts.quarantined), "
        + "\"duplicates\": \(mart.counts.duplicates), \"gaps\": \(mart.gaps)}"
    }
    var members = [
      "\"healthy\": \(isHealthy)", "\"reasons\": \(HealthReport.list(reasons.map(HealthReport.string)))",
      "\"marts\": \(HealthReport.list(marts))",
    ]
    members += extra.map { "\(HealthReport.string($0.key)): \($0.json)" }
    return "{\n" + members.map { "  " + $0 }.joined(separator: ",\n") + "\n}\n"
  }

  private static func list(_ items: [String]) -> String {
    items.isEmpty ? "[]" : "[\n" + items.map { "    " + $0 }.joined(separator: ",\n") + "\n  ]"
  }

  /// Names and sentences here come from this program; quotes and control characters are escaped all the same.
  private static func string(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
