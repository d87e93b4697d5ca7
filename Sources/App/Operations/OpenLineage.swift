internal import Crypto
internal import Marts
internal import Money
internal import Projections
package import Runs
internal import ShopMarts
internal import Text
internal import Workspace

/// The ledger as OpenLineage events (https://openlineage.io/spec/2-0-2/OpenLineage.json), one JSON object a line,
/// oldest first: START, and COMPLETE, FAIL, or ABORT for a run whose process vanished.
package enum OpenLineage {
  private static let schema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/definitions/RunEvent"
  private static let facetSchema = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/definitions/RunFacet"
  private static let errorSchema =
    "https://openlineage.io/spec/facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet"
  private static let producer = "urn:millrace:\(Program.version)"
  private static let namespace = "millrace"

  /// `records` newest first, as the ledger lists them. `sources`: names of those that are captured.
  package static func lines(_ records: [RunRecord], sources: Set<String>) -> String {
    let ids = Dictionary(uniqueKeysWithValues: records.map { ($0.id, runID(of: $0)) })
    var text = ""
    for record in records.reversed() {
      text += event("START", at: record.startedAtMillis, record, sources, ids).text + "\n"
      let end: String? =
        switch record.state {
        case .running: nil
        case .finished: "COMPLETE"
        case .failed: "FAIL"
        case .broken: "ABORT"
        }
      if let end {
        text += event(end, at: record.endedAtMillis ?? record.heartbeatAtMillis, record, sources, ids).text + "\n"
      }
    }
    return text
  }

  private static func event(
    _ type: String, at millis: Int64, _ record: RunRecord, _ sources: Set<String>, _ ids: [Int64: String]
  ) -> JSON {
    let (inputs, outputs) = datasets(of: record.job, sources)
    var facets: [(String, JSON)] = []
    if type != "START" {
      facets.append(
        (
          "millrace_counts",
          .object(
            facet(facetSchema) + record.counts.sorted { $0.key < $1.key }.map { ($0.key, JSON.integer($0.value)) })
        ))
    }
    if let resumed = record.resumes {
      facets.append(
        (
          "millrace_resumes",
          .object(facet(facetSchema) + [("run", .integer(resumed)), ("runId", ids[resumed].map(JSON.text) ?? .null)])
        ))
    }
    if type == "FAIL", let reason = record.reason {
      facets.append(
        (
          "errorMessage",
          .object(facet(errorSchema) + [("message", .text(reason)), ("programmingLanguage", .text("Swift"))])
        )
      )
    }
    return .object([
      ("eventType", .text(type)), ("eventTime", .text(Timestamp(millis: millis).isoMillis)),
      ("run", .object([("runId", .text(runID(of: record))), ("facets", .object(facets))])),
      ("job", .object([("namespace", .text(namespace)), ("name", .text(record.job))])),
      ("inputs", .array(inputs.map(dataset))), ("outputs", .array(outputs.map(dataset))),
      ("producer", .text(producer)), ("schemaURL", .text(schema)),
    ])
  }

  private static func facet(_ schema: String) -> [(String, JSON)] {
    [("_producer", .text(producer)), ("_schemaURL", .text(schema))]
  }

  private static func dataset(_ name: String) -> JSON {
    .object([("namespace", .text(namespace)), ("name", .text(name))])
  }

  /// "replay sales" reads the log's topics of that mart and makes the mart; "capture" reads sources and makes topics.
  private static func datasets(of job: String, _ sources: Set<String>) -> (inputs: [String], outputs: [String]) {
    let kind = JobKind(entry: job)
    let mart = kind?.mart(of: job)
    let marts = Shop.marts.filter { mart == nil || $0.name == mart }
    let topics = Set(marts.flatMap(\.topics)).sorted().map { "log.\($0)" }
    switch kind {
    case .capture: return (sources.sorted().map { "source.\($0)" }, topics)
    case .rollback: return (marts.map { "mart.\($0.name)" }, marts.map { "mart.\($0.name)" })
    // They make copies of topics, which are no datasets of their own.
    case .backup, .logCopy, .sanitize: return (topics, [])
    case .project, .replay, nil: return (topics, marts.map { "mart.\($0.name)" })
    }
  }

  /// The same run has the same id at every export: a UUID (version 8, RFC 9562) from what the ledger knows of its
  /// start.
  private static func runID(of record: RunRecord) -> String {
    let seed = "millrace \(record.id) \(record.job) \(record.processID) \(record.startedAtMillis) \(record.command)"
    var bytes = Array(SHA256.hash(Array(seed.utf8)).prefix(16))
    bytes[6] = (bytes[6] & 0x0f) | 0x80
    bytes[8] = (bytes[8] & 0x3f) | 0x80
    let digits = Hexadecimal.text(bytes)
    var parts: [String] = []
    var rest = digits[...]
    for length in [8, 4, 4, 4, 12] {
      parts.append(String(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return parts.joined(separator: "-")
  }
}
