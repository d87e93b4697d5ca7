import Operations
import Runs
import TestSupport
import Testing
import Workspace

/// What `millrace runs` shows, as a value.
@Suite("The history of runs", .temporaryFolder)
struct RunHistoryTests {
  /// Goal: no job is left out of `runs --job`. Method: a run of every kind there is, of two marts where a kind has runs of
  /// each; every kind's word finds its own.
  @Test("every kind of job is found by its word, and no other with it") func kinds() throws {
    let workspace = Workspace(folder: "\(TemporaryFolder.path)/workspace")
    try workspace.create()
    let ledger = try workspace.ledger()
    for kind in JobKind.allCases {
      for mart in kind.isPerMart ? ["sales", "leads"] : [nil] { try JobRun(ledger, kind, of: mart).track {} }
    }
    for kind in JobKind.allCases {
      #expect(!kind.word.contains(" ") && JobKind(word: kind.word) == kind)
      let records = try RunHistory.read(workspace, kind, limit: 10)
      #expect(records.count == (kind.isPerMart ? 2 : 1), "\(kind)")
      #expect(records.allSatisfy { JobKind(entry: $0.job) == kind && $0.state == .finished }, "\(kind)")
      #expect(Set(records.compactMap { kind.mart(of: $0.job) }) == (kind.isPerMart ? ["sales", "leads"] : []))
    }
    #expect(try RunHistory.read(workspace, limit: 100).count == JobKind.allCases.count + 2)
    #expect(try RunHistory.read(workspace, .replay, limit: 1).map(\.job) == ["replay leads"])
    #expect(JobKind(entry: "replays") == nil && JobKind(entry: "capture sales") == nil && JobKind(word: "all") == nil)
  }
}
