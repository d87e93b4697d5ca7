/// What a part of the program tells of one thing, such as a source or a mart: each line and each metric says which one
/// it is, and the metrics' names begin alike.
package struct TelemetryScope: Sendable {
  /// Its lines carry the thing's name.
  package let logger: Logger
  private let metrics: Metrics
  private let prefix: String
  private let thing: (kind: String, name: String)

  /// `prefix`: of the metrics' names, "millrace_capture"; `kind` is what the thing is called in lines and labels
  /// ("source"), `name` which one it is, of a small fixed set.
  package init(_ prefix: String, _ kind: String, _ name: String, _ logger: Logger, _ metrics: Metrics) {
    self.logger = logger.with([kind: .string(name)])
    self.metrics = metrics
    self.prefix = prefix
    thing = (kind, name)
  }

  /// `PREFIX_NAME_total`.
  package func counter(_ name: String, _ help: String) -> Counter {
    metrics.counter("\(prefix)_\(name)_total", help: help, labels: [thing.kind: thing.name])
  }

  /// `PREFIX_NAME_total`, one for each value of another label; values must come from a small fixed set.
  package func counter(_ name: String, by label: (name: String, value: String), _ help: String) -> Counter {
    metrics.counter(
      "\(prefix)_\(name)_total", help: help, labels: [thing.kind: thing.name, label.name: label.value])
  }

  /// `PREFIX_NAME_seconds`.
  package func gauge(seconds name: String, _ help: String) -> Gauge {
    metrics.gauge("\(prefix)_\(name)_seconds", help: help, labels: [thing.kind: thing.name])
  }

  /// `PREFIX_NAME_seconds`.
  package func histogram(seconds name: String, _ help: String) -> Histogram {
    metrics.histogram("\(prefix)_\(name)_seconds", help: help, labels: [thing.kind: thing.name])
  }
}
