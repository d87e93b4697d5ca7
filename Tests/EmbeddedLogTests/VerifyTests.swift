import EmbeddedLog
import EventLog
import EventLogContract
import Files
import SQLite
import TestSupport
import Testing

@Suite("Verifying the embedded log", .temporaryFolder)
struct VerifyTests {
  private let partition = TopicPartition("small", 0)

  @Test("an untouched log passes, and all of it was looked at")
  func passes() throws {
    let folder = TemporaryFolder.path
    let anchors = try makeSmallLog(folder)
    var reports: [(Int64, Int64)] = []
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    let result = try log.verify(anchors: anchors) { reports.append(($0, $1)) }
    #expect(result.records == 12)
    #expect(result.anchorsChecked == 6)
    #expect(result.bytes > 0)
    #expect(reports.last.map { $0.0 == result.bytes && $0.1 == result.bytes } == true)
  }

  @Test("a log without topics or records passes")
  func passesWhenEmpty() throws {
    let log = try EmbeddedLog(folder: TemporaryFolder.path)
    #expect(try verify(TemporaryFolder.path) == LogVerification(records: 0, bytes: 0, anchorsChecked: 0))
    try log.ensureTopic("small", partitions: 3)
    #expect(try verify(TemporaryFolder.path) == LogVerification(records: 0, bytes: 0, anchorsChecked: 0))
  }

  /// Goal: no changed bit of what was acknowledged goes unseen. Method: flip every bit of every stored payload, hash, offset
  /// and timestamp in turn, through SQL, and verify each time.
  @Test("every flipped bit of a payload, hash, offset or timestamp is found")
  func findsFlippedBits() throws {
    let folder = TemporaryFolder.path
    let anchors = try makeSmallLog(folder, batches: 2)
    let database = try Database(folder + "/log.sqlite", .readWrite)
    // The checks of the schema would refuse some of these changes; a disk does not ask them.
    try database.execute("PRAGMA ignore_check_constraints=1; PRAGMA synchronous=OFF")
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    var tried = 0

    func mustFail(_ what: String) throws {
      let error = try logError { _ = try log.verify(anchors: anchors) { _, _ in } }
      #expect(error.kind == .damaged, "\(what): \(error)")
      tried += 1
    }
    let rows = try database.rows("SELECT id FROM batches ORDER BY id") { $0.int64(0) }
    for id in rows {
      for column in ["payload", "chain"] {
        let bytes = try #require(
          try database.first("SELECT \(column) FROM batches WHERE id = ?1", [.integer(id)]) { $0.blob(0) })
        for bit in 0..<bytes.count * 8 {
          var changed = bytes
          changed[bit / 8] ^= 1 << UInt8(bit % 8)
          try database.run("UPDATE batches SET \(column) = ?2 WHERE id = ?1", [.integer(id), .blob(changed)])
          try mustFail("\(column) of batch \(id), bit \(bit)")
        }
        try database.run("UPDATE batches SET \(column) = ?2 WHERE id = ?1", [.integer(id), .blob(bytes)])
      }
      for column in ["base_offset", "last_offset", "first_timestamp", "last_timestamp", "partition_id"] {
        let value = try #require(try database.integer("SELECT \(column) FROM batches WHERE id = ?1", [.integer(id)]))
        for bit in 0..<64 {
          // Where the flipped number is another batch's, SQLite's own index refuses the change.
          let flipped = Value.integer(value ^ (1 << bit))
          guard (try? database.run("UPDATE batches SET \(column) = ?2 WHERE id = ?1", [.integer(id), flipped])) != nil
          else { continue }
          try mustFail("\(column) of batch \(id), bit \(bit)")
          try database.run("UPDATE batches SET \(column) = ?2 WHERE id = ?1", [.integer(id), .integer(value)])
        }
      }
    }
    #expect(tried > 3_000)
    #expect(try log.verify(anchors: anchors) { _, _ in }.records == 8)
  }

  @Test("the first damaged batch is named")
  func namesTheBatch() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    try tamper(folder, "UPDATE batches SET first_timestamp = 5 WHERE base_offset >= 2")
    let error = try logError { try verify(folder) }
    #expect(error.kind == .damaged)
    #expect(error.partition == partition)
    #expect(error.offset == 2)
    #expect(!error.hint.isEmpty)
  }

  @Test("a batch lost from the beginning, the middle or the tail is found, also without anchors", arguments: [0, 2, 4])
  func findsLostBatch(base: Int) throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    try tamper(folder, "DELETE FROM batches WHERE base_offset = ?1 AND partition_id = 1", [.integer(Int64(base))])
    let error = try logError { try verify(folder) }
    #expect(error.kind == .damaged)
    #expect(error.partition == partition)
    #expect(error.offset == Offset(Int64(base)))
  }

  /// Goal: a tail that was cut cleanly, recorded ends included, is seen. Method: put an older copy of the log in its place.
  @Test("a log put back to an older state fails against newer anchors")
  func findsCutTail() throws {
    let folder = TemporaryFolder.path
    var anchors = try makeSmallLog(folder, batches: 2)
    let older = folder + "/older"
    try Files.makeFolder(older)
    try Database(folder + "/log.sqlite", .readOnly).copy(to: older + "/log.sqlite")
    let log = try EmbeddedLog(folder: folder)
    let range = try log.append([smallBatch(partition, from: 4, count: 2)])
    let newest = try #require(range.first?.anchor)

    try verify(older, anchors: anchors)
    anchors[partition, default: []].append(newest)
    let error = try logError { try verify(older, anchors: anchors) }
    #expect(error.kind == .damaged)
    #expect(error.offset == 4)
    #expect(error.cause.contains("tail was cut"))
  }

  @Test("an anchor with another hash, inside a batch, or of a missing partition fails")
  func findsForeignAnchors() throws {
    let folder = TemporaryFolder.path
    let anchors = try makeSmallLog(folder)
    let hash = try #require(anchors[partition]?.first?.proof)
    for bad in [
      LogAnchor(nextOffset: 2, proof: [UInt8](repeating: 0, count: 32)), LogAnchor(nextOffset: 3, proof: hash),
      LogAnchor(nextOffset: 2, proof: []), LogAnchor(nextOffset: 0, proof: hash),
      LogAnchor(nextOffset: -1, proof: hash), LogAnchor(nextOffset: .max, proof: hash),
    ] {
      #expect(try logError { try verify(folder, anchors: [partition: [bad]]) }.kind == .damaged)
    }
    let absent = TopicPartition("absent", 0)
    let error = try logError { try verify(folder, anchors: [absent: [LogAnchor(nextOffset: 2, proof: hash)]]) }
    #expect(error.partition == absent)
  }

  @Test("a log of another identity with the same records fails")
  func findsExchangedIdentity() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    try tamper(folder, "UPDATE metadata SET value = '00000000000000000000000000000000'")
    #expect(try logError { try verify(folder) }.kind == .damaged)
  }

  @Test("partitions or topics that were removed or exchanged are found")
  func findsMissingPartitions() throws {
    let changes = [
      "DELETE FROM partitions WHERE id = 2", "UPDATE partitions SET number = 5 WHERE id = 2",
      "UPDATE topics SET partitions = 1", "UPDATE topics SET name = 'smell'",
      "UPDATE partitions SET bytes = bytes + 1 WHERE id = 1",
      "UPDATE partitions SET next_offset = next_offset + 1 WHERE id = 1",
      "UPDATE partitions SET next_offset = next_offset - 1 WHERE id = 2",
      "UPDATE batches SET partition_id = 3 WHERE partition_id = 2",
    ]
    for (number, change) in changes.enumerated() {
      let folder = TemporaryFolder.path + "/\(number)"
      _ = try makeSmallLog(folder)
      try tamper(folder, change)
      #expect(try logError { try verify(folder) }.kind == .damaged, "\(change)")
    }
  }
}
