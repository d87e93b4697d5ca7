import Files
import Foundation
import TestSupport
import Testing

@Suite("Files", .temporaryFolder)
struct FilesTests {
  private var folder: String { TemporaryFolder.path }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: folder + "/" + name, withDestinationPath: target)
  }

  @Test("a created file holds what was given, under the mode that was given, and is never overwritten")
  func create() throws {
    let path = folder + "/file"
    try Files.create(path, with: [1, 2, 3], mode: 0o600)
    let (bytes, status) = try Files.read(path, limit: 3)
    #expect(bytes == [1, 2, 3])
    #expect(status.mode == 0o600)
    #expect(status.size == 3)
    #expect(status.links == 1)
    #expect(status.isRegular)
    #expect(status.owner == geteuid())
    #expect(throws: FileError.self) { try Files.create(path, with: [9], mode: 0o600) }
    #expect(try Files.read(path, limit: 3).bytes == [1, 2, 3])
  }

  @Test("replacing keeps no rest of the old content and no temporary file")
  func replace() throws {
    let path = folder + "/pointer"
    try Files.replace(path, with: Array("a long first content".utf8))
    try Files.replace(path, with: [7])
    #expect(try Files.read(path, limit: 100).bytes == [7])
    #expect(try Files.names(in: folder) == ["pointer"])
  }

  @Test("a temporary file left by a crash does not stop a replacement")
  func replaceAfterCrash() throws {
    let path = folder + "/pointer"
    try Files.create(path + ".tmp", with: [1], mode: 0o600)
    try Files.replace(path, with: [2])
    #expect(try Files.read(path, limit: 100).bytes == [2])
  }

  @Test("a link where the temporary file goes is not followed")
  func replaceThroughLink() throws {
    try Files.create(folder + "/victim", with: [1], mode: 0o600)
    try link("pointer.tmp", to: folder + "/victim")
    try Files.replace(folder + "/pointer", with: [2])
    #expect(try Files.read(folder + "/victim", limit: 9).bytes == [1])
  }

  @Test("a file above the limit is refused before it is read")
  func limit() throws {
    let path = folder + "/large"
    try Files.create(path, with: [UInt8](repeating: 0, count: 101), mode: 0o600)
    let error = #expect(throws: FileError.self) { _ = try Files.read(path, limit: 100) }
    #expect(error?.reason.contains("limit of 100") == true)
    #expect(try Files.read(path, limit: 101).bytes.count == 101)
  }

  @Test("links, folders and pipes are not read")
  func oddFiles() throws {
    try Files.create(folder + "/real", with: [1], mode: 0o600)
    try link("link", to: folder + "/real")
    mkfifo(folder + "/pipe", 0o600)
    for name in ["link", "pipe", "", "absent"] {
      #expect(throws: FileError.self, "\(name)") { _ = try Files.read(folder + "/" + name, limit: 10) }
    }
    let error = #expect(throws: FileError.self) { _ = try Files.read(folder + "/link", limit: 10) }
    #expect(error?.reason == "it is a symbolic link")
  }

  @Test("status names a link, and does not need to open the file")
  func status() throws {
    try Files.create(folder + "/real", with: [1, 2], mode: 0o640)
    try link("link", to: folder + "/real")
    #expect(Files.isSymbolicLink(folder + "/link"))
    #expect(!Files.isSymbolicLink(folder + "/real"))
    #expect(!Files.isSymbolicLink(folder + "/absent"))
    let status = try Files.status(folder + "/real")
    #expect(status.size == 2)
    #expect(status == (try Files.read(folder + "/real", limit: 10).status))
    #expect(try !Files.status(folder).isRegular)
    #expect(throws: FileError.self) { _ = try Files.status(folder + "/link") }
    #expect(throws: FileError.self) { _ = try Files.status(folder + "/absent") }
  }

  @Test("a folder is made with its parents, and again without complaint")
  func folders() throws {
    let deep = folder + "/a/b/c"
    try Files.makeFolder(deep)
    try Files.makeFolder(deep)
    #expect(Files.exists(deep))
    #expect(try Files.status(deep).mode == 0o700)
    try Files.makeFolder(folder + "/d/")
    #expect(Files.exists(folder + "/d"))
    try Files.create(folder + "/file", with: [], mode: 0o600)
    #expect(throws: FileError.self) { try Files.makeFolder(folder + "/file/below") }
    #expect(throws: FileError.self) { try Files.makeFolder(folder + "/file") }
  }

  @Test("names are listed by their bytes, hidden ones too")
  func names() throws {
    for name in ["b", "a", ".hidden", "Z", "é"] { try Files.create(folder + "/" + name, with: [], mode: 0o600) }
    #expect(try Files.names(in: folder) == [".hidden", "Z", "a", "b", "é"])
    #expect(throws: FileError.self) { _ = try Files.names(in: folder + "/absent") }
  }

  @Test("removing what is not there is fine")
  func remove() throws {
    try Files.create(folder + "/x", with: [], mode: 0o600)
    try Files.remove(folder + "/x")
    try Files.remove(folder + "/x")
    #expect(!Files.exists(folder + "/x"))
    #expect(throws: FileError.self) { try Files.remove(folder) }
  }

  @Test(
    "the folder of a path is found",
    arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/c", "a/b"), ("./a", ".")])
  func folderOfPath(path: String, expected: String) {
    #expect(Files.folder(of: path) == expected)
  }

  @Test("errors say which file, what was tried and why")
  func errors() {
    let error = #expect(throws: FileError.self) { try Files.syncFolder(folder + "/absent") }
    #expect(error.map { "\($0)" } == "\(folder)/absent: cannot open folder: No such file or directory")
  }
}

@Suite("Lock files", .temporaryFolder)
struct LockFileTests {
  private var path: String { TemporaryFolder.path + "/x.lock" }

  private func isFree() throws -> Bool {
    switch try LockFile.tryLock(path) {
    case .some: true
    case .none: false
    }
  }

  @Test("a lock is held once, also within a process, and freed when nobody has it any more")
  func exclusive() throws {
    func hold() throws {
      let lock = try LockFile.tryLock(path)
      #expect(try !isFree())
      withExtendedLifetime(lock) {}
    }
    try hold()
    #expect(try isFree())
    #expect(try isFree())
    #expect(Files.exists(path))
  }

  /// Goal: a process that another thread starts at the moment of the release does not keep the lock until its exec. Method: a
  /// copy of the descriptor, which is what such a process has.
  @Test("a lock is freed although a copy of its descriptor is still open")
  func freedBesideCopies() throws {
    func hold() throws -> [Int32] {
      let lock = try LockFile.tryLock(path)
      let copies = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init).filter {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == path
      }.map { dup($0) }
      withExtendedLifetime(lock) {}
      return copies
    }
    let copies = try hold()
    defer { for copy in copies { close(copy) } }
    #expect(!copies.isEmpty)
    #expect(try isFree())
  }

  @Test("withLock lends the lock and frees it, also when the body throws")
  func lends() throws {
    struct Stop: Error {}
    let lock = try LockFile(opening: path)
    #expect(try isFree())
    let freeMeanwhile = try lock.withLock { try isFree() }
    #expect(!freeMeanwhile)
    #expect(try isFree())
    #expect(throws: Stop.self) { try lock.withLock { throw Stop() } }
    #expect(try isFree())
  }

  @Test("withLock waits for the other holder")
  func waits() async throws {
    let path = path
    // Without the lock, adding in two steps would lose most of the additions.
    nonisolated(unsafe) var total = 0
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread {
              continuation.resume(
                with: Result {
                  let lock = try LockFile(opening: path)
                  for _ in 0..<50 {
                    try lock.withLock {
                      let seen = total
                      usleep(10)
                      total = seen + 1
                    }
                  }
                })
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(total == 200)
  }

  @Test("a link or a missing folder is refused, and the mode keeps others out")
  func refusals() throws {
    let folder = TemporaryFolder.path
    try FileManager.default.createSymbolicLink(atPath: folder + "/link", withDestinationPath: folder + "/target")
    #expect(throws: FileError.self) { _ = try LockFile(opening: folder + "/link") }
    #expect(throws: FileError.self) { _ = try LockFile(opening: folder + "/absent/x") }
    _ = try LockFile(opening: path)
    #expect(try Files.status(path).mode == 0o600)
  }
}
