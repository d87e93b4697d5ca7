import Foundation
import SQLite
import TestSupport
import Testing

/// A workspace of a test, driven through the real executable.
struct TestWorkspace {
  let folder: String
  /// Where outputs of processes go; outside the workspace.
  let scratch: String

  init(_ name: String = "workspace") {
    folder = "\(TemporaryFolder.path)/\(name)"
    scratch = TemporaryFolder.path
  }

  @discardableResult
  func run(_ words: String..., expecting status: Int32 = 0, location: SourceLocation = #_sourceLocation) throws
    -> ChildProcess.Result
  {
    let result = try ChildProcess.run([Place.millrace] + words + ["--workspace", folder], folder: scratch)
    // Among planted faults are sheets of which nothing can be read.
    let isRefused =
      words.first == "capture" && result.status == 79 && FileManager.default.fileExists(atPath: "\(folder)/truth.json")
    #expect(
      result.status == status || status == 0 && isRefused,
      "millrace \(words.joined(separator: " ")): \(result.errors)\(result.output.suffix(2_000))",
      sourceLocation: location)
    return result
  }

  func start(_ words: String...) throws -> ChildProcess {
    try ChildProcess([Place.millrace] + words + ["--workspace", folder], folder: scratch)
  }

  /// `init` and a small simulated business.
  func prepare(seed: Int, faults: Double = 0, orders: Int = 600, weblogLines: Int = 1_500, until: String = "2026-10-31")
    throws
  {
    try run("init")
    try run(
      "simulate", "--days", "396", "--seed", "\(seed)", "--until", until, "--orders", "\(orders)", "--weblog-lines",
      "\(weblogLines)", "--faults", "\(faults)")
  }

  /// A JSON file or output as Foundation objects.
  func json(_ data: Data) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  var truth: [String: Any] {
    get throws { try json(Data(contentsOf: URL(fileURLWithPath: "\(folder)/truth.json"))) }
  }

  /// Holds every report, the quarantine and the flags against the truth file; the truth shares no code with the projections.
  func expectTruth(location: SourceLocation = #_sourceLocation) throws {
    let truth = try truth
    let asOf = try #require(truth["as_of"] as? String)
    let reports = try #require(truth["reports"] as? [String: [String: Any]])
    #expect(reports.count >= 10, sourceLocation: location)
    for (key, expected) in reports.sorted(by: { $0.key < $1.key }) {
      let name = try #require(expected["report"] as? String ?? key)
      let options = expected["options"] as? [String] ?? []
      let words = ["report", name, "--format", "json", "--as-of", asOf] + options
      let result = try ChildProcess.run([Place.millrace] + words + ["--workspace", folder], folder: scratch)
      #expect(result.status == 0, "\(words): \(result.errors)", sourceLocation: location)
      let report = try json(result.outputBytes)
      for part in ["rows", "base_rows", "purchases"] where expected[part] != nil {
        let difference = firstDifference(
          expected: expected[part] as? [[String: Any]] ?? [], found: report[part] as? [[String: Any]] ?? [])
        #expect(
          difference == nil, "\(words.joined(separator: " ")): \(part): \(difference ?? "")", sourceLocation: location)
      }
    }
    let status = try json(
      ChildProcess.run(
        [Place.millrace, "status", "--format", "json", "--workspace", folder], folder: scratch
      ).outputBytes)
    for part in ["quarantine", "flags"] {
      var expected = truth[part] as? [String: Int] ?? [:]
      // What a later look has settled no longer counts.
      for (code, count) in truth["settled"] as? [String: Int] ?? [:] where part == "quarantine" {
        expected[code, default: 0] -= count
      }
      expected = expected.filter { $0.value != 0 }
      let found = status[part] as? [String: Int] ?? [:]
      #expect(found == expected, "\(part)", sourceLocation: location)
    }
    try expectBalance(status, location: location)
    try expectSpend(status, location: location)
  }

  /// The advertising mart holds the good rows of the spend sheets to the last unit, and the bad ones by their reasons.
  func expectSpend(_ status: [String: Any], location: SourceLocation = #_sourceLocation) throws {
    let truth = try #require(try truth["advertising"] as? [String: Any])
    let expected = try #require(truth["spend"] as? [[String: Any]]).map {
      "\($0["market"] ?? "") \($0["channel"] ?? "") \($0["currency"] ?? "") \($0["amount_minor"] ?? "")"
    }
    let mart = try snapshot("advertising")
    let found = try mart.rows(
      """
      SELECT s.market, c.name, s.currency, sum(s.amount_minor) FROM spend_days s JOIN channels c ON c.id = s.channel
      GROUP BY 1, 2, 3 ORDER BY 1, 2
      """
    ) { "\($0.text(0)) \($0.text(1)) \($0.text(2)) \($0.int64(3))" }
    #expect(found == expected && !found.isEmpty, sourceLocation: location)
    #expect(
      try mart.integer("SELECT count(*) FROM spend_days").map(Int.init) == truth["spend_rows"] as? Int,
      sourceLocation: location)
    let rejected = try #require(truth["rejected"] as? [String: Int])
    let reasons = try mart.rows("SELECT reason, count(*) FROM millrace_quarantine GROUP BY 1") {
      ($0.text(0), $0.int(1))
    }
    #expect(Dictionary(uniqueKeysWithValues: reasons) == rejected, sourceLocation: location)
    let marts = status["marts"] as? [[String: Any]] ?? []
    let counted = marts.first { $0["name"] as? String == "advertising" }?["quarantined"] as? Int
    #expect(counted == rejected.values.reduce(0, +), sourceLocation: location)
  }

  /// In = applied + quarantined + duplicate, no gaps, for every mart.
  func expectBalance(_ status: [String: Any], location: SourceLocation = #_sourceLocation) throws {
    let marts = try #require(status["marts"] as? [[String: Any]])
    #expect(marts.count == TestWorkspace.marts.count, sourceLocation: location)
    for mart in marts {
      func count(_ name: String) -> Int { mart[name] as? Int ?? -1 }
      #expect(
        count("events_in") == count("applied") + count("quarantined") + count("duplicates"), "\(mart)",
        sourceLocation: location)
      #expect(count("gaps") == 0, "\(mart)", sourceLocation: location)
      #expect(count("events_in") > 0, "\(mart)", sourceLocation: location)
    }
  }

  /// A natural person's company number is "~" and a token, which only the workspace's key can tell; the truth says "~".
  private func shown(_ value: Any?) -> String {
    guard let value else { return "absent" }
    let text = "\(value)"
    return text.hasPrefix("~") ? "~" : text
  }

  private func firstDifference(expected: [[String: Any]], found: [[String: Any]]) -> String? {
    for (index, pair) in zip(expected, found).enumerated() {
      for key in Set(pair.0.keys).union(pair.1.keys).sorted() {
        let left = shown(pair.0[key])
        let right = shown(pair.1[key])
        if left != right {
          return "row \(index), \(key): expected \(left), found \(right); expected row \(pair.0), found row \(pair.1)"
        }
      }
    }
    return expected.count == found.count ? nil : "expected \(expected.count) rows, found \(found.count)"
  }
}
