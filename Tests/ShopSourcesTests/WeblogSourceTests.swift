import Capture
import CaptureSupport
import Entity
import Events
import Files
import Foundation
import Money
import ShopSources
import TestSupport
import Testing

@Suite("Web logs", .temporaryFolder)
struct WeblogSourceTests {
  private func paths(_ bench: Bench) throws -> [Int] {
    try bench.requests().compactMap { Int($0.path.dropFirst("/page/".count)) }.sorted()
  }

  private func lines(_ range: some Sequence<Int>) -> String { range.map { Lines.request($0) }.joined() }

  @Test("lines are captured once, restart or not")
  func restart() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<10))
    #expect(try bench.capture().events == 10)
    #expect(try bench.capture().events == 0)
    try bench.appendToLog(lines(10..<15))
    #expect(try bench.capture().events == 5)
    #expect(try paths(bench) == Array(0..<15))
  }

  @Test("the same line twice in a file is two requests")
  func twice() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(Lines.request(1) + Lines.request(1))
    #expect(try bench.capture().events == 2)
  }

  @Test("a half-written last line waits for its end")
  func halfLine() throws {
    let bench = try Bench(weblog: true)
    let whole = Lines.request(2)
    try bench.appendToLog(lines(0..<2) + whole.prefix(60))
    #expect(try bench.capture().events == 2)
    try bench.appendToLog(String(whole.dropFirst(60)))
    #expect(try bench.capture().events == 1)
    #expect(try paths(bench) == [0, 1, 2] && bench.rejections().isEmpty)
  }

  /// Goal: rotation by renaming neither loses nor repeats. Method: rotate with unread lines in the old file, twice.
  @Test("renamed files are finished before the new one", arguments: [true, false])
  func rotation(_ capturesBetween: Bool) throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<3))
    try bench.capture()
    try bench.appendToLog(lines(3..<6))
    try bench.rename(bench.weblogPath, bench.weblogPath + ".1")
    try bench.appendToLog(lines(6..<8))
    if capturesBetween { try bench.capture() }
    try bench.rename(bench.weblogPath + ".1", bench.weblogPath + ".2")
    try bench.rename(bench.weblogPath, bench.weblogPath + ".1")
    try bench.appendToLog(lines(8..<9))
    try bench.capture()
    try bench.capture()
    #expect(try paths(bench) == Array(0..<9))
  }

  @Test("a first start reads the oldest rotation first")
  func firstStart() throws {
    let bench = try Bench(weblog: true)
    try bench.writeFile(bench.weblogPath + ".10", lines(0..<2).utf8)
    try bench.writeFile(bench.weblogPath + ".2", lines(2..<4).utf8)
    try bench.writeFile(bench.weblogPath, lines(4..<6).utf8)
    try bench.capture()
    #expect(try paths(bench) == Array(0..<6))
    // One visitor, hence one partition: its numbers tell the order of capture.
    let inOrder = try bench.events().sorted { $0.number < $1.number }
    #expect(inOrder.map(\.occurredAt) == inOrder.map(\.occurredAt).sorted())
  }

  @Test("copied and truncated files go on where they were read")
  func copyTruncate() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<5))
    try bench.capture()
    try bench.appendToLog(lines(5..<7))
    try FileManager.default.copyItem(atPath: bench.weblogPath, toPath: bench.weblogPath + ".1")
    try FileHandle(forWritingTo: URL(fileURLWithPath: bench.weblogPath)).truncate(atOffset: 0)
    try bench.appendToLog(lines(7..<9))
    try bench.capture()
    try bench.capture()
    #expect(try paths(bench) == Array(0..<9))
  }

  /// Goal: a copy is never read beside its original. Method: capture in every gap that copytruncate leaves: half copied,
  /// copied, grown after the copy, truncated, grown again.
  @Test("a copy that is under way is not read twice", arguments: [false, true])
  func copyUnderWay(_ growsBeforeTruncation: Bool) throws {
    let bench = try Bench(weblog: true)
    let session = try bench.session()
    try bench.appendToLog(lines(0..<5))
    _ = try session.runOnce()
    try bench.writeFile(bench.weblogPath + ".1", lines(0..<3).utf8)
    _ = try session.runOnce()
    try bench.appendToLog(lines(5..<7))
    let copy = try FileHandle(forWritingTo: URL(fileURLWithPath: bench.weblogPath + ".1"))
    try copy.seekToEnd()
    try copy.write(contentsOf: Data(lines(3..<7).utf8))
    _ = try session.runOnce()
    if growsBeforeTruncation {
      try bench.appendToLog(lines(7..<8))
      _ = try session.runOnce()
    }
    try FileHandle(forWritingTo: URL(fileURLWithPath: bench.weblogPath)).truncate(atOffset: 0)
    _ = try session.runOnce()
    try bench.appendToLog(lines(8..<10))
    _ = try session.runOnce()
    #expect(try paths(bench) == Array(0..<7) + (growsBeforeTruncation ? [7] : []) + [8, 9])
  }

  @Test("a truncated file that has grown again is read from its start, and status says so")
  func truncatedAndGrown() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(lines(0..<3))
    try bench.capture()
    try FileHandle(forWritingTo: URL(fileURLWithPath: bench.weblogPath)).truncate(atOffset: 0)
    try bench.appendToLog(lines(100..<110))
    try bench.capture()
    #expect(try paths(bench) == Array(0..<3) + Array(100..<110))
    #expect(try bench.status().sources.first?.notes.map(\.kind) == [.historyBroken])
  }

  /// Goal: a worker that finishes its request after the rotation does no harm. Method: a half line in a rotated file, more
  /// lines in the new one; its end comes while capture is waiting.
  @Test("a rotated file's half line is no line while somebody may finish it")
  func lateWriter() throws {
    let bench = try Bench(weblog: true)
    let source = try WeblogSource(name: "weblog", path: bench.weblogPath, keyring: bench.keyring, countries: nil)
    let poll = { try source.poll(limit: BatchLimit(), now: bench.clock.now) }
    let whole = Lines.request(2)
    try bench.appendToLog(lines(0..<2) + whole.prefix(60))
    try bench.rename(bench.weblogPath, bench.weblogPath + ".1")
    try bench.appendToLog(lines(3..<4))
    let first = try poll()
    #expect(first.events.map(\.operation) == [.create, .create, .create])
    #expect(first.notes.map(\.kind) == [.waiting])
    let old = try FileHandle(forWritingTo: URL(fileURLWithPath: bench.weblogPath + ".1"))
    try old.seekToEnd()
    try old.write(contentsOf: Data(String(whole.dropFirst(60)).utf8))
    let second = try poll()
    #expect(second.events.map(\.operation) == [.create] && second.notes.isEmpty)
  }

  @Test("an unterminated last line of a rotated file is a line")
  func unterminatedRotation() throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(String(lines(0..<2).dropLast()))
    #expect(try bench.capture().events == 1)
    try bench.rename(bench.weblogPath, bench.weblogPath + ".1")
    try bench.appendToLog(lines(2..<3))
    #expect(try bench.capture().events == 2)
    #expect(try paths(bench) == [0, 1, 2] && bench.rejections().isEmpty)
  }

  @Test(
    "lines that are too long or no lines are rejected one by one and the rest goes on", arguments: [70_000, 3_000_000])
  func longLines(_ length: Int) throws {
    let bench = try Bench(weblog: true)
    try bench.appendToLog(Lines.request(0) + String(repeating: "x", count: length) + "\n" + Lines.request(1) + "junk\n")
    #expect(try bench.capture().events == 4)
    #expect(try bench.rejections() == ["weblog.lineTooLong", "weblog.unparsable"])
    #expect(try paths(bench) == [0, 1])
  }

  @Test("an endless line without an end is rejected once and skipped as it grows")
  func endlessLine() throws {
    let bench = try Bench(weblog: true)
    let piece = String(repeating: "x", count: 200_000)
    try bench.appendToLog(Lines.request(0) + piece)
    try bench.capture()
    try bench.appendToLog(piece)
    try bench.capture()
    try bench.appendToLog(piece + "\n" + Lines.request(1))
    try bench.capture()
    #expect(try bench.rejections() == ["weblog.lineTooLong"] && paths(bench) == [0, 1])
  }

  @Test("an address in a user agent and the user of a referrer's host are not in the log")
  func personalHeaders() throws {
    let bench = try Bench(weblog: true)
    let agents = [
      "bot/1.0 (+mailto:ana@canary.example)": "bot/1.0 (+mailto:[redacted])", "A@B/2 x@1.2": "A@B/2 x@1.2",
    ]
    let referrers = [
      "https://canary:s3cret@host.example/a?b=c": "https://host.example/a",
      "https://canary@host.example": "https://host.example", "//canary:p@host.example/": "//host.example/",
      "canary:s3cret@host.example/x": "host.example/x",
      "https://host.example/by/ana@canary.example": "https://host.example/by/[redacted]",
    ]
    for (index, agent) in agents.keys.enumerated() { try bench.appendToLog(Lines.request(index, agent: agent)) }
    for referrer in referrers.keys {
      try bench.appendToLog(Lines.request(9).replacing("\"-\"", with: "\"\(referrer)\""))
    }
    #expect(try bench.capture().events == 7)
    let requests = try bench.requests()
    #expect(Set(agents.values).isSubset(of: requests.map(\.userAgent)))
    #expect(Set(requests.map(\.referrer)) == Set(referrers.values + [""]))
  }

  @Test("a missing folder is waited for and gets no heartbeat")
  func missingFolder() throws {
    let bench = try Bench(weblog: true)
    try FileManager.default.removeItem(atPath: bench.folder + "/weblogs")
    #expect(try bench.capture().heartbeats == 0)
    #expect(try bench.status().sources.first?.notes.first?.kind == .unread)
    try Files.makeFolder(bench.folder + "/weblogs")
    try bench.appendToLog(lines(0..<2))
    #expect(try bench.capture().events == 2)
    #expect(try bench.status().sources.first?.epoch == 1)
  }

  /// Goal: a real site's log is taken whole. Method: totals against an independent split of the same lines.
  @Test(
    "all 10,000 lines of the public sample give the totals of an independent count",
    .enabled(if: Place.sharedData != nil, "the folder of sample data is not there (MILLRACE_SHARED_DATA)"))
  func publicSample() throws {
    let folder = try #require(Place.sharedData)
    let data = try #require(FileManager.default.contents(atPath: folder + "/apache_logs"))
    var (bytes, notFound, clients): (Int64, Int, Set<String>) = (0, 0, [])
    var lineCount = 0
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      lineCount += 1
      clients.insert(String(line.prefix { $0 != " " }))
      let words = line.split(separator: "\"", omittingEmptySubsequences: false)
      // In this sample no request holds a quote, so status and size follow the second one.
      let numbers = words[2].split(separator: " ")
      if numbers[0] == "404" { notFound += 1 }
      bytes += Int64(numbers[1]) ?? 0
    }
    let bench = try Bench(weblog: true)
    try bench.writeFile(bench.weblogPath, data)
    let counts = try bench.capture()
    let unterminated = data.last == UInt8(ascii: "\n") ? 0 : 1
    #expect(counts.events == lineCount - unterminated && counts.rejected == 0 && lineCount == 10_000)
    let requests = try bench.requests()
    #expect(requests.reduce(0) { $0 + $1.bytes } == bytes)
    #expect(requests.count { $0.status == 404 } == notFound)
    let tokens = try bench.logged().map { logged -> Token? in
      guard case .webRequest(let request) = try bench.tokenized(logged).payload else { return nil }
      return request.ip
    }
    #expect(Set(tokens).count == clients.count)
  }
}
