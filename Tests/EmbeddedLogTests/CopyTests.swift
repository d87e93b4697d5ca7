import EmbeddedLog
import EventLog
import EventLogContract
import Files
import SQLite
import TestSupport
import Testing

@Suite("The embedded log as a copy", .temporaryFolder)
struct CopyTests {
  private let partition = TopicPartition("small", 0)

  /// Goal: the embedded log is a copy target like any. Method: the shared contract checks, each on a copy of its own.
  @Test("copies in the embedded log keep the contract", arguments: LogContract.copyChecks)
  func keepsContract(check: LogContract.CopyCheck) throws {
    let folder = TemporaryFolder.path
    let target = CopyTargetUnderTest(prefix: "contract.") {
      try EmbeddedLog(folder: folder + "/copy", lineage: $0, copiedFrom: "test")
    }
    try check.run(target)
    // Whatever the check did: the chain holds, over holes too.
    if Files.exists(folder + "/copy/log.sqlite") { try verify(folder + "/copy") }
  }

  /// A source with holes at the beginning, in the middle and at the end, copied.
  private func makeCopy(_ folder: String, earliest: Offset = .first) throws -> MemoryLog {
    let source = MemoryLog(logID: "0123")
    source.change(partition) {
      $0.earliest = earliest
      $0.next = earliest
      $0.append(0..<4, skipping: 2)
      $0.append(4..<6, skipping: 3)
      $0.append(6..<9)
      $0.append(9..<9, skipping: 1)
    }
    try LogCopy(from: source, to: EmbeddedLog(folder: folder, lineage: "0123", copiedFrom: "test")).run()
    return source
  }

  @Test("original offsets are kept, holes included, and reads begin anywhere")
  func keepsOffsets() throws {
    let folder = TemporaryFolder.path
    let source = try makeCopy(folder, earliest: 10)
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    let offsets: [Offset] = [12, 13, 14, 15, 19, 20, 21, 22, 23]
    #expect(source.entries(partition).map(\.offset) == offsets)
    #expect(try log.bounds(of: partition) == LogBounds(earliest: 10, next: 24))
    for start in 10...24 as ClosedRange<Offset> {
      for limit in [0, 1 << 20] {
        var found: [Offset] = []
        var next = start
        while case let batch = try log.read(partition, from: next, maximumBytes: limit), let after = batch.nextOffset {
          found += batch.records.map(\.offset)
          next = after
        }
        #expect(found == offsets.filter { $0 >= start }, "from \(start)")
      }
    }
    for gone in [0, 9, 25] as [Offset] {
      #expect(try logError { _ = try log.read(partition, from: gone, maximumBytes: 1) }.kind == .positionGone)
    }
  }

  @Test("an empty partition of an original that begins above 0 begins there too")
  func emptyBeginning() throws {
    let folder = TemporaryFolder.path
    let source = MemoryLog(logID: "0123")
    source.change(partition) {
      $0.earliest = 70
      $0.next = 70
    }
    try LogCopy(from: source, to: EmbeddedLog(folder: folder, lineage: "0123", copiedFrom: "test")).run()
    // Retention went on meanwhile; nothing of the partition was copied yet, so nothing is missing in it.
    source.change(partition) {
      $0.earliest = 90
      $0.next = 90
    }
    let target = try EmbeddedLog(folder: folder, lineage: "0123", copiedFrom: "test")
    try LogCopy(from: source, to: target).run()
    #expect(try target.bounds(of: partition) == LogBounds(earliest: 90, next: 90))
    #expect(try target.copiedUpTo(partition) == nil)
    source.change(partition) { $0.append(0..<3) }
    try LogCopy(from: source, to: target).run()
    #expect(try target.bounds(of: partition) == LogBounds(earliest: 90, next: 93))
    #expect(try logError { try target.beginCopy(of: partition, at: 95) }.kind == .configuration)
    try verify(folder)
  }

  /// Goal: a hole is no excuse for a loss. Method: delete each stored batch of a copy with holes; read and verify.
  @Test("a batch lost beside a hole is damage, not a larger hole")
  func lostBatch() throws {
    let whole = TemporaryFolder.path + "/whole"
    _ = try makeCopy(whole)
    let bases = try Database(whole + "/log.sqlite", .readOnly).rows("SELECT base_offset FROM batches ORDER BY 1") {
      $0.int64(0)
    }
    #expect(bases == [2, 9])
    for base in bases {
      let folder = TemporaryFolder.path + "/without-\(base)"
      try Files.makeFolder(folder)
      try Database(whole + "/log.sqlite", .readOnly).copy(to: folder + "/log.sqlite")
      try tamper(folder, "DELETE FROM batches WHERE base_offset = ?1", [.integer(base)])
      #expect(try logError { try verify(folder) }.kind == .damaged)
      let log = try EmbeddedLog(folder: folder, readOnly: true)
      for start in 0...Offset(base + 1) {
        let error = try logError {
          var next = start
          while let after = try log.read(partition, from: next, maximumBytes: 0).nextOffset { next = after }
        }
        #expect(error.kind == .damaged, "\(start)")
      }
    }
  }

  /// Goal: what says where holes are is itself under proof. Method: flip every bit of it.
  @Test("every flipped bit of a hole's ends or of the partition's beginning is found")
  func flippedHoles() throws {
    let folder = TemporaryFolder.path
    _ = try makeCopy(folder, earliest: 5)
    let database = try Database(folder + "/log.sqlite", .readWrite)
    try database.execute("PRAGMA ignore_check_constraints=1; PRAGMA synchronous=OFF")
    var tried = 0
    for (table, column) in [("batches", "after_offset"), ("partitions", "first_offset"), ("partitions", "next_offset")]
    {
      let rows = try database.rows("SELECT id, \(column) FROM \(table) WHERE \(column) IS NOT NULL") {
        (id: $0.int64(0), value: $0.int64(1))
      }
      #expect(rows.count == (table == "batches" ? 2 : 1))
      for row in rows {
        for bit in 0..<64 {
          try database.run(
            "UPDATE \(table) SET \(column) = ?2 WHERE id = ?1", [.integer(row.id), .integer(row.value ^ (1 << bit))])
          #expect(try logError { try verify(folder) }.kind == .damaged, "\(column), bit \(bit)")
          tried += 1
        }
        try database.run("UPDATE \(table) SET \(column) = ?2 WHERE id = ?1", [.integer(row.id), .integer(row.value)])
      }
    }
    try database.run("UPDATE batches SET after_offset = NULL")
    #expect(try logError { try verify(folder) }.kind == .damaged)
    #expect(tried == 4 * 64)
  }

  @Test("digests are anchors across holes, and tell nothing at or below the earliest")
  func digests() throws {
    let folder = TemporaryFolder.path
    let source = try makeCopy(folder, earliest: 10)
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    var anchors: [LogAnchor] = []
    for place in 13...24 as ClosedRange<Offset> {
      let anchor = try #require(try source.digest(before: place, of: partition))
      #expect(try log.check(anchor, of: partition) == .holds)
      #expect(try log.anchor(of: partition, at: place) == anchor)
      var other = anchor
      other.proof[32] ^= 1
      #expect(try log.check(other, of: partition) == .differs)
      #expect(try logError { try verify(folder, anchors: [partition: [other]]) }.kind == .damaged)
      anchors.append(anchor)
    }
    let proof = anchors[0].proof
    for place in [0, 9, 10, 11, 12] as [Offset] {
      #expect(try log.check(LogAnchor(nextOffset: place, proof: proof), of: partition) == .unknown, "\(place)")
    }
    #expect(try log.check(LogAnchor(nextOffset: 25, proof: proof), of: partition) == .differs)
    // The original's chain is cut in other places: a copy cannot tell.
    #expect(
      try log.check(LogAnchor(nextOffset: 24, proof: [UInt8](repeating: 1, count: 32)), of: partition) == .unknown)
    #expect(try verify(folder, anchors: [partition: anchors]).anchorsChecked == anchors.count)
    let ahead = LogAnchor(nextOffset: 30, proof: proof)
    #expect(try logError { try verify(folder, anchors: [partition: [ahead]]) }.cause.contains("tail was cut"))
  }

  @Test("nothing is captured into a copy until it is adopted, and nothing copied into it afterwards")
  func adoption() throws {
    let folder = TemporaryFolder.path
    let source = try makeCopy(folder)
    let asCapture = try EmbeddedLog(folder: folder)
    #expect(try asCapture.copiedFrom == "test")
    let batch = try smallBatch(partition, from: 0, count: 2)
    let error = try logError { _ = try asCapture.append([batch]) }
    #expect(error.kind == .configuration)
    #expect(error.hint.contains("--adopt"))

    let copier = try EmbeddedLog(folder: folder, lineage: "0123", copiedFrom: "test")
    try EmbeddedLog(folder: folder, lineage: "0123", copiedFrom: "test").adopt()
    let range = try asCapture.append([batch])
    #expect(range.first?.baseOffset == 14)
    #expect(try asCapture.copiedFrom == nil)
    #expect(try EmbeddedLog(folder: folder).anchor(of: partition, at: 16) == range.first?.anchor)
    source.change(partition) { $0.append(9..<12) }
    #expect(throws: LogError.self) { try LogCopy(from: source, to: copier).run() }
    let next = try source.read(partition, from: 14, maximumBytes: 1 << 20)
    #expect(try logError { try copier.appendCopy([next]) }.kind == .configuration)
    #expect(
      try logError { _ = try EmbeddedLog(folder: folder, lineage: "0123", copiedFrom: "test") }.kind == .configuration)
    #expect(try asCapture.bounds(of: partition).next == 16)
    #expect(try verify(folder).records == 11)
  }

  @Test("a log that is an original or of another id is never copied over")
  func refusesOriginals() throws {
    let folder = TemporaryFolder.path
    _ = try makeSmallLog(folder)
    let id = try EmbeddedLog(folder: folder, readOnly: true).logID
    for lineage in [id, "0123"] {
      let error = try logError { _ = try EmbeddedLog(folder: folder, lineage: lineage, copiedFrom: "test") }
      #expect(error.kind == .configuration)
    }
    #expect(try verify(folder).records == 12)
    let log = try EmbeddedLog(folder: folder)
    #expect(try logError { try log.beginCopy(of: partition, at: 3) }.kind == .configuration)
    let batch = try log.read(partition, from: 0, maximumBytes: 1)
    #expect(try logError { try log.appendCopy([batch]) }.kind == .configuration)
  }

  @Test("two copiers of one target do not mix their records")
  func twoCopiers() throws {
    let folder = TemporaryFolder.path
    let source = try makeCopy(folder)
    source.change(partition) { $0.append(9..<30) }
    let target = try EmbeddedLog(folder: folder, lineage: "0123", copiedFrom: "test")
    let batch = try source.read(partition, from: 15, maximumBytes: 1 << 20)
    try target.appendCopy([batch])
    #expect(try logError { try target.appendCopy([batch]) }.kind == .configuration)
    try LogCopy(from: source, to: target).run()
    #expect(try LogCopy(from: source, to: target).compare().records == 30)
  }

  /// Goal: logs from before there were holes go on as they are. Method: take a new log's additions away, as version 1 was.
  @Test("a log of format version 1 is read, appended to and verified, and stays of version 1")
  func version1() throws {
    let folder = TemporaryFolder.path
    let anchors = try makeSmallLog(folder)
    try tamper(folder, "ALTER TABLE batches RENAME TO newer")
    try tamper(
      folder,
      """
      CREATE TABLE batches (
        id INTEGER PRIMARY KEY, partition_id INTEGER NOT NULL, base_offset INTEGER NOT NULL,
        last_offset INTEGER NOT NULL, first_timestamp INTEGER NOT NULL, last_timestamp INTEGER NOT NULL,
        chain BLOB NOT NULL, payload BLOB NOT NULL, UNIQUE (partition_id, base_offset)) STRICT
      """)
    try tamper(
      folder,
      """
      INSERT INTO batches SELECT id, partition_id, base_offset, last_offset, first_timestamp, last_timestamp, chain,
        payload FROM newer
      """)
    try tamper(folder, "DROP TABLE newer")
    try tamper(folder, "ALTER TABLE partitions RENAME TO newer")
    try tamper(
      folder,
      """
      CREATE TABLE partitions (
        id INTEGER PRIMARY KEY, topic_id INTEGER NOT NULL, number INTEGER NOT NULL, next_offset INTEGER NOT NULL,
        chain BLOB NOT NULL, bytes INTEGER NOT NULL, UNIQUE (topic_id, number)) STRICT
      """)
    try tamper(
      folder, "INSERT INTO partitions SELECT id, topic_id, number, next_offset, chain, bytes FROM newer")
    try tamper(folder, "DROP TABLE newer")
    try Database(folder + "/log.sqlite", .readWrite).setUserVersion(1)

    let untouched = try verify(folder, anchors: anchors)
    #expect(untouched.records == 12 && untouched.anchorsChecked == 6)
    let log = try EmbeddedLog(folder: folder)
    _ = try log.append([smallBatch(partition, from: 6, count: 2)])
    try log.ensureTopic("more", partitions: 1)
    _ = try log.append([smallBatch(TopicPartition("more", 0), from: 0, count: 3)])
    #expect(
      try log.read(partition, from: 1, maximumBytes: 1 << 20).records.map(\.offset)
        == Array(1...7 as ClosedRange<Offset>))
    #expect(try log.bounds(of: partition) == LogBounds(earliest: 0, next: 8))
    #expect(try verify(folder, anchors: anchors).records == 17)
    #expect(try Database(folder + "/log.sqlite", .readOnly).userVersion == 1)
    // And as the source of a copy.
    let copy = try EmbeddedLog(folder: folder + "/copy", lineage: log.logID, copiedFrom: "embedded")
    #expect(try LogCopy(from: log, to: copy).run().records == 17)
    #expect(try LogCopy(from: log, to: copy).compare().records == 17)
  }
}
