import Files
import Foundation
import Projections
import Reports
import SQLite
import ShopMarts
import TestSupport
import Testing

/// What tests do to a workspace from outside: its sources, its configuration, its files.
extension TestWorkspace {
  var platformFile: String { "\(folder)/sources/platform.sqlite" }
  var accessLog: String { "\(folder)/sources/weblogs/access.log" }
  var leadFolder: String { "\(folder)/sources/leads" }
  var logFile: String { "\(folder)/log/log.sqlite" }
  var keyFile: String { "\(folder)/keys/master.key" }

  /// `init`, `simulate` of a very small business, and where asked `capture --once` and `project --once`.
  func prepareSmall(seed: Int = 5, faults: Double = 0, projected: Bool = true) throws {
    try prepare(seed: seed, faults: faults, orders: 60, weblogLines: 200)
    if projected { try catchUp() }
  }

  func catchUp() throws {
    try run("capture", "--once")
    try run("project", "--once")
  }

  /// Replaces millrace.yaml.
  func configure(_ yaml: String) throws {
    try yaml.write(toFile: "\(folder)/millrace.yaml", atomically: true, encoding: .utf8)
  }

  /// Statements in the platform database, as the shop's own program would run them.
  func onPlatform(_ sql: String) throws { try Database(platformFile, .readWrite).execute(sql) }

  /// The file of the generation that a mart serves.
  func generationFile(_ mart: String) throws -> String {
    let name = try String(contentsOfFile: "\(folder)/marts/\(mart)/CURRENT", encoding: .utf8)
    return "\(folder)/marts/\(mart)/" + name.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// A copy of a mart, made by `millrace snapshot`, open for reading.
  func snapshot(_ mart: String) throws -> Database {
    let file = "\(scratch)/\(mart)-\(UUID().uuidString).sqlite"
    try run("snapshot", mart, file)
    return try Database(file, .readOnly)
  }

  /// A line as Apache writes it.
  static func line(
    ip: String = "203.0.113.9", user: String = "-", time: String = "31/Oct/2026:12:00:00 +0000",
    target: String = "/catalog",
    status: Int = 200, bytes: Int = 100, referrer: String = "-",
    agent: String = "Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0"
  ) -> String {
    "\(ip) - \(user) [\(time)] \"GET \(target) HTTP/1.1\" \(status) \(bytes) \"\(referrer)\" \"\(agent)\"\n"
  }

  /// Appends to the access log, as the web server does.
  func appendToAccessLog(_ text: String) throws {
    let handle = try #require(FileHandle(forWritingAtPath: accessLog))
    defer { try? handle.close() }
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
  }

  /// Puts a sheet into the inbox the way mail programs do: written beside it, then moved in.
  func dropSheet(_ name: String, _ text: String) throws {
    let temporary = "\(scratch)/\(UUID().uuidString)"
    try text.write(toFile: temporary, atomically: false, encoding: .utf8)
    try FileManager.default.moveItem(atPath: temporary, toPath: "\(leadFolder)/\(name)")
  }

  static let leadHeader =
    "lead_id,created_at,campaign,company_name,industry,contact_name,contact_email,contact_phone,lead_source,"
    + "estimated_annual_revenue,country,status,status_updated_at\n"

  /// What a command answers that should end by itself but, where it is wrongly accepted, would run for ever.
  func answer(_ words: [String]) throws -> ChildProcess.Result {
    let process = try ChildProcess([Place.millrace] + words + ["--workspace", folder], folder: scratch)
    try eventually("\(words) ends by itself", within: 30) { process.hasEnded }
    if !process.hasEnded { process.signal(SIGKILL) }
    return process.wait()
  }

  /// A report as JSON, whatever its age.
  func report(_ words: String...) throws -> [String: Any] {
    let result = try ChildProcess.run(
      [Place.millrace, "report"] + words + ["--format", "json", "--workspace", folder], folder: scratch)
    #expect(result.status == 0 || result.status == 65, "report \(words): \(result.errors)")
    return try json(result.outputBytes)
  }

  func rows(_ words: [String]) throws -> [[String: Any]] {
    let result = try ChildProcess.run(
      [Place.millrace, "report"] + words + ["--format", "json", "--workspace", folder], folder: scratch)
    #expect(result.status == 0 || result.status == 65, "report \(words): \(result.errors)")
    return try #require(try json(result.outputBytes)["rows"] as? [[String: Any]])
  }

  func status() throws -> [String: Any] {
    try json(
      ChildProcess.run([Place.millrace, "status", "--format", "json", "--workspace", folder], folder: scratch)
        .outputBytes)
  }

  func runs() throws -> [[String: Any]] {
    try #require(try json(run("runs", "--format", "json").outputBytes)["runs"] as? [[String: Any]])
  }

  static let allReports = Shop.reports.names
  static let marts = Shop.registry.names
}

/// Looks again and again until `condition` holds. The deadline is generous: it only ends a test that would fail anyway.
func eventually(
  _ what: String, within seconds: Double = 60, location: SourceLocation = #_sourceLocation,
  _ condition: () throws -> Bool
) throws {
  let deadline = Date().addingTimeInterval(seconds)
  while true {
    if try condition() { return }
    guard Date() < deadline else {
      Issue.record("not within \(seconds) s: \(what)", sourceLocation: location)
      return
    }
    Thread.sleep(forTimeInterval: 0.1)
  }
}

extension TestWorkspace {
  /// A live business with small batches and a `run` that is at work on it. The caller ends both.
  func startBusiness() throws -> (live: ChildProcess, run: ChildProcess) {
    let yaml = "\(folder)/millrace.yaml"
    try (String(contentsOfFile: yaml, encoding: .utf8) + "\nbatches:\n  capture_events: 20\n").write(
      toFile: yaml, atomically: true, encoding: .utf8)
    let live = try start("simulate", "--live", "--rate", "300")
    let run = try start("run")
    try eventually("run is at work") { try runs().contains { $0["state"] as? String == "running" } }
    return (live, run)
  }
}
