import Foundation
import SQLite
import TestSupport
import Testing

@Suite("A real access log", .temporaryFolder)
struct ApacheLogTests {
  /// What a person would count with a text editor.
  private struct Count: Equatable {
    var requests = 0
    var bytes = 0
    var notFound = 0
    var clients: Set<String> = []
    /// Lines that end inside the user agent.
    var cutLines = 0

    init(_ text: String) {
      for line in text.split(separator: "\n") {
        cutLines += line.hasSuffix("\"") ? 0 : 1
        // ip - - [time] "request" status bytes "referrer" "agent": no request of the sample holds a quote.
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
        let answer = parts[2].split(separator: " ")
        requests += 1
        bytes += Int(answer[1]) ?? 0
        notFound += answer[0] == "404" ? 1 : 0
        clients.insert(String(line.prefix { $0 != " " }))
      }
    }
  }

  /// Goal: counts of real traffic are exact. Method: the public sample of 10,000 lines, captured by the executable from a
  /// workspace that has nothing else, against a naive count. One line of the sample is cut off in its user agent: nothing that
  /// is counted is missing, so it counts, and is flagged.
  @Test(
    "the public sample log gives exactly the totals that a naive count gives",
    .enabled(if: Place.sharedData != nil, "the sample data are not beside the checkout"))
  func publicSample() throws {
    let sample = try #require(Place.sharedData) + "/apache_logs"
    let count = try Count(String(contentsOfFile: sample, encoding: .utf8))
    #expect(count.requests == 10_000 && count.cutLines == 1)

    let workspace = TestWorkspace()
    try workspace.run("init")
    try workspace.configure("sources:\n  platform_database: null\n  lead_folder: null\n  access_log: \(sample)\n")
    try workspace.catchUp()
    // Once more: nothing counts twice.
    try workspace.catchUp()

    let mart = try workspace.snapshot("traffic")
    #expect(try mart.integer("SELECT sum(requests) FROM status_day_details") == Int64(count.requests))
    #expect(try mart.integer("SELECT sum(bytes) FROM status_day_details") == Int64(count.bytes))
    #expect(
      try mart.integer("SELECT sum(requests) FROM status_day_details WHERE status = 404") == Int64(count.notFound))
    #expect(try mart.integer("SELECT count(*) FROM clients") == Int64(count.clients.count))
    // The same totals by the other way round: sessions hold every request, too.
    #expect(try mart.integer("SELECT sum(requests) FROM session_details") == Int64(count.requests))
    #expect(try mart.integer("SELECT sum(bytes) FROM session_details") == Int64(count.bytes))
    #expect(try mart.integer("SELECT count(*) FROM millrace_quarantine") == 0)
    #expect(
      try mart.integer("SELECT sum(occurrences) FROM flagged_rows WHERE code = 'userAgent.truncated'")
        == Int64(count.cutLines))
  }
}
