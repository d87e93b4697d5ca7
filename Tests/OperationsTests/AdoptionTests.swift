import Capture
import Concurrency
import EmbeddedLog
import EventLog
import Failures
import Files
import Health
import Marts
import Money
import Operations
import Pipeline
import Runs
import TestSupport
import Testing
import Workspace

/// Moving a workspace to a copy of its log, as functions.
@Suite("Adopting a copy of the log", .temporaryFolder)
struct AdoptionTests {
  private var archive: String { "\(TemporaryFolder.path)/archive" }

  private func request(
    _ world: TestWorld, from: LogCopyPlace = .embedded
  ) throws -> (request: LogCopyRequest, copy: LogCopy) {
    let request = try LogCopyRequest(from: from, to: .folder(archive), adopts: true)
    let (workspace, configuration) = (world.workspace, world.configuration)
    let source = try workspace.openSource(request.from, configuration, request, stop: StopFlag())
    let target = try workspace.openTarget(request.to, configuration, request, of: source, stop: StopFlag())
    return (request, try LogCopy(from: source, to: target, topics: nil))
  }

  @Test("wishes that exclude each other are refused") func wishes() throws {
    func refused(_ words: String, _ make: () throws -> LogCopyRequest) throws {
      let failure = try #require(throws: Failure.self) { try make() }
      #expect(failure.kind == .usage && failure.message.contains(words), "\(failure.message)")
    }
    try refused("name the same log") { try LogCopyRequest(from: .kafka, to: .kafka) }
    try refused("needs the whole log") {
      try LogCopyRequest(from: .embedded, to: .folder("/x"), topics: ["orders"], adopts: true)
    }
    try refused("stands still") {
      try LogCopyRequest(from: .embedded, to: .folder("/x"), follows: true, adopts: true)
    }
    try refused("copies from or to kafka") {
      try LogCopyRequest(from: .embedded, to: .folder("/x"), bootstrap: "h:1")
    }
    try refused("name one: --bootstrap HOST:PORT") {
      let request = try LogCopyRequest(from: .embedded, to: .kafka)
      _ = try request.kafka(Configuration())
      return request
    }
  }

  /// Goal: a caller needs no terminal to copy a log. Method: copy, then compare and adopt in a second run; what it tells, what
  /// it answers and the ledger say the same.
  @Test("a copy is made, compared and adopted by the job, which the ledger knows") func job() throws {
    let world = try TestWorld()
    try world.capture()
    let records = try TestWorld.ends(world.workspace.logFolder).reduce(0) { $0 + $1.nextOffset.rawValue }
    var (passed, compared): (Int64, Int64) = (0, 0)
    func run(adopts: Bool) throws -> LogCopyJob.Result {
      let request = try LogCopyRequest(from: .embedded, to: .folder(archive), verifies: adopts, adopts: adopts)
      return try LogCopyJob(request, world.workspace, stop: StopFlag()).run { news in
        switch news {
        case .progress(let progress): passed = progress.done
        case .retrying(let error): Issue.record("\(error)")
        case .compared(let count): compared = count
        }
      }
    }
    let first = try run(adopts: false)
    #expect(first.summary.records == records && passed == records && first.comparison == nil && first.adopted == nil)
    let second = try run(adopts: true)
    #expect(second.summary.records == 0 && second.comparison?.records == records && compared == records)
    #expect(second.adopted == .embedded(folder: archive) && !second.isStopped)
    #expect(try world.workspace.configuration().log == .embedded(folder: archive))
    let runs = try RunHistory.read(world.workspace, .logCopy, limit: 10)
    #expect(runs.map { $0.counts["compared"] } == [records, nil] && runs.allSatisfy { $0.state == .finished })
    // Whoever asks to stop before the first record has a copy that can go on.
    let stop = StopFlag()
    stop.ask()
    let request = try LogCopyRequest(from: .folder(archive), to: .folder(archive + "2"), verifies: true)
    let stopped = try LogCopyJob(request, world.workspace, stop: stop).run()
    #expect(stopped.isStopped && stopped.comparison == nil)
  }

  @Test("a source that is not the workspace's own log is refused") func otherSource() throws {
    let world = try TestWorld()
    try world.capture()
    let failure = try #require(throws: Failure.self) {
      try LogAdoption(world.workspace, world.configuration, from: .folder(archive))
    }
    #expect(failure.kind == .usage && failure.message.contains("--from embedded"))
  }

  /// Goal: nothing is lost by an adoption. Method: adopt before anything was copied; the workspace stays as it was.
  @Test("a copy that lacks records is refused, and nothing is changed") func incomplete() throws {
    let world = try TestWorld()
    try world.capture()
    let before = try TestWorld.bytes(world.workspace.configurationFile)
    let (request, copy) = try request(world)
    let adoption = try LogAdoption(world.workspace, world.configuration, from: request.from)
    let failure = try #require(throws: Failure.self) {
      try adoption.adopt(copy, as: request.place(world.configuration))
    }
    #expect(failure.kind == .logDamaged && failure.message.contains("lacks records"))
    #expect(try TestWorld.bytes(world.workspace.configurationFile) == before)
  }

  @Test("a complete copy is adopted, and capture and marts go on with it") func adopted() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let counts = try world.status().health.marts.map(\.counts)
    do {
      let (request, copy) = try request(world)
      let adoption = try LogAdoption(world.workspace, world.configuration, from: request.from)
      _ = try copy.run()
      try adoption.adopt(copy, as: request.place(world.configuration))
    }
    let moved = try world.workspace.configuration()
    #expect(moved.log == .embedded(folder: archive))
    var expected = world.configuration
    expected.log = moved.log
    #expect(moved == expected)
    _ = try world.workspace.captureSession(moved, stop: StopFlag(), waits: false).runOnce()
    #expect(try WorkspaceStatus(of: world.workspace, moved, nowMillis: Workspace.clock().millis).reasons == [])
    #expect(try world.status().health.marts.map(\.counts) == counts)
  }

  /// Goal: a file that cannot be changed leaves the person with the lines to write. Method: a log: block in flow style.
  @Test("a configuration that cannot be rewritten is answered with the lines to put in") func unwritable() throws {
    let world = try TestWorld()
    try Files.replace(world.workspace.configurationFile, with: Array("{log: {kind: embedded}}\n".utf8))
    let configuration = try world.workspace.configuration()
    try world.capture()
    let (request, copy) = try request(world)
    let adoption = try LogAdoption(world.workspace, configuration, from: request.from)
    _ = try copy.run()
    let failure = try #require(throws: Failure.self) { try adoption.adopt(copy, as: request.place(configuration)) }
    #expect(failure.kind == .configuration && failure.message.contains("still uses its old log"))
    #expect(failure.details.contains("  log:") && failure.details.contains { $0.contains(archive) })
  }
}
