import Capture
import CaptureSupport
import Entity
import EventLog
import Events
import Files
import Foundation
import Money
import SQLite
import ShopSources
import Telemetry
import TestSupport
import Testing

/// A source that is locked, broken or slow is its own trouble.
@Suite("Sources beside each other", .temporaryFolder)
struct SourceIsolationTests {
  private func bench() throws -> (Bench, Database) {
    let bench = try Bench(platform: true, weblog: true, leads: true)
    let database = try bench.platform()
    try database.execute("PRAGMA journal_mode=delete; \(Platform.schema) \(Platform.rows)")
    return (bench, database)
  }

  private func putLead(_ bench: Bench, _ name: String, _ id: String) throws {
    try bench.writeFile(bench.leadsFolder + "/" + name, LeadSheetText.csv([LeadSheetText.row(id)]).utf8)
  }

  private func trouble(_ bench: Bench, _ source: String = "platform") throws -> SourceTrouble? {
    try bench.status().sources.first { $0.name == source }?.trouble
  }

  /// Goal: a lock on the shop's database stops nothing else, and is told. Method: another connection holds BEGIN EXCLUSIVE
  /// under a live capture, which in a rollback journal keeps readers out; web lines and a sheet arrive meanwhile.
  @Test("while another program locks the platform database, web logs and leads go on and the file is named")
  func locked() throws {
    let (bench, database) = try bench()
    try bench.capture()
    try database.execute("BEGIN EXCLUSIVE")
    let lines = LineCollector()
    let live = try LiveCapture(bench, lines)
    try bench.appendToLog((0..<10).map { Lines.request($0) }.joined())
    try putLead(bench, "a.csv", "L-1")
    try live.eventually("web log and leads are in, and the lock is told") {
      try bench.events("weblog").count == 10 && bench.events("leads").count == 1 && trouble(bench) != nil
    }
    let told = try #require(try trouble(bench))
    #expect(told.text.hasPrefix("\(bench.platformPath) is locked by another program; "))
    #expect(told.text.contains("fuser") && !told.text.contains("rebuild"))
    #expect(try bench.status().faults(isCapturing: true) == ["platform: \(told.text) (since \(told.since.iso))"])

    try database.execute("COMMIT; INSERT INTO stores VALUES(2, 'Reno', 'NV')")
    try live.eventually("the platform is read again, and the trouble is gone") {
      try bench.events("platform").count == 14 && trouble(bench) == nil
    }
    try live.stop()
    #expect(try bench.status().faults(isCapturing: false).isEmpty)
    // Once each, however often it was tried meanwhile.
    #expect(lines.all.filter { $0.contains("is locked") }.count == 1)
    #expect(lines.all.filter { $0.contains("goes on") }.count == 1)
    try bench.expectWhole()
  }

  /// Goal: as above for a file that is no database, to the end. Method: 100 kB of random bytes; then the real file again.
  @Test("random bytes as the platform database: the others are read to their end, and the error names the file")
  func broken() throws {
    let (bench, database) = try bench()
    try bench.capture()
    withExtendedLifetime(database) {}
    let good = try Data(contentsOf: URL(fileURLWithPath: bench.platformPath))
    let path = bench.platformPath
    var random = SystemRandomNumberGenerator()
    let noise = (0..<100_000).map { _ in UInt8.random(in: 0...255, using: &random) }
    // Another file in its place, as a failed restore leaves it.
    try Data(noise).write(to: URL(fileURLWithPath: path + ".new"))
    #expect(rename(path + ".new", path) == 0)
    try bench.appendToLog((0..<10).map { Lines.request($0) }.joined())
    try putLead(bench, "a.csv", "L-1")
    do {
      try bench.capture()
      Issue.record("random bytes were read as a database")
    } catch let error as CaptureError {
      #expect(error.kind == .source && error.cause.hasPrefix(path))
      #expect(!error.description.contains("rebuild") && error.hint.contains("backup"))
    }
    #expect(try bench.events("weblog").count == 10 && bench.events("leads").count == 1)
    #expect(try bench.status().undelivered == 0)
    let told = try #require(try trouble(bench))
    #expect(told.text.contains(path) && !told.text.contains("rebuild"))

    let live = try LiveCapture(bench, LineCollector())
    try bench.appendToLog(Lines.request(11))
    try live.eventually("a live run goes on beside it") { try bench.events("weblog").count == 11 }
    try good.write(to: URL(fileURLWithPath: path + ".new"))
    #expect(rename(path + ".new", path) == 0)
    try live.eventually("and finds the database when it is back") { try trouble(bench) == nil }
    try live.stop()
    #expect(try bench.status().sources.first { $0.name == "platform" }?.epoch == 1)
    try bench.expectWhole()
  }

  /// Goal: nobody waits for a source that hangs, as one on a dead network drive does. Method: a source whose first look never
  /// ends beside the web log; then stop.
  @Test("a source that does not answer holds up neither the others nor the end, and is told")
  func hanging() throws {
    let bench = try Bench()
    bench.configuration.silentMillis = 100
    let release = DispatchSemaphore(value: 0)
    let weblog = try WeblogSource(name: "weblog", path: bench.weblogPath, keyring: bench.keyring, countries: nil)
    let live = try LiveCapture(bench, LineCollector(), sources: [HangingSource(release), weblog])
    try bench.appendToLog(Lines.request(1))
    try live.eventually("the web log is read, and the silence is told") {
      try bench.events("weblog").count == 1 && trouble(bench, "hanging")?.text.contains("hangs/here") == true
    }
    try live.stop()
    // Whatever comes now is not used.
    release.signal()
    #expect(try bench.status().sources.first { $0.name == "hanging" }?.position == "")
  }

  /// Goal: exactly once also when several sources meet a failing log at once. Method: a log that is away before or after an
  /// append, many times, under three busy sources.
  @Test("several sources and a log that comes and goes: every number once, told once")
  func unreachableLog() throws {
    let (bench, _) = try bench()
    bench.configuration.batchEvents = 7
    try bench.appendToLog((0..<300).map { Lines.request($0, ip: "203.0.113.\($0 % 50)") }.joined())
    for sheet in 0..<5 { try putLead(bench, "\(sheet).csv", "L-\(sheet)") }
    let plan = (0..<9).map { [FailingLog.Failure.none, .before, .after][$0 % 3] }
    let failing = FailingLog(bench.log, plan, kind: .unavailable)
    let lines = LineCollector()
    let live = try LiveCapture(bench, lines, log: failing)
    try live.eventually("all is in") {
      try bench.status().logTrouble == nil && Set(bench.events("weblog").map(\.position.record)).count == 300
        && Set(bench.events("leads").map(\.version.minor)).count == 5
        && Set(bench.events("platform").map { "\($0.position)" }).count == 13
    }
    try live.stop()
    #expect(try bench.status().undelivered == 0)
    try bench.expectWhole()
    let told = lines.all.filter { $0.contains("source=log") && $0.contains("cannot go on") }.count
    #expect(told >= 1 && told <= 6)
    #expect(lines.all.filter { $0.contains("source=weblog") && $0.contains("cannot go on") }.isEmpty)
  }

  /// Goal: what all sources share is not tried for ever. Method: a log that is damaged, live.
  @Test("a log that is damaged ends the run for all sources")
  func damagedLog() throws {
    let (bench, _) = try bench()
    let failing = FailingLog(bench.log, [.none, .none, .before], kind: .damaged)
    let session = try bench.session(failing)
    #expect(throws: LogError.self) { _ = try session.run(until: { false }, pollMillis: 1) }
  }

  @Test("notes say since when they stand, and keep it")
  func since() throws {
    let bench = try Bench(weblog: true)
    try FileManager.default.removeItem(atPath: Files.folder(of: bench.weblogPath))
    try bench.capture()
    let first = bench.clock.now
    bench.clock.advance(seconds: 100)
    try bench.capture()
    let source = try #require(try bench.status().sources.first)
    #expect(source.notedSince == [source.notes[0]: first] && source.notes[0].kind == .unread)
    #expect(source.notes[0].text.contains(Files.folder(of: bench.weblogPath)))
  }

  /// Goal: a workspace of an earlier build goes on. Method: a capture.sqlite without what is new.
  @Test("a capture.sqlite of an earlier build is read and completed")
  func earlierFile() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(Lines.request(1))
    try bench.capture()
    let file = try Database(bench.folder + "/capture.sqlite", .readWrite)
    try file.execute("DROP TABLE troubles; ALTER TABLE notes DROP COLUMN since")
    #expect(try bench.status().sources.map(\.name) == ["weblog"])
    try bench.appendToLog(Lines.request(2))
    #expect(try bench.capture().events == 1)
    #expect(try bench.status().sources.first?.trouble == nil)
  }

  private func capture(_ bench: Bench, _ lines: LineCollector) throws {
    let clock = bench.clock
    _ = try CaptureSession(
      bench.configuration, kinds: Bench.kinds, log: bench.log, keyring: bench.keyring, vault: bench.vault,
      clock: { clock.now }, logger: lines.logger
    ).runOnce()
  }

  /// Goal: nobody is alarmed by a table that the shop has added. Method: capture before and after an empty table comes;
  /// then break history in earnest.
  @Test("a table that comes later begins no epoch, and no log line speaks of a broken history")
  func laterTable() throws {
    let (bench, database) = try bench()
    let lines = LineCollector()
    try capture(bench, lines)
    try database.execute(
      """
      CREATE TABLE returns(id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, quantity INTEGER, reason TEXT,
        refund TEXT, currency TEXT, returned_at TEXT)
      """)
    try capture(bench, lines)
    #expect(!lines.all.joined().contains("epoch begins") && !lines.all.joined().contains("missed"))
    try database.execute("UPDATE millrace_install SET id = 'other'")
    try capture(bench, lines)
    #expect(lines.all.joined().contains("history broke: a new epoch begins"))
  }

  /// Goal: nothing of a person is in a log line, at any level. Method: canaries in every source, good and bad, at debug level.
  @Test("no log line of capture holds personal data")
  func canaries() throws {
    let (bench, database) = try bench()
    let lines = LineCollector()
    func capture() throws { try self.capture(bench, lines) }
    try bench.appendToLog(
      Lines.request(1, ip: "198.51.100.77", user: "canary-user") + "broken line of canary-user at 198.51.100.77\n")
    try bench.writeFile(
      bench.leadsFolder + "/a.csv", LeadSheetText.csv([LeadSheetText.row("L-1", contact: "Ana Canary")]).utf8)
    try bench.writeFile(bench.leadsFolder + "/b.csv", "Ana Canary,canary@canary.example\n".utf8)
    try capture()
    try database.execute(
      """
      UPDATE customers SET phone = '+54 11 5555-0002'; UPDATE orders SET order_date = 'Canary bad';
      ALTER TABLE stores ADD COLUMN extra TEXT; UPDATE stores SET extra = 'Canary';
      DELETE FROM millrace_changes WHERE seq = 1; UPDATE millrace_install SET id = 'other';
      """)
    try bench.rename(bench.weblogPath, bench.weblogPath + ".1")
    try bench.appendToLog(Lines.request(2, user: "canary-user"))
    try bench.writeFile(bench.leadsFolder + "/c.xlsx", "PK Canary no workbook".utf8)
    try capture()
    let text = lines.all.joined()
    #expect(text.contains("a new epoch begins") && text.contains("stores.extra") && text.contains("checkpoint"))
    for canary in ["Canary", "canary", "198.51.100.77", "5555-000", "4111", "1980-02-29", "acme-login", "28.123.456"] {
      #expect(!text.contains(canary), "\(canary)")
    }
  }

  @Test("what capture does is counted under registered names")
  func metrics() throws {
    let bench = try Bench(weblog: true)
    let metrics = Metrics()
    let clock = bench.clock
    try bench.appendToLog(Lines.request(1) + "no request\n")
    let session = try CaptureSession(
      bench.configuration, kinds: Bench.kinds, log: bench.log, keyring: bench.keyring, vault: bench.vault,
      clock: { clock.now }, metrics: metrics)
    _ = try session.runOnce()
    try bench.rename(bench.weblogPath, bench.weblogPath + ".1")
    try bench.appendToLog(Lines.request(2))
    _ = try session.runOnce()
    let text = metrics.prometheusText()
    for line in [
      "millrace_capture_events_total{source=\"weblog\"} 3", "millrace_capture_rejected_total{source=\"weblog\"} 1",
      "millrace_capture_rotations_total{source=\"weblog\"} 1", "millrace_capture_troubled{source=\"weblog\"} 0",
      "millrace_capture_heartbeats_total{source=\"weblog\"} 8", "millrace_capture_checkpoints_total 2",
      "millrace_capture_retries_total{source=\"weblog\"} 0", "millrace_capture_epochs_total{source=\"weblog\"} 0",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
  }

  @Test("what sources read is counted, also what gave no event")
  func reading() throws {
    let (bench, database) = try bench()
    let metrics = Metrics()
    let clock = bench.clock
    try bench.writeFile(bench.leadsFolder + "/a.csv", LeadSheetText.csv([LeadSheetText.row("L-1")]).utf8)
    try bench.writeFile(bench.leadsFolder + "/b.csv", "no sheet\n".utf8)
    let session = try CaptureSession(
      bench.configuration, kinds: Bench.kinds, log: bench.log, keyring: bench.keyring, vault: bench.vault,
      clock: { clock.now }, metrics: metrics)
    _ = try session.runOnce()
    try database.execute("UPDATE orders SET id = id")
    _ = try session.runOnce()
    let text = metrics.prometheusText()
    for line in [
      "millrace_sqlite_source_rows_total{source=\"platform\"} 13",
      "millrace_sqlite_source_changes_total{source=\"platform\"} 1",
      "millrace_sheet_source_sheets_total{source=\"leads\"} 1",
      "millrace_sheet_source_rows_total{source=\"leads\"} 1",
      "millrace_sheet_source_unreadable_total{source=\"leads\"} 1",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
  }
}

/// Gathers log lines of every level.
final class LineCollector: @unchecked Sendable {
  private let lock = NSLock()
  private var lines: [String] = []
  var all: [String] { lock.withLock { lines } }
  var logger: Logger {
    Logger(
      format: .logfmt, level: .debug, nowMillis: { 0 },
      write: { [self] line in lock.withLock { lines.append(line) } })
  }
}

/// A live capture on a thread of its own.
final class LiveCapture: @unchecked Sendable {
  private let lock = NSLock()
  private var isStopping = false
  private var result: Result<CaptureCounts, any Error>?
  private let ended = DispatchSemaphore(value: 0)

  init(
    _ bench: Bench, _ lines: LineCollector, sources: [any CaptureSource]? = nil, log: (any LogReader & LogWriter)? = nil
  ) throws {
    let clock = bench.clock
    nonisolated(unsafe) let session =
      if let sources {
        try CaptureSession(
          bench.configuration, sources: sources, log: log ?? bench.log, keyring: bench.keyring, vault: bench.vault,
          clock: { clock.now }, logger: lines.logger)
      } else {
        try CaptureSession(
          bench.configuration, kinds: Bench.kinds, log: log ?? bench.log, keyring: bench.keyring, vault: bench.vault,
          clock: { clock.now }, logger: lines.logger)
      }
    Thread { [self] in
      let result = Result { try session.run(until: { self.lock.withLock { self.isStopping } }, pollMillis: 5) }
      lock.withLock { self.result = result }
      ended.signal()
    }.start()
  }

  func eventually(
    _ what: String, location: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
  ) throws {
    for _ in 0..<3_000 {
      if let result = lock.withLock({ result }) { _ = try result.get() }
      if try condition() { return }
      usleep(20_000)
    }
    Issue.record("not within a minute: \(what)", sourceLocation: location)
  }

  @discardableResult
  func stop() throws -> CaptureCounts {
    lock.withLock { isStopping = true }
    ended.wait()
    ended.signal()
    return try #require(lock.withLock { result }).get()
  }

  deinit { lock.withLock { isStopping = true } }
}

/// Never answers until it is released.
final class HangingSource: CaptureSource, @unchecked Sendable {
  let name = "hanging"
  let place = "hangs/here"
  let topics = [Topic.leads]
  let readsAhead = true
  private let release: DispatchSemaphore
  init(_ release: DispatchSemaphore) { self.release = release }
  func resume(from checkpoint: SourceCheckpoint) throws {}
  func delivered() throws {}
  func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    release.wait()
    return SourceBatch(position: "late", isCaughtUp: true)
  }
}

extension Bench {
  /// Every partition holds every number from 1 on; those that were sent twice hold the same bytes.
  func expectWhole(location: SourceLocation = #_sourceLocation) throws {
    let logged = try logged(heartbeats: true)
    // Each source counts by itself, and several may write to one partition.
    let streams = Dictionary(grouping: logged) { "\($0.event.source) \($0.event.epoch) \($0.partition)" }
    for (stream, events) in streams {
      let numbers = events.map(\.event.number)
      #expect(Set(numbers) == Set(1...(numbers.max() ?? 0)), "\(stream)", sourceLocation: location)
    }
    let sent = Dictionary(
      grouping: logged, by: { "\($0.event.source) \($0.partition) \($0.event.epoch) \($0.event.number)" })
    for (place, copies) in sent { #expect(Set(copies.map(\.value)).count == 1, "\(place)", sourceLocation: location) }
  }
}
