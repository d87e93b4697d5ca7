import Failures
import Files
import Marts
import Operations
import TestSupport
import Testing
import Workspace

/// What `millrace snapshot` does, as a function.
@Suite("Snapshots of marts", .temporaryFolder)
struct SnapshotTests {
  @Test("a snapshot is the served mart in one file, which is made and never replaced") func copy() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let file = "\(TemporaryFolder.path)/copy.sqlite"
    let snapshot = try MartSnapshot.take(of: "leads", in: world.workspace, to: file)
    #expect(snapshot.mart == "leads" && snapshot.generation == 1 && snapshot.file == file)
    let dump = try TestWorld.dump(file)
    let served = try TestWorld.dump(world.workspace.mart("leads").path(of: 1))
    #expect(!dump.isEmpty && dump == served)
    #expect(!Files.exists("\(file)-wal"))
    #expect(throws: MartError.self) { try MartSnapshot.take(of: "leads", in: world.workspace, to: file) }
    #expect(try TestWorld.dump(file) == dump)
  }

  @Test("a mart that is none, or not built, has no snapshot") func missing() throws {
    let world = try TestWorld()
    let file = "\(TemporaryFolder.path)/copy.sqlite"
    let unknown = try #require(throws: Failure.self) {
      try MartSnapshot.take(of: "sale", in: world.workspace, to: file)
    }
    #expect(unknown.kind == .usage && unknown.message.contains("did you mean sales"))
    let absent = try #require(throws: MartError.self) {
      try MartSnapshot.take(of: "sales", in: world.workspace, to: file)
    }
    #expect(absent.kind == .missing && !Files.exists(file))
  }
}
