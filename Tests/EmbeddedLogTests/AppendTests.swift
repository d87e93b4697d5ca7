import Concurrency
import EventLog
import EventLogContract
import Files
import SQLite
import TestSupport
import Testing

@testable import EmbeddedLog

@Suite("Appending to the embedded log", .temporaryFolder)
struct AppendTests {
  private let partition = TopicPartition("small", 0)

  /// Goal: processes may append in turn and read meanwhile. Method: two objects, each with a connection and a lock of its
  /// own as two processes would have, append from two threads while a third thread reads.
  @Test("two writers on two threads and a reader never disturb each other")
  func twoWriters() throws {
    let folder = TemporaryFolder.path
    let writers = [try EmbeddedLog(folder: folder), try EmbeddedLog(folder: folder)]
    try writers[0].ensureTopic("small", partitions: 1)
    let reader = try EmbeddedLog(folder: folder, readOnly: true)
    let partition = partition
    let appends = 60
    let writing = writers.enumerated().map { number, writer in
      WorkThread.run("writer \(number)") {
        try (0..<appends).flatMap { _ in try writer.append([smallBatch(partition, from: number, count: 3)]) }
      }
    }
    let reading = WorkThread.run("reader") {
      var next = Offset.first
      while next < Offset(Int64(2 * appends * 3)) {
        let batch = try reader.read(partition, from: next, maximumBytes: 1_000)
        next = batch.nextOffset ?? next
      }
    }
    let ranges = try writing.flatMap { try $0.wait() }
    try reading.wait()
    let bases = ranges.map(\.baseOffset).sorted()
    #expect(bases == (0..<2 * appends).map { Offset(Int64($0 * 3)) })
    #expect(try verify(folder, anchors: [partition: ranges.compactMap(\.anchor)]).anchorsChecked == 2 * appends)
  }

  /// Goal: one object may be shared. Method: threads that append, read, ask for bounds and verify through the same one; the
  /// chains are whole afterwards, and ThreadSanitizer sees no race.
  @Test("threads that share one log object append and read in turn")
  func sharedObject() throws {
    let folder = TemporaryFolder.path
    let log = try EmbeddedLog(folder: folder)
    try log.ensureTopic("small", partitions: 1)
    let partition = partition
    let work = (0..<4).map { number in
      WorkThread.run("shared log \(number)") {
        for step in 0..<20 {
          if number < 2 {
            _ = try log.append([smallBatch(partition, from: step, count: 2)])
          } else {
            let next = try log.bounds(of: partition).next
            _ = try log.read(partition, from: max(0, next - 2), maximumBytes: 1_000)
            if step % 5 == 0 { _ = try log.verify(anchors: [:]) { _, _ in } }
          }
        }
      }
    }
    for each in work { try each.wait() }
    #expect(try log.bounds(of: partition).next == 80)
    #expect(try verify(folder, anchors: [:]).records == 80)
  }

  @Test("an append that the disk has no room for keeps nothing, and the next one works again")
  func diskFull() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder, batches: 1)
    let log = try EmbeddedLog(folder: folder)
    // SQLite answers the same code as for a full disk.
    _ = try log.database.integer("PRAGMA max_page_count=1")
    var builder = BatchBuilder(partition: partition)
    let taken = builder.append(key: [1], value: [UInt8](repeating: 1, count: 200_000), origin: nil, timestampMillis: 1)
    #expect(taken)
    let finished = builder.finish()
    let large = try #require(finished)
    let error = try logError { _ = try log.append([large]) }
    #expect(error.kind == .storage)
    #expect(error.hint.contains("disk is full"))
    #expect(try log.bounds(of: partition).next == 2)
    _ = try log.database.integer("PRAGMA max_page_count=100000")
    #expect(try log.append([large]).first?.baseOffset == 2)
    try verify(folder)
  }

  @Test("a log opened for reading refuses to append")
  func readOnly() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    #expect(try logError { _ = try log.append([smallBatch(partition, from: 0, count: 1)]) }.kind == .configuration)
    #expect(try logError { try log.ensureTopic("other", partitions: 1) }.kind == .configuration)
    #expect(try log.topics() == ["small"])
  }

  @Test("after a failure of the disk nothing more is acknowledged")
  func poisoned() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    let log = try EmbeddedLog(folder: folder)
    log.diskFailed = true
    #expect(try logError { _ = try log.append([smallBatch(partition, from: 0, count: 1)]) }.kind == .storage)
    #expect(try log.read(partition, from: 0, maximumBytes: 1 << 20).records.count == 6)
  }

  @Test("the write-ahead log is moved into the file while readers look on, and stays small")
  func checkpoints() throws {
    let folder = TemporaryFolder.path
    let log = try EmbeddedLog(folder: folder)
    try log.ensureTopic("small", partitions: 1)
    let reader = try EmbeddedLog(folder: folder, readOnly: true)
    var builder = BatchBuilder(partition: partition)
    while builder.byteCount < 2 << 20 {
      let taken = builder.append(
        key: [1], value: [UInt8](repeating: 5, count: 500_000), origin: nil, timestampMillis: 1)
      #expect(taken)
    }
    let finished = builder.finish()
    let batch = try #require(finished)
    for number in 0..<30 {
      _ = try log.append([batch])
      let next = Offset(Int64((number + 1) * batch.count))
      #expect(try reader.bounds(of: partition).next == next)
      #expect(try reader.read(partition, from: next - 1, maximumBytes: 1).records.count == 1)
    }
    let limit = UInt64(EmbeddedLogLimits.checkpointBytes) + UInt64(4 * batch.bytes.count)
    #expect(try Files.status(folder + "/log.sqlite-wal").size < limit)
    #expect(try Files.status(folder + "/log.sqlite").size > limit)
    try verify(folder)
  }

  @Test("the log's files are readable by their owner alone")
  func modes() throws {
    let folder = TemporaryFolder.path + "/log"
    _ = try makeSmallLog(folder)
    for name in try Files.names(in: folder) { #expect(try Files.status(folder + "/" + name).mode == 0o600, "\(name)") }
    #expect(try Files.status(folder).mode == 0o700)
  }

  @Test("a log without its index of topics is damage, not a trap")
  func missingTables() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    try tamper(folder, "DROP TABLE batches")
    let log = try EmbeddedLog(folder: folder)
    #expect(try logError { _ = try log.read(partition, from: 0, maximumBytes: 1) }.kind == .damaged)
    #expect(try logError { _ = try log.append([smallBatch(partition, from: 0, count: 1)]) }.kind == .damaged)
  }
}
