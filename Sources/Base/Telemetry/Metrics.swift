internal import Concurrency

/// All metrics of the process, and their rendering as Prometheus text.
///
/// Asking twice for the same name and labels gives the same metric. Names, label names and bucket bounds are ours, so a
/// wrong one is a defect and traps; label values may be anything, but must come from a small fixed set.
package final class Metrics: Sendable {
  private enum Series: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)

    var kind: String {
      switch self {
      case .counter: "counter"
      case .gauge: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  private struct Family: Sendable {
    var help: String
    var kind: String
    /// By rendered labels.
    var series: [String: Series] = [:]
  }

  private let families = Lock<[String: Family]>([:])

  package init() {}

  package func counter(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Counter {
    guard case .counter(let counter) = series(name, help, labels, "counter", { .counter(Counter()) }) else {
      preconditionFailure("\(name) is no counter")
    }
    return counter
  }

  package func gauge(_ name: String, help: String, labels: KeyValuePairs<String, String> = [:]) -> Gauge {
    guard case .gauge(let gauge) = series(name, help, labels, "gauge", { .gauge(Gauge()) }) else {
      preconditionFailure("\(name) is no gauge")
    }
    return gauge
  }

  /// `bounds` are the buckets' upper ends, ascending; one without end is added.
  package func histogram(
    _ name: String, help: String, bounds: [Double] = Histogram.seconds, labels: KeyValuePairs<String, String> = [:]
  ) -> Histogram {
    guard case .histogram(let histogram) = series(name, help, labels, "histogram", { .histogram(Histogram(bounds)) })
    else { preconditionFailure("\(name) is no histogram") }
    return histogram
  }

  private func series(
    _ name: String, _ help: String, _ labels: KeyValuePairs<String, String>, _ kind: String, _ make: () -> Series
  ) -> Series {
    precondition(Metrics.isName(name, colons: true), "\(name.debugDescription) is no metric name")
    precondition(labels.allSatisfy { Metrics.isName($0.key, colons: false) }, "\(name) has a wrong label name")
    let key = Metrics.rendered(labels.map { ($0.key, $0.value) })
    return families.withLock { families in
      var family = families[name] ?? Family(help: help, kind: kind)
      precondition(family.kind == kind, "\(name) is a \(family.kind) already")
      if let found = family.series[key] { return found }
      // Beyond the limit all further series share one, so that sums stay right and memory stays bounded.
      let full = family.series.count >= TelemetryLimits.seriesPerMetric
      let place = full ? Metrics.rendered(labels.map { ($0.key, "other") }) : key
      if let found = family.series[place] { return found }
      let made = make()
      family.series[place] = made
      families[name] = family
      return made
    }
  }

  /// The text exposition format (https://prometheus.io/docs/instrumenting/exposition_formats/), sorted by name and
  /// labels.
  package func prometheusText() -> String {
    let families = families.withLock { $0 }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      let help = family.help.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(family.kind)\n"
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        switch series {
        case .counter(let counter): text += "\(name)\(Metrics.braced(labels)) \(counter.value)\n"
        case .gauge(let gauge): text += "\(name)\(Metrics.braced(labels)) \(Metrics.number(gauge.value))\n"
        case .histogram(let histogram): text += Metrics.rendered(histogram.snapshot, name, labels)
        }
      }
    }
    return text
  }

  private static func rendered(_ snapshot: Histogram.Snapshot, _ name: String, _ labels: String) -> String {
    var text = ""
    let separator = labels.isEmpty ? "" : ","
    for (bound, count) in snapshot.cumulative {
      text += "\(name)_bucket{\(labels)\(separator)le=\"\(number(bound))\"} \(count)\n"
    }
    text += "\(name)_sum\(braced(labels)) \(number(snapshot.sum))\n"
    text += "\(name)_count\(braced(labels)) \(snapshot.count)\n"
    return text
  }

  private static func braced(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

  private static func rendered(_ labels: [(String, String)]) -> String {
    labels.map { name, value in
      var escaped = ""
      for scalar in value.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\"": escaped += "\\\""
        case "\n": escaped += "\\n"
        default: escaped.unicodeScalars.append(scalar)
        }
      }
      return "\(name)=\"\(escaped)\""
    }.joined(separator: ",")
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if let whole = Int64(exactly: value) { return "\(whole)" }
    return "\(value)"
  }

  private static func isName(_ name: String, colons: Bool) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      case UInt8(ascii: ":"): colons
      default: false
      }
    }
  }
}
