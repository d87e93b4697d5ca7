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

  /// Goal: a nightly job goes on by itself after a night that was cut off. Method: what kills at several moments leave.
  @Test(
    "what a killed snapshot left is written over, a file of somebody else is not, and copies are their owner's alone")
  func leftovers() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let file = "\(TemporaryFolder.path)/night.sqlite"
    let served = try TestWorld.bytes(world.workspace.mart("leads").path(of: 1))
    for (left, journal) in [
      ([], true), (Array(served.prefix(9_000)), true), ([UInt8](repeating: 0, count: 8_192), false),
    ] {
      try Files.create("\(file).partial", with: left, mode: 0o644)
      if journal { try Files.create("\(file).partial-journal", with: Array(repeating: 0xd9, count: 512), mode: 0o644) }
      _ = try MartSnapshot.take(of: "leads", in: world.workspace, to: file)
      #expect(try TestWorld.dump(file) == TestWorld.dump(world.workspace.mart("leads").path(of: 1)))
      #expect(try Files.status(file).mode & 0o777 == 0o600)
      #expect(try Files.names(in: TemporaryFolder.path).filter { $0.hasPrefix("night") } == ["night.sqlite"])
      try Files.remove(file)
    }
    let notes = Array("somebody's notes".utf8)
    try Files.create("\(file).partial", with: notes, mode: 0o644)
    #expect(throws: MartError.self) { try MartSnapshot.take(of: "leads", in: world.workspace, to: file) }
    #expect(try TestWorld.bytes("\(file).partial") == notes)
    try Files.remove("\(file).partial")
    let lock = try LockFile.tryLock("\(file).partial")
    let error = #expect(throws: MartError.self) { try MartSnapshot.take(of: "leads", in: world.workspace, to: file) }
    #expect(error?.cause.contains("under way") == true)
    withExtendedLifetime(lock) {}
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
