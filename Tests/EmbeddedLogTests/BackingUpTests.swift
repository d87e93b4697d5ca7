import EmbeddedLog
import EventLog
import EventLogContract
import Files
import TestSupport
import Testing

@Suite("Backups of the embedded log", .temporaryFolder)
struct BackingUpTests {
  private var source: String { TemporaryFolder.path + "/log" }
  private var target: String { TemporaryFolder.path + "/copy" }

  private func backUp(upTo ends: [LogEnd]? = nil) throws -> Int64 {
    let log = try EmbeddedLog(folder: source, readOnly: true)
    let copy = try EmbeddedLog(folder: target, lineage: log.logID, copiedFrom: "test")
    return try log.backUp(to: copy, upTo: ends ?? log.ends())
  }

  @Test("a backup has the log's own hashes, so every anchor holds in it, and it grows by what is new only")
  func incremental() throws {
    var anchors = try makeSmallLog(source)
    let first = try EmbeddedLog(folder: source, readOnly: true).ends()
    let log = try EmbeddedLog(folder: source)
    for partition in try log.partitions(of: "small") {
      let range = try #require(try log.append([try smallBatch(partition, from: 6, count: 3)]).first)
      anchors[partition]?.append(try #require(range.anchor))
    }
    #expect(try backUp(upTo: first) == 12)
    #expect(try EmbeddedLog(folder: target, readOnly: true).ends() == first)
    #expect(try backUp() == 6)
    #expect(try backUp() == 0)
    #expect(try EmbeddedLog(folder: target, readOnly: true).ends() == log.ends())
    #expect(try verify(target, anchors: anchors).anchorsChecked == 8)
    let earlier = try logError { _ = try backUp(upTo: first) }
    #expect(earlier.kind == .positionGone)
  }

  @Test("changed bytes, a lost batch and a lost tail are found on the way, and nothing of the batch is kept")
  func damage() throws {
    _ = try makeSmallLog(source)
    let ends = try EmbeddedLog(folder: source, readOnly: true).ends()
    try tamper(
      source, "UPDATE batches SET last_timestamp = last_timestamp + 1 WHERE id = (SELECT max(id) FROM batches)")
    #expect(try logError { _ = try backUp(upTo: ends) }.cause.contains("does not fit its bytes"))
    try tamper(source, "DELETE FROM batches WHERE id = (SELECT max(id) FROM batches)")
    #expect(try logError { _ = try backUp(upTo: ends) }.cause.contains("from here on is missing"))
    try Files.remove(target + "/log.sqlite")
    for side in ["-wal", "-shm"] { try Files.remove(target + "/log.sqlite" + side) }
    try tamper(source, "DELETE FROM batches WHERE base_offset = 2")
    #expect(try logError { _ = try backUp(upTo: ends) }.kind == .damaged)
  }

  @Test("a log that went another way than its backup is refused") func fork() throws {
    _ = try makeSmallLog(source)
    _ = try backUp()
    let partition = TopicPartition("small", 0)
    let copy = try EmbeddedLog(folder: target)
    try copy.adopt()
    _ = try copy.append([try smallBatch(partition, from: 50, count: 1)])
    try tamper(target, "INSERT INTO metadata (name, value) VALUES ('copied_from', 'test')")
    _ = try EmbeddedLog(folder: source).append([try smallBatch(partition, from: 60, count: 1)])
    #expect(try logError { _ = try backUp() }.cause.contains("other records stand before this offset"))
    _ = try EmbeddedLog(folder: source).append([try smallBatch(partition, from: 61, count: 1)])
    #expect(try logError { _ = try backUp() }.cause.contains("other records stand before this offset"))
  }
}
