import EmbeddedLog
import EventLog
import EventLogContract
import Files
import Foundation
import SQLite
import TestSupport
import Testing

@Suite("Reading and opening a damaged or foreign log", .temporaryFolder)
struct DamageTests {
  private let partition = TopicPartition("small", 0)

  /// Goal: the log serves what was written or refuses, never something else. Method: flip each bit of the file in turn,
  /// in place, and read everything.
  @Test("a flipped bit anywhere in the file never changes what is read")
  func flippedFile() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder + "/whole")
    let clean = folder + "/clean.sqlite"
    try Database(folder + "/whole/log.sqlite", .readOnly).copy(to: clean)
    let bytes = try Files.read(clean, limit: 1 << 20).bytes
    let expected = try readEverything(folder + "/whole")
    var random = SeededGenerator(seed: 11)
    var refused = 0
    // Most of the file is empty space between rows; so many random bits hit each kind of content.
    let used = bytes.indices.filter { bytes[$0] != 0 }
    let broken = folder + "/broken"
    try Files.makeFolder(broken)
    for _ in 0..<600 {
      var changed = bytes
      let place =
        Bool.random(using: &random)
        ? used.randomElement(using: &random) ?? 0 : Int.random(in: bytes.indices, using: &random)
      changed[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try Data(changed).write(to: URL(fileURLWithPath: broken + "/log.sqlite"))
      do {
        let found = try readEverything(broken)
        // A partition's recorded number or a topic's name may be what changed; records never.
        for (partition, records) in found where expected[partition] != nil {
          #expect(records == expected[partition] || records.isEmpty, "byte \(place)")
        }
      } catch is LogError {
        refused += 1
      }
    }
    #expect(refused > 50)
  }

  private func readEverything(_ folder: String) throws -> [TopicPartition: [[UInt8]]] {
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    var result: [TopicPartition: [[UInt8]]] = [:]
    for topic in try log.topics() {
      for partition in try log.partitions(of: topic) {
        var next = Offset.first
        while case let batch = try log.read(partition, from: next, maximumBytes: 1), let after = batch.nextOffset {
          for record in batch.records {
            result[partition, default: []].append(
              Array(batch.bytes[record.key]) + (record.value.map { Array(batch.bytes[$0]) } ?? []))
          }
          next = after
        }
      }
    }
    return result
  }

  @Test("a missing batch is damage, not the end of the log", arguments: [0, 2, 4])
  func missingBatch(base: Int) throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    try tamper(folder, "DELETE FROM batches WHERE base_offset = ?1", [.integer(Int64(base))])
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    #expect(
      try logError { _ = try log.read(partition, from: Offset(Int64(base)), maximumBytes: 1 << 20) }.kind == .damaged)
    #expect(
      try logError { _ = try log.read(partition, from: Offset(Int64(base + 1)), maximumBytes: 1 << 20) }.kind
        == .damaged)
  }

  @Test("a damaged payload stops the reader and names the place")
  func damagedPayload() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    try tamper(folder, "UPDATE batches SET payload = zeroblob(length(payload)) WHERE base_offset = 2")
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    #expect(try log.read(partition, from: 0, maximumBytes: 1).records.count == 2)
    let error = try logError { _ = try log.read(partition, from: 2, maximumBytes: 1) }
    #expect(error.kind == .damaged)
    #expect(error.partition == partition)
    #expect(error.offset == 2)
  }

  @Test("a log of a newer format is refused and left as it is")
  func newerVersion() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    try Database(folder + "/log.sqlite", .readWrite).setUserVersion(3)
    for readOnly in [true, false] {
      let error = try logError { _ = try EmbeddedLog(folder: folder, readOnly: readOnly) }
      #expect(error.kind == .configuration)
      #expect(error.cause.contains("version is 3"))
    }
  }

  @Test("another program's database is refused and left as it is")
  func foreignDatabase() throws {
    let folder = TemporaryFolder.path
    do {
      let database = try Database(folder + "/log.sqlite", .readWriteCreate)
      try database.execute("CREATE TABLE theirs (x)")
    }
    let before = try Files.read(folder + "/log.sqlite", limit: 1 << 20).bytes
    for readOnly in [true, false] {
      #expect(try logError { _ = try EmbeddedLog(folder: folder, readOnly: readOnly) }.kind == .configuration)
    }
    #expect(try Files.read(folder + "/log.sqlite", limit: 1 << 20).bytes == before)
  }

  @Test("a file that is no database is refused and left as it is")
  func noDatabase() throws {
    let folder = TemporaryFolder.path
    let text = Array("This is a shopping list, and a long one at that: ".utf8) + [UInt8](repeating: 65, count: 4_096)
    try Files.create(folder + "/log.sqlite", with: text, mode: 0o600)
    #expect(try logError { _ = try EmbeddedLog(folder: folder) }.kind == .damaged)
    #expect(try Files.read(folder + "/log.sqlite", limit: 1 << 20).bytes == text)
  }

  @Test("a symbolic link in the log's place is refused")
  func symbolicLink() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder + "/real")
    for name in ["log.sqlite", "log.sqlite-wal", "log.lock"] {
      let linked = folder + "/linked-" + name
      try Files.makeFolder(linked)
      try FileManager.default.createSymbolicLink(
        atPath: linked + "/" + name, withDestinationPath: folder + "/real/log.sqlite")
      let error = try logError { _ = try EmbeddedLog(folder: linked) }
      #expect(error.kind == .configuration || error.kind == .unavailable, "\(name)")
    }
  }

  @Test("reading a log that is not there says so and makes nothing")
  func nothingThere() throws {
    let folder = TemporaryFolder.path + "/none"
    let error = try logError { _ = try EmbeddedLog(folder: folder, readOnly: true) }
    #expect(error.kind == .configuration)
    #expect(error.cause.contains("no log yet"))
    #expect(!Files.exists(folder))
    // What a capture leaves that was killed in its first millisecond.
    try Files.makeFolder(folder)
    try Files.create(folder + "/log.sqlite", with: [], mode: 0o600)
    #expect(try logError { _ = try EmbeddedLog(folder: folder, readOnly: true) }.kind == .configuration)
    _ = try EmbeddedLog(folder: folder)
    _ = try EmbeddedLog(folder: folder, readOnly: true)
  }
}
