import Capture
import CaptureSupport
import EmbeddedLog
import EventLog
import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// Where a log ended when capture's file was copied, told afterwards.
@Suite("Ends known to a copy of capture's file", .temporaryFolder)
struct CapturedNumbersTests {
  private func copy(_ bench: Bench) throws -> CapturedNumbers {
    let path = "\(TemporaryFolder.path)/\(UUID().uuidString).sqlite"
    try Database("\(bench.folder)/capture.sqlite", .readOnly).copy(to: path)
    return try CapturedNumbers(files: [path])
  }

  private func lines(_ range: Range<Int>) -> String {
    range.map { Lines.request($0, ip: "203.0.113.\($0 % 9)") }.joined()
  }

  private func ends(_ bench: Bench) throws -> [TopicPartition: Offset] {
    var ends: [TopicPartition: Offset] = [:]
    for topic in try bench.log.topics() {
      for partition in try bench.log.partitions(of: topic) {
        ends[partition] = try bench.log.bounds(of: partition).next
      }
    }
    return ends
  }

  private func found(_ numbers: CapturedNumbers, _ bench: Bench) throws -> [TopicPartition: Offset] {
    var found = try ends(bench)
    for partition in found.keys { found[partition] = try numbers.end(of: partition, in: bench.log) }
    return found
  }

  @Test("what is captured after the copy lies behind the end that it tells") func later() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<60))
    try bench.capture()
    let (numbers, before) = (try copy(bench), try ends(bench))
    #expect(before.values.reduce(0) { $0 + $1.rawValue } >= 60)
    try bench.appendToLog(lines(60..<140))
    try bench.capture()
    #expect(try ends(bench).values.reduce(0) { $0 + $1.rawValue } >= 140)
    #expect(try found(numbers, bench) == before)
  }

  /// Goal: what was sent and not acknowledged belongs to the log that the copy knows, as often as it was sent. Method: an append
  /// whose answer is lost; then a session that sends it again, and more behind it.
  @Test("what was sent without an answer lies before the end, and so does its repetition") func unanswered() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<60))
    #expect(throws: LogError.self) { try bench.capture(FailingLog(bench.log, [.after])) }
    let numbers = try copy(bench)
    let sent = try ends(bench)
    #expect(sent.values.reduce(0) { $0 + $1.rawValue } > 0)
    #expect(try found(numbers, bench) == sent)
    #expect(throws: LogError.self) { try bench.capture(FailingLog(bench.log, [.after])) }
    let twice = try ends(bench)
    #expect(twice != sent)
    #expect(try found(numbers, bench) == twice)
    try bench.appendToLog(lines(60..<200))
    try bench.capture()
    let end = try found(numbers, bench)
    for (partition, all) in try bench.numbers() {
      let known = all.prefix(Int((end[partition] ?? 0).rawValue))
      let largest = all.prefix(Int((sent[partition] ?? 0).rawValue)).max() ?? 0
      #expect(known.allSatisfy { $0 <= largest }, "\(partition)")
      #expect(all.dropFirst(known.count).first.map { $0 > largest } ?? true, "\(partition)")
    }
  }

  @Test("a source whose first record comes after the copy lies wholly behind it") func newSource() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<10))
    try bench.capture()
    let numbers = try copy(bench)
    bench.configuration.sources.append(Bench.source("leads", at: bench.leadsFolder))
    try bench.writeFile(
      "\(bench.leadsFolder)/a.csv",
      Array(
        ("lead_id,created_at,campaign,company_name,industry,contact_name,contact_email,contact_phone,lead_source,"
          + "estimated_annual_revenue,country,status,status_updated_at\n"
          + "L1,2026-10-30T08:00:00Z,Live,Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,qualified,2026-10-30T09:00:00Z\n")
          .utf8))
    try bench.capture()
    #expect(try ends(bench).filter { $0.key.topic == "leads" }.values.reduce(0) { $0 + $1.rawValue } > 0)
    #expect(try found(numbers, bench).filter { $0.key.topic == "leads" }.values.allSatisfy { $0 == 0 })
  }

  @Test("a log that lost what was acknowledged is refused") func lostTail() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<60))
    try bench.capture()
    let numbers = try copy(bench)
    let other = try Bench(weblog: true)
    try other.appendToLog(lines(100..<220))
    try other.capture()
    let partition = try #require(try ends(bench).first { $0.value > 0 }?.key)
    let error = #expect(throws: LogError.self) { try numbers.end(of: partition, in: other.log) }
    #expect(error?.kind == .damaged)
  }
}
