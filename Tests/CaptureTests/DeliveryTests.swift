import Capture
import CaptureSupport
import EmbeddedLog
import Entity
import EventLog
import Events
import Files
import Foundation
import Money
import Privacy
import SQLite
import ShopSources
import TestSupport
import Testing

@Suite("Delivery", .temporaryFolder)
struct DeliveryTests {
  /// Goal: no interruption between outbox and log loses or doubles a number. Method: fail the n-th append before or after
  /// its bytes are in the log, start again with a new session, and look at what was sent and what is there.
  @Test(
    "after a failed append exactly the same bytes are sent again", arguments: [FailingLog.Failure.before, .after], 0..<3
  )
  func resend(_ failure: FailingLog.Failure, _ position: Int) throws {
    let bench = try Bench(weblog: true)
    for round in 0..<3 {
      try bench.appendToLog((0..<50).map { Lines.request(round * 50 + $0, ip: "203.0.113.\($0 % 9)") }.joined())
      let failing = FailingLog(bench.log, round == position ? [failure] : [])
      if round == position {
        #expect(throws: LogError.self) { try bench.capture(failing) }
        #expect(try bench.status().undelivered == 50)
        // The source may say something else by now; the outbox does not.
        let next = FailingLog(bench.log, [])
        try bench.capture(next)
        #expect(next.attempts.prefix(failing.attempts[0].count).flatMap { $0 } == failing.attempts[0])
      } else {
        try bench.capture(failing)
      }
    }
    #expect(try bench.status().undelivered == 0)
    for (partition, numbers) in try bench.numbers() where !numbers.isEmpty {
      #expect(Set(numbers) == Set(1...(numbers.max() ?? 0)), "\(partition)")
    }
    let paths = Dictionary(grouping: try bench.events(), by: { "\($0.position.record)" })
    #expect(paths.count == 150)
    // Repeated bytes carry the numbers they had: readers drop them.
    for (_, repeats) in paths { #expect(Set(repeats.map(\.number)).count == 1) }
  }

  /// Goal: a reader can tell an old owner from the new one, and a vault that lacks keys. Method: three captures, of which the last
  /// meets nobody new.
  @Test("each record's header names the capture that owns the source and how many keys the vault then had")
  func owners() throws {
    let bench = try Bench(weblog: true)
    for (round, visitors) in [3, 5, 5].enumerated() {
      try bench.appendToLog((0..<20).map { Lines.request(round * 20 + $0, ip: "203.0.113.\($0 % visitors)") }.joined())
      try bench.capture()
    }
    let origins = try bench.logged().map(\.origin)
    #expect(Dictionary(grouping: origins, by: \.owner).mapValues(\.count) == [1: 20, 2: 20, 3: 20])
    #expect(origins.filter { $0.owner == 1 }.allSatisfy { (1...3).contains($0.vault) })
    #expect(origins.map(\.vault).max() == 5 && origins.filter { $0.owner == 3 }.allSatisfy { $0.vault == 5 })
  }

  @Test("a run that is interrupted again and again loses nothing")
  func repeatedFailures() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog((0..<45_000).map { Lines.request($0, ip: "198.51.100.\($0 % 200)") }.joined())
    var failures = 0
    for plan in [[.before], [.after], [.none, .before], [.none, .none, .after]] as [[FailingLog.Failure]] {
      do { try bench.capture(FailingLog(bench.log, plan)) } catch is LogError { failures += 1 }
    }
    try bench.capture()
    #expect(failures >= 3)
    #expect(Set(try bench.events().map { "\($0.position.record)" }).count == 45_000)
    for (_, numbers) in try bench.numbers() where !numbers.isEmpty {
      #expect(Set(numbers) == Set(1...(numbers.max() ?? 0)))
    }
  }

  /// Goal: Ctrl-C ends a long first capture too. Method: ask to stop after the first batch of many; the next run does the rest.
  @Test("a run to the end that is asked to stop finishes its batch, and the next one goes on")
  func stopsEarly() throws {
    let bench = try Bench(weblog: true)
    bench.configuration.batchEvents = 100
    try bench.appendToLog((0..<2_000).map { Lines.request($0) }.joined())
    let batches = Rounds()
    do {
      let counts = try bench.session().runOnce(stop: { batches.isBegun }, progress: { _ in _ = batches.next() })
      let done = counts.sources.values.reduce(0) { $0 + $1.events }
      #expect(done > 0 && done < 2_000)
    }
    try bench.capture()
    #expect(Set(try bench.events().map(\.number)).count == 2_000)
  }

  @Test("a log that is away for a while ends no live run and loses nothing")
  func unavailableLog() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog((0..<10).map { Lines.request($0) }.joined())
    let failing = FailingLog(bench.log, [.before, .after], kind: .unavailable)
    let rounds = Rounds()
    _ = try bench.session(failing).run(until: { failing.plan.isEmpty && rounds.next() > 40 }, pollMillis: 1)
    #expect(Set(try bench.events().map(\.number)) == Set(1...10))
    #expect(try bench.status().undelivered == 0)
  }

  @Test("what was captured and not delivered is a fault only while no capture runs; unread sources are one always")
  func faults() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(Lines.request(1))
    #expect(throws: LogError.self) { try bench.capture(FailingLog(bench.log, [.before])) }
    #expect(try bench.status().faults(isCapturing: true).isEmpty)
    #expect(
      try bench.status().faults(isCapturing: false) == [
        "1 captured events are not in the log, and no capture runs; run `millrace capture`"
      ])
    try bench.writeFile(bench.weblogPath + ".2.xz", [0xfd, 0x37])
    try bench.capture()
    // A healthy site may have old rotations that nobody can read here.
    #expect(try bench.status().faults(isCapturing: true).isEmpty)
    try FileManager.default.removeItem(atPath: Files.folder(of: bench.weblogPath))
    try bench.capture()
    let folder = Files.folder(of: bench.weblogPath)
    #expect(
      try bench.status().faults(isCapturing: true) == [
        "weblog: the folder of the web log, \(folder), is not there yet; make it, or mend the path in millrace.yaml"
      ])
  }

  @Test("a second capture on the same workspace is refused")
  func secondCapture() throws {
    let bench = try Bench(weblog: true)
    let first = try bench.session()
    do {
      _ = try bench.session()
      Issue.record("the second capture was allowed")
    } catch let error as CaptureError {
      #expect(error.kind == .alreadyRunning)
    }
    _ = try first.runOnce()
  }

  @Test("every partition of every source gets a heartbeat at the end of a single run")
  func finalHeartbeats() throws {
    let bench = try Bench(platform: true, weblog: true, leads: true)
    try bench.platform().execute(Platform.schema + Platform.rows)
    try bench.appendToLog(Lines.request(1))
    let counts = try bench.capture()
    #expect(counts.heartbeats == 7 * 4)
    let beats = try bench.logged(heartbeats: true).filter { $0.event.operation == .heartbeat }
    #expect(Set(beats.map(\.partition)).count == 28)
    #expect(beats.allSatisfy { $0.event.payload == .heartbeat(Heartbeat(readUpTo: bench.clock.now)) })
    for (_, numbers) in try bench.numbers() { #expect(numbers == Array(1...UInt64(numbers.count))) }
  }

  /// Goal: the age of reports is that of the source. Method: a source with an event at every look, so that one partition is
  /// never silent, through 27 seconds of the test's clock.
  @Test("every partition gets a heartbeat every ten seconds, a busy one too, while the source is read to its end")
  func liveHeartbeats() throws {
    let bench = try Bench()
    let counts = try run(BusySource(isCaughtUp: true), on: bench)
    // All four at once, and twice more in the 27 seconds.
    #expect(counts.events > 24 && counts.heartbeats == 4 + 8)
    let beats = try bench.logged(heartbeats: true).filter { $0.event.operation == .heartbeat }
    #expect(Dictionary(grouping: beats, by: \.partition).values.map(\.count) == [3, 3, 3, 3])
  }

  @Test("a source with a backlog gets no heartbeat, however much is captured of it")
  func backlogHasNoHeartbeats() throws {
    let counts = try run(BusySource(isCaughtUp: false), on: Bench())
    #expect(counts.events > 24 && counts.heartbeats == 0)
  }

  /// Live through 27 seconds of the test's clock.
  private func run(_ source: BusySource, on bench: Bench) throws -> CaptureCounts {
    let clock = bench.clock
    let session = try CaptureSession(
      bench.configuration, sources: [source], log: bench.log, keyring: bench.keyring, vault: bench.vault,
      clock: { clock.now })
    let rounds = Rounds()
    return try session.run(
      until: {
        let round = rounds.next()
        if round.isMultiple(of: 16) { clock.advance(seconds: 3) }
        return round > 150
      }, pollMillis: 1)
  }

  @Test("a capture.sqlite that is older than the log is refused")
  func staleOutbox() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(Lines.request(1))
    try bench.capture()
    for suffix in ["", "-wal", "-shm"] { try Files.remove(bench.folder + "/capture.sqlite" + suffix) }
    do {
      try bench.capture()
      Issue.record("numbers were given away twice")
    } catch let error as CaptureError {
      #expect(error.kind == .positions)
    }
  }

  @Test("a log that is older than capture.sqlite is refused")
  func staleLog() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(Lines.request(1))
    try bench.capture()
    let copy = bench.folder + "/older"
    try Files.makeFolder(copy)
    try Database(bench.folder + "/log/log.sqlite", .readOnly).copy(to: copy + "/log.sqlite")
    try bench.appendToLog(Lines.request(2))
    try bench.capture()
    let older = FailingLog(try EmbeddedLog(folder: copy), [])
    do {
      try bench.capture(older)
      Issue.record("a log without its tail was written on")
    } catch let error as CaptureError {
      #expect(error.kind == .positions)
    }
  }

  @Test("anchors of what was appended are kept and agree with the log")
  func anchors() throws {
    let bench = try Bench(weblog: true)
    for round in 0..<5 {
      try bench.appendToLog((0..<20).map { Lines.request(round * 20 + $0, ip: "192.0.2.\($0)") }.joined())
      try bench.capture()
    }
    let anchors = try CaptureStatus.anchors(workspace: bench.folder)
    #expect(anchors.count == 4)
    for (partition, kept) in anchors {
      for anchor in kept { #expect(try bench.log.anchor(of: partition, at: anchor.nextOffset) == anchor) }
    }
  }

  /// Goal: nobody's data lies about in the clear. Method: search every file that capture writes for the canaries.
  @Test("no clear personal data is in capture's files, the log, the vault, or the status")
  func canaries() throws {
    let bench = try Bench(platform: true, weblog: true, leads: true)
    let database = try bench.platform()
    try database.execute(Platform.schema + Platform.rows)
    try bench.appendToLog(
      Lines.request(1, ip: "198.51.100.77", user: "canary-user") + "broken line of canary-user at 198.51.100.77\n")
    try bench.writeFile(
      bench.leadsFolder + "/a.csv", LeadSheetText.csv([LeadSheetText.row("L-1", contact: "Ana Canary")]).utf8)
    try bench.capture()
    try database.execute("UPDATE customers SET phone = '+54 11 5555-0002'; UPDATE orders SET order_date = 'bad'")
    try bench.writeFile(
      bench.leadsFolder + "/b.csv", LeadSheetText.csv([LeadSheetText.row("L-1", contact: "Eva Canary")]).utf8)
    try bench.capture()
    #expect(try bench.events().contains { $0.operation == .rejected })
    let status = "\(try bench.status())"
    let canaries = [
      "Canary", "canary-user", "canary.example", "198.51.100.77", "4111111111111111", "4111 1111", "28.123.456",
      "28123456",
      "5555-0001", "20123456786", "20-12345678-6", "5500005555555559", "987", "1980-02-29", "acme-login",
    ]
    let files = try FileManager.default.subpathsOfDirectory(atPath: bench.folder).filter {
      !$0.hasPrefix("platform.sqlite") && !$0.hasPrefix("weblogs") && !$0.hasPrefix("leads")
    }
    for file in files {
      guard let data = FileManager.default.contents(atPath: bench.folder + "/" + file) else { continue }
      // Three digits are found in random bytes; they are looked for in the decoded events below.
      for canary in canaries where canary.utf8.count > 3 {
        #expect(data.range(of: Data(canary.utf8)) == nil, "\(canary) in \(file)")
      }
    }
    for canary in canaries where canary != "987" { #expect(!status.contains(canary)) }
    // The other way round: what was sealed is there and opens to the right person.
    let user = try bench.token("canary-user", .user)
    let found = try bench.logged().contains { logged in
      if case .webRequest(let request) = try bench.tokenized(logged).payload { request.user == user } else { false }
    }
    #expect(found)
  }

  @Test("an event above the limit is replaced under its number", arguments: [1_047_500, 1_048_300, 1_200_000])
  func tooLarge(_ length: Int) throws {
    let bench = try Bench()
    let clock = bench.clock
    let session = try CaptureSession(
      bench.configuration, sources: [LargeSource(length)], log: bench.log, keyring: bench.keyring, vault: bench.vault,
      clock: { clock.now })
    let counts = try session.runOnce()
    #expect(counts.events == 3 && counts.rejected == 1)
    #expect(try bench.rejections() == ["event.tooLarge"])
    for (_, numbers) in try bench.numbers() { #expect(numbers == Array(1...UInt64(numbers.count))) }
  }
}

/// One more request of the same visitor at every look, with or without more behind it.
final class BusySource: CaptureSource, @unchecked Sendable {
  let name = "busy"
  let topics = [Topic.weblog]
  let readsAhead = false
  private let isCaughtUp: Bool
  private var looks: UInt64 = 0
  init(isCaughtUp: Bool) { self.isCaughtUp = isCaughtUp }
  func resume(from checkpoint: SourceCheckpoint) throws {}
  func delivered() throws {}
  func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    looks += 1
    let event = PendingEvent(
      topic: Topic.weblog, route: Token(high: 1, low: 2), operation: .create,
      position: SourcePosition(stream: "s", record: looks), version: .eventTime, occurredAt: now,
      payload: .webRequest(
        WebRequest<Person>(
          method: "GET", path: "/", status: 200, bytes: 0, referrer: "", userAgent: "", country: "", ipPrefix: "",
          countryDataVersion: 0, utmSource: "", utmMedium: "", utmCampaign: "", ip: PersonalData("203.0.113.9"))),
      subjects: .all([Subject("user", [1])]))
    return SourceBatch(events: [event], position: "\(looks)", isCaughtUp: isCaughtUp)
  }
}

/// Three requests, the second of which no log would take.
final class LargeSource: CaptureSource, @unchecked Sendable {
  let name = "large"
  let topics = [Topic.weblog]
  let readsAhead = false
  private let length: Int
  init(_ length: Int) { self.length = length }
  func resume(from checkpoint: SourceCheckpoint) throws {}
  func delivered() throws {}
  func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    let events = [10, length, 10].map { length in
      PendingEvent(
        topic: Topic.weblog, route: Token(high: 1, low: 2), operation: .create,
        position: SourcePosition(stream: "s", record: 0), version: .eventTime, occurredAt: now,
        payload: .webRequest(
          WebRequest<Person>(
            method: "GET", path: "/", status: 200, bytes: 0, referrer: "",
            userAgent: String(repeating: "x", count: length),
            country: "", ipPrefix: "", countryDataVersion: 0, utmSource: "", utmMedium: "", utmCampaign: "",
            ip: PersonalData("203.0.113.9"))),
        subjects: .all([Subject("user", [1])]))
    }
    return SourceBatch(events: events, position: "end", isCaughtUp: true)
  }
}

final class Rounds: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  var isBegun: Bool { lock.withLock { count > 0 } }
  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}
