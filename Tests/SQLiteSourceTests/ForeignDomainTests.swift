import Capture
import EmbeddedLog
import Entity
import EventLog
import Files
import Foundation
import Money
import Privacy
import SQLite
import SQLiteSource
import TestSupport
import Testing

/// The adapter knows no business: a library's database goes into the log through a mapping of its own.
@Suite("Databases of another business", .temporaryFolder)
struct ForeignDomainTests {
  /// A workspace with one source, and the library's database beside it.
  private struct Workspace {
    let folder = TemporaryFolder.path
    let keyring: Keyring
    let database: Database
    var path: String { folder + "/library.sqlite" }

    init() throws {
      try Files.makeFolder(folder + "/keys")
      try Keyring.create(at: folder + "/keys/master.key")
      keyring = try Keyring(masterKeyFile: folder + "/keys/master.key")
      database = try Database(folder + "/library.sqlite", .readWriteCreate)
      try database.execute(LibraryMapping.schema)
    }

    /// As an application would list it.
    static let kinds = SourceRegistry([
      SourceKind(
        name: "library", sourceName: "library", topics: [Loan.topic], place: .path,
        defaultPlace: "library.sqlite", meaning: "the library's own database"
      ) { source, tools in
        try SQLiteSource(
          name: source.name, path: source.place, mapping: LibraryMapping(keyring: tools.keyring),
          keyring: tools.keyring,
          installsTriggers: tools.installsTriggers)
      }
    ])

    /// A whole run, with everything opened anew as after a restart. `stop`: as in `runOnce`.
    @discardableResult
    func capture(batchEvents: Int = 1_000, stop: @escaping @Sendable () -> Bool = { false }) throws -> CaptureCounts {
      let source = SourceDescription(Self.kinds.kinds[0], at: path)
      let session = try CaptureSession(
        CaptureConfiguration(workspace: folder, sources: [source], partitions: 2, batchEvents: batchEvents),
        kinds: Self.kinds, log: EmbeddedLog(folder: folder + "/log"), keyring: keyring,
        vault: Vault(path: folder + "/vault.sqlite", keyring: keyring, mode: .writer),
        clock: { Timestamp(millis: 1_795_000_000_000) })
      return try session.runOnce(stop: stop)
    }

    /// What is in the log, by partition and in its order.
    func logged(heartbeats: Bool = false) throws -> [TopicPartition: [LibraryRecord]] {
      let log = try EmbeddedLog(folder: folder + "/log", readOnly: true)
      var records: [TopicPartition: [LibraryRecord]] = [:]
      for partition in try log.partitions(of: Loan.topic) {
        var next = try log.bounds(of: partition).earliest
        let end = try log.bounds(of: partition).next
        while next < end {
          let batch = try log.read(partition, from: next, maximumBytes: 1 << 20)
          for record in batch.records {
            let decoded = try LibraryRecord(Array(batch.bytes[try #require(record.value)]))
            if heartbeats || decoded.envelope.operation != .heartbeat {
              records[partition, default: []].append(decoded)
            }
          }
          next = try #require(batch.nextOffset)
        }
      }
      return records
    }

    func operations() throws -> [String] {
      try logged().values.joined().map { record in
        "\(record.envelope.position.stream) \((record.after ?? record.before)?.number ?? 0) \(record.envelope.operation.name)"
      }.sorted()
    }
  }

  private func workspace() throws -> Workspace {
    let workspace = try Workspace()
    try workspace.database.execute(
      """
      INSERT INTO members VALUES(7, 'Ana Canary', 'north', 'secret'), (8, 'Eva Canary', 'south', 'secret');
      INSERT INTO "book loans" VALUES(1, 'Dune', 7, '2026-10-01', 'A'), (2, 'Emma', 8, '2026-10-02', 'B');
      """)
    return workspace
  }

  /// Goal: the adapter does for any domain what it does for the shop. Method: snapshot, insert, update, a change of what is not
  /// captured, a changed key and deletes, each captured by a run of its own.
  @Test("a snapshot, inserts, updates and deletes of another business reach the log")
  func changes() throws {
    let workspace = try workspace()
    #expect(try workspace.capture().events == 4)
    #expect(
      try workspace.operations() == [
        "book loans 1 snapshot", "book loans 2 snapshot", "members 7 snapshot", "members 8 snapshot",
      ])
    let status = try CaptureStatus.read(workspace: workspace.folder)
    #expect(status.droppedColumns == ["book loans.shelf"])

    try workspace.database.execute(
      """
      INSERT INTO "book loans" VALUES(3, 'Ulysses', 7, '2026-11-01', 'C');
      UPDATE "book loans" SET due = '2026-12-01' WHERE number = 1;
      UPDATE "book loans" SET shelf = 'Z'; UPDATE members SET "pin's hash" = 'other';
      UPDATE "book loans" SET number = 20 WHERE number = 2;
      DELETE FROM "book loans" WHERE number = 3;
      """)
    #expect(try workspace.capture().events == 5)
    #expect(
      try workspace.operations().filter { !$0.hasSuffix("snapshot") } == [
        "book loans 1 update", "book loans 2 delete", "book loans 20 create", "book loans 3 create",
        "book loans 3 delete",
      ])
    let update = try #require(
      try workspace.logged().values.joined().first { $0.envelope.operation == .update })
    #expect(update.before?.due == "2026-10-01" && update.after?.due == "2026-12-01" && update.after?.branch == "north")
    #expect(update.envelope.source == "library" && update.envelope.epoch == 1)
  }

  @Test("a row follows the row that it refers to, also when that is gone, and what cannot be read is rejected by name")
  func referredAndRejected() throws {
    let workspace = try workspace()
    try workspace.capture()
    try workspace.database.execute(
      """
      DELETE FROM members WHERE card = 7; DELETE FROM "book loans" WHERE card = 7;
      UPDATE "book loans" SET due = 'soon' WHERE number = 2;
      """)
    #expect(try workspace.capture().rejected == 1)
    let logged = try workspace.logged()
    for branch in ["north", "south"] {
      let partitions = logged.filter { $0.value.contains { ($0.after ?? $0.before)?.branch == branch } }.keys
      #expect(partitions.count == 1, "\(branch)")
    }
    let rejected = try #require(logged.values.joined().first { $0.envelope.operation == .rejected })
    #expect(rejected.envelope.position.stream == "book loans")
    let deleted = logged.values.joined().filter { $0.envelope.operation == .delete }
    #expect(deleted.map(\.before?.branch) == ["north", "north"])
  }

  /// Goal: exactly once over restarts. Method: many small batches, stopped after some, everything opened anew, with changes in
  /// between; then each row's newest state is held against the table, and numbers have no gap.
  @Test("captures that end early and begin again bring every row once, in numbers without a gap")
  func restarts() throws {
    let workspace = try workspace()
    try workspace.database.execute(
      """
      WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
      INSERT INTO "book loans" SELECT i, 'Book ' || i, 7 + i % 2, '2026-10-01', '' FROM n
      """)
    for round in 0..<4 {
      let looks = Counter()
      try workspace.capture(batchEvents: 500, stop: { looks.next() > 3 })
      try workspace.database.execute(
        "UPDATE \"book loans\" SET book = 'Again \(round)' WHERE number = \(100 + round * 1_000)")
    }
    try workspace.capture()
    #expect(try workspace.capture().events == 0)
    var newest: [Int64: (version: StateVersion, book: String)] = [:]
    for record in try workspace.logged().values.joined() where record.envelope.position.stream == "book loans" {
      let side = try #require(record.after)
      if let known = newest[side.number], known.version > record.envelope.version { continue }
      newest[side.number] = (record.envelope.version, side.book)
    }
    var expected: [Int64: String] = [:]
    try workspace.database.query("SELECT number, book FROM \"book loans\"") { expected[$0.int64(0)] = $0.text(1) }
    #expect(newest.mapValues(\.book) == expected)
    for (partition, records) in try workspace.logged(heartbeats: true) {
      #expect(records.map(\.envelope.number) == Array(1...UInt64(records.count)), "\(partition)")
    }
  }

  @Test("a member's name is sealed, and columns that the mapping does not name are nowhere")
  func personal() throws {
    let workspace = try workspace()
    try workspace.capture()
    #expect(try workspace.logged().values.joined().filter { $0.after?.hasSealedMember == true }.count == 2)
    for file in try FileManager.default.subpathsOfDirectory(atPath: workspace.folder) {
      guard !file.hasPrefix("library.sqlite"),
        let data = FileManager.default.contents(atPath: "\(workspace.folder)/\(file)")
      else { continue }
      for canary in ["Canary", "secret"] { #expect(data.range(of: Data(canary.utf8)) == nil, "\(canary) in \(file)") }
    }
  }

  @Test(
    "a mapping whose tables cannot be captured is refused by what is wrong with it",
    arguments: [
      (["a"], ["b"], "has no key"), (["a"], [], "has no key"),
      ((0..<25).map { "c\($0)" }, ["c0"], "more than 24 columns"),
    ])
  func refused(columns: [String], key: [String], reason: String) throws {
    struct Wrong: RowMapping {
      let title = "database"
      let topics = [Loan.topic]
      var tables: [SourceTable]
      func event(of change: RowChange) throws(RowFault) -> MappedEvent { throw .missingField("all") }
      func place(ofRejected row: SourceRow, referred: String) -> (topic: String, route: Token) {
        (Loan.topic, Token(high: 0, low: 0))
      }
    }
    let keyring = try workspace().keyring
    let error = #expect(throws: CaptureError.self) {
      try SQLiteSource(
        name: "x", path: "x.sqlite", mapping: Wrong(tables: [SourceTable("t", columns: columns, key: key)]),
        keyring: keyring, installsTriggers: true)
    }
    #expect(error?.kind == .configuration && error?.cause.contains(reason) == true)
  }
}

private final class Counter: @unchecked Sendable {
  private let lock = NSLock()
  private var count = 0
  func next() -> Int {
    lock.withLock {
      count += 1
      return count
    }
  }
}
