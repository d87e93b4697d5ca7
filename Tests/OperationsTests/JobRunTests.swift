import Concurrency
import Operations
import Runs
import TestSupport
import Testing
import Workspace

/// A job in the ledger, as its threads tell of it.
@Suite("Jobs in the ledger", .temporaryFolder)
struct JobRunTests {
  /// Goal: no thread's count is lost, while the ledger is told every second. Method: threads that count and remark for longer
  /// than one beat; then what the ledger keeps.
  @Test("counts and remarks of several threads are in the ledger, while it runs and at the end") func counts() throws {
    let workspace = Workspace(folder: "\(TemporaryFolder.path)/workspace")
    try workspace.create()
    let job = try JobRun(workspace.ledger(), .project)
    try job.track {
      let work = (0..<3).map { number in
        WorkThread.run("count \(number)") {
          let end = Monotonic.millis + 1_300
          var step: Int64 = 0
          while Monotonic.millis < end {
            step += 1
            job.count("part \(number)", step)
            job.remark("part \(number)", step % 500 == 0 ? nil : "waits")
            _ = StopFlag().pause(milliseconds: 1)
          }
          job.count("part \(number)", 1_000_000)
          job.remark("part \(number)", number == 1 ? "is slow" : nil)
        }
      }
      for each in work { try each.wait() }
      let running = try #require(try RunHistory.read(workspace, .project, limit: 1).first)
      #expect(running.state == .running && running.counts.count == 3, "a beat has told of all three")
    }
    let ended = try #require(try RunHistory.read(workspace, .project, limit: 1).first)
    #expect(ended.state == .finished && ended.reason == "part 1: is slow")
    #expect(ended.counts == ["part 0": 1_000_000, "part 1": 1_000_000, "part 2": 1_000_000])
  }
}
