import Concurrency
import Files
import Foundation
import Runs
import SQLite
import TestSupport
import Testing

@Suite("The ledger of runs", .temporaryFolder)
struct RunLedgerTests {
  private var path: String { TemporaryFolder.path + "/runs.sqlite" }

  @Test("a run is listed from its start to its end, with counts")
  func wholeLife() throws {
    let ledger = try RunLedger(path: path)
    #expect(try ledger.list() == [])
    let run = try ledger.start(job: "capture", command: "millrace capture --once", nowMillis: 1_000)
    #expect(run.resumes == nil)
    var record = try #require(try ledger.list().first)
    #expect(record.state == .running)
    #expect(record.job == "capture")
    #expect(record.command == "millrace capture --once")
    #expect(record.processID == getpid())
    #expect(record.startedAtMillis == 1_000)
    #expect(record.endedAtMillis == nil)

    try run.heartbeat(nowMillis: 2_000, counts: ["in": 5, "out": 4])
    try run.heartbeat(nowMillis: 3_000, counts: ["in": 9])
    #expect(run.progress == ["in": 9, "out": 4])
    try run.finish(nowMillis: 4_000, counts: ["out": 9])
    record = try #require(try ledger.list().first)
    #expect(record.state == .finished)
    #expect(record.endedAtMillis == 4_000)
    #expect(record.heartbeatAtMillis == 4_000)
    #expect(record.counts == ["in": 9, "out": 9])
    #expect(record.reason == nil)
  }

  @Test("a failed run keeps its reason, and the next one does not resume it")
  func failure() throws {
    let ledger = try RunLedger(path: path)
    try ledger.start(job: "project", command: "p", nowMillis: 1).fail(nowMillis: 2, reason: "disk full")
    let record = try #require(try ledger.list().first)
    #expect(record.state == .failed)
    #expect(record.reason == "disk full")
    #expect(record.endedAtMillis == 2)
    #expect(try ledger.start(job: "project", command: "p", nowMillis: 3).resumes == nil)
  }

  @Test("a failure stands until a later run of the job ended well, or has lived long enough")
  func unresolvedFailure() throws {
    let ledger = try RunLedger(path: path)
    func standing(_ now: Int64) throws -> String? {
      try ledger.markBroken()
      return try ledger.unresolvedFailure(of: "capture", nowMillis: now).map { $0.reason ?? $0.state.rawValue }
    }
    #expect(try standing(0) == nil)
    try ledger.start(job: "capture", command: "c", nowMillis: 1).fail(nowMillis: 2, reason: "disk full")
    try ledger.start(job: "project", command: "p", nowMillis: 1).finish(nowMillis: 3)
    #expect(try standing(10) == "disk full")
    // Dies at each start, each time after the same.
    var next: RunHandle? = try ledger.start(job: "capture", command: "c", nowMillis: 100)
    #expect(try standing(100 + RunLimits.settledMillis - 1) == "disk full")
    #expect(try standing(100 + RunLimits.settledMillis) == nil)
    withExtendedLifetime(next) {}
    next = nil
    #expect(try standing(100 + RunLimits.settledMillis) == "broken")
    try ledger.start(job: "capture", command: "c", nowMillis: 200).finish(nowMillis: 201)
    #expect(try standing(201) == nil)
  }

  /// Goal: a job that vanished gets its last heartbeat as break time, and the next one names it. Method: drop a run without
  /// an end, which frees its lock as the end of its process would.
  @Test("a run whose owner is gone is broken at its last heartbeat, and the next run of the job resumes it")
  func brokenAndResumed() throws {
    let ledger = try RunLedger(path: path)
    var lost: RunHandle? = try ledger.start(job: "capture", command: "c", nowMillis: 1_000)
    let lostID = try #require(lost?.id)
    try lost?.heartbeat(nowMillis: 7_000, counts: ["in": 3])
    #expect(try ledger.markBroken() == [])
    lost = nil

    let other = try ledger.start(job: "project", command: "p", nowMillis: 8_000)
    #expect(other.resumes == nil)
    let broken = try #require(try ledger.list(job: "capture").first)
    #expect(broken.state == .broken)
    #expect(broken.endedAtMillis == 7_000)
    #expect(broken.counts == ["in": 3])

    let next = try ledger.start(job: "capture", command: "c", nowMillis: 9_000)
    #expect(next.resumes == lostID)
    try next.finish(nowMillis: 9_500)
    #expect(try ledger.start(job: "capture", command: "c", nowMillis: 10_000).resumes == nil)
  }

  @Test("a job broken twice is resumed from the second break")
  func brokenTwice() throws {
    let ledger = try RunLedger(path: path)
    _ = try ledger.start(job: "capture", command: "c", nowMillis: 1)
    let second = try ledger.start(job: "capture", command: "c", nowMillis: 2).id
    #expect(try ledger.start(job: "capture", command: "c", nowMillis: 3).resumes == second)
  }

  @Test("another process's running job is left alone, also by another ledger object")
  func runningElsewhere() throws {
    let first = try RunLedger(path: path)
    let second = try RunLedger(path: path)
    let run = try first.start(job: "capture", command: "c", nowMillis: 1)
    #expect(try second.markBroken() == [])
    let twin = try second.start(job: "capture", command: "c", nowMillis: 2)
    #expect(twin.resumes == nil)
    #expect(try first.list().map(\.state) == [.running, .running])
    try run.finish(nowMillis: 3)
    try twin.finish(nowMillis: 3)
  }

  /// Goal: kill -9 is a break. Method: another process (the `flock` program) holds the run's lock and is killed.
  @Test("a killed process frees its run")
  func killedOwner() throws {
    let ledger = try RunLedger(path: path)
    var run: RunHandle? = try ledger.start(job: "capture", command: "c", nowMillis: 5)
    let id = try #require(run?.id)
    run = nil
    let ready = TemporaryFolder.path + "/ready"
    let holder = try #require(
      spawn("/usr/bin/flock", ["\(path).\(id).lock", "sh", "-c", "echo > '\(ready)'; exec sleep 60"]))
    while !Files.exists(ready) { usleep(1_000) }
    #expect(try ledger.markBroken() == [])
    kill(-holder, SIGKILL)
    var status: Int32 = 0
    waitpid(holder, &status, 0)
    // The kernel closes the killed processes' descriptors one after the other.
    var broken: [Int64] = []
    while broken.isEmpty { broken = try ledger.markBroken() }
    #expect(broken == [id])
  }

  @Test("an ended run takes no more reports, and leaves no lock file")
  func endedTwice() throws {
    let ledger = try RunLedger(path: path)
    let run = try ledger.start(job: "capture", command: "c", nowMillis: 1)
    #expect(try Files.names(in: TemporaryFolder.path).contains("runs.sqlite.\(run.id).lock"))
    try run.finish(nowMillis: 2)
    let error = #expect(throws: RunError.self) { try run.heartbeat(nowMillis: 3) }
    #expect(error?.kind == .ended)
    #expect(throws: RunError.self) { try run.fail(nowMillis: 3, reason: "late") }
    #expect(try ledger.list().first?.state == .finished)
    #expect(try Files.names(in: TemporaryFolder.path).filter { $0.hasSuffix(".lock") } == [])
  }

  @Test("a clock that jumps back moves neither heartbeat nor end before what was seen")
  func clockJumpsBack() throws {
    let ledger = try RunLedger(path: path)
    let run = try ledger.start(job: "capture", command: "c", nowMillis: 1_000)
    try run.heartbeat(nowMillis: 5_000)
    try run.heartbeat(nowMillis: 10)
    try run.finish(nowMillis: 20)
    let record = try #require(try ledger.list().first)
    #expect(record.heartbeatAtMillis == 5_000)
    #expect(record.endedAtMillis == 5_000)
  }

  @Test("the list is newest first, by job, and limited")
  func listing() throws {
    let ledger = try RunLedger(path: path)
    for number in 0..<5 {
      try ledger.start(job: number % 2 == 0 ? "even" : "odd", command: "", nowMillis: Int64(number)).finish(
        nowMillis: Int64(number))
    }
    #expect(try ledger.list().map(\.startedAtMillis) == [4, 3, 2, 1, 0])
    #expect(try ledger.list(job: "odd").map(\.startedAtMillis) == [3, 1])
    #expect(try ledger.list(limit: 2).map(\.startedAtMillis) == [4, 3])
    #expect(try ledger.list(limit: -1) == [])
    #expect(try ledger.list(job: "none") == [])
  }

  @Test("long texts are cut, and odd ones kept")
  func texts() throws {
    let ledger = try RunLedger(path: path)
    let run = try ledger.start(
      job: "a'; DROP TABLE runs; --", command: String(repeating: "é", count: 5_000), nowMillis: 1)
    try run.finish(nowMillis: 2)
    let record = try #require(try ledger.list().first)
    #expect(record.job == "a'; DROP TABLE runs; --")
    #expect(record.command.utf8.count <= RunLimits.textBytes + 3)
  }

  @Test("the ledger never uses a write-ahead log")
  func rollbackJournal() throws {
    let ledger = try RunLedger(path: path)
    try ledger.start(job: "capture", command: "c", nowMillis: 1).finish(nowMillis: 2)
    #expect(try !Files.names(in: TemporaryFolder.path).contains { $0.hasSuffix("-wal") || $0.hasSuffix("-shm") })
    #expect(try Database(path, .readOnly).string("PRAGMA journal_mode") != "wal")
  }

  @Test("a newer ledger, another database, text and a link are refused")
  func foreign() throws {
    let folder = TemporaryFolder.path
    _ = try RunLedger(path: folder + "/newer")
    try Database(folder + "/newer", .readWrite).setUserVersion(9)
    try Database(folder + "/theirs", .readWriteCreate).execute("CREATE TABLE theirs (x)")
    try Files.create(folder + "/text", with: [UInt8](repeating: 65, count: 2_000), mode: 0o600)
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/real")
    for name in ["newer", "theirs", "text", "link"] {
      let error = #expect(throws: RunError.self) { _ = try RunLedger(path: folder + "/" + name) }
      #expect(error?.kind == .configuration, "\(name)")
      #expect(error?.hint.isEmpty == false)
    }
  }

  @Test("four threads with a ledger object each write without losing a run")
  func concurrent() throws {
    let path = path
    let work = (0..<4).map { thread in
      WorkThread.run("ledger \(thread)") {
        let ledger = try RunLedger(path: path)
        for number in 0..<10 {
          let run = try ledger.start(job: "job \(thread)", command: "c", nowMillis: Int64(number))
          try run.heartbeat(nowMillis: Int64(number), counts: ["n": Int64(number)])
          try run.finish(nowMillis: Int64(number))
        }
      }
    }
    for each in work { try each.wait() }
    let records = try RunLedger(path: path).list()
    #expect(records.count == 40)
    #expect(records.allSatisfy { $0.state == .finished && $0.resumes == nil && $0.counts["n"] == $0.startedAtMillis })
  }

  /// Goal: one object may be shared. Method: threads that begin, end and list runs through the same one.
  @Test("threads that share one ledger object lose no run")
  func sharedObject() throws {
    let ledger = try RunLedger(path: path)
    let work = (0..<4).map { thread in
      WorkThread.run("ledger \(thread)") {
        for number in 0..<8 {
          let run = try ledger.start(job: "job \(thread)", command: "c", nowMillis: Int64(number))
          try run.finish(nowMillis: Int64(number))
          _ = try ledger.list(limit: 3)
        }
      }
    }
    for each in work { try each.wait() }
    let records = try ledger.list()
    #expect(records.count == 32 && records.allSatisfy { $0.state == .finished })
  }

  /// Starts a program in a process group of its own, with no signals blocked (Foundation's Process would inherit ours).
  private func spawn(_ program: String, _ arguments: [String]) -> pid_t? {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    posix_spawnattr_setpgroup(&attributes, 0)
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var child: pid_t = 0
    return posix_spawn(&child, program, nil, &attributes, &words, environ) == 0 ? child : nil
  }
}
