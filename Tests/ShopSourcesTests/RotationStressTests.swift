import Capture
import CaptureSupport
import Concurrency
import Events
import Foundation
import TestSupport
import Testing

/// A live capture beside a server that writes 1,000 lines a second and is rotated all the time. The only real clock in
/// these suites: what is tried is that looks and rotations meet at any moment.
@Suite("Rotations under load", .temporaryFolder, .serialized)
struct RotationStressTests {
  private static var isLong: Bool { ProcessInfo.processInfo.environment["MILLRACE_LONG"] != nil }

  /// Goal: each line that stood in a file at a look is captured once, in every style, and history is whole. Method: 1,000
  /// lines a second; six rotations in two seconds; with MILLRACE_LONG in a minute. Server and rotation take
  /// turns, so that copytruncate itself loses nothing.
  @Test("six rotations under 1,000 lines a second lose and repeat nothing", arguments: LogServer.Style.allCases)
  func load(_ style: LogServer.Style) throws {
    let bench = try Bench(weblog: true)
    let server = LogServer(path: bench.weblogPath)
    // Used by its own thread alone once that has started.
    nonisolated(unsafe) let session = try bench.session()
    let stop = StopFlag()
    let ended = DispatchSemaphore(value: 0)
    let failure = Lock<(any Error)?>(nil)
    let captured = Lock(0)
    let capture = Thread {
      do {
        _ = try session.run(until: { stop.isAsked }, pollMillis: 50) { now in captured.withLock { $0 = now.events } }
      } catch { failure.withLock { $0 = error } }
      ended.signal()
    }
    capture.start()

    let seconds = Self.isLong ? 60.0 : 2.0
    let began = Date()
    var written = 0
    var rotated = 0
    var textBegin = 0
    while Date().timeIntervalSince(began) < seconds {
      let elapsed = Date().timeIntervalSince(began)
      let due = Int(elapsed * 1_000)
      if due > written {
        try server.write(written..<due)
        written = due
      }
      // What comes and goes between two looks nobody can know.
      let isSeen = style != .deleted || captured.withLock { $0 } > textBegin
      if Int(elapsed / seconds * 6.5) > rotated, isSeen {
        rotated += 1
        try server.rotate(style)
        textBegin = written
      }
      usleep(2_000)
    }
    let pages = { try bench.requests().compactMap { Int($0.path.dropFirst("/page/".count)) } }
    let deadline = Date().addingTimeInterval(30)
    while try pages().count < written, Date() < deadline { usleep(500_000) }
    stop.ask()
    ended.wait()
    #expect(failure.withLock { $0 } == nil)
    #expect(rotated == 6 || style == .deleted)
    let found = try pages().sorted()
    let missing = Set(0..<written).subtracting(found)
    #expect(
      missing.isEmpty && found.count == written,
      "\(written) written, \(found.count) captured, \(missing.sorted().prefix(9)) missing")
    #expect(try bench.status().sources.first?.notes.filter { $0.kind == .historyBroken } == [])
  }
}
