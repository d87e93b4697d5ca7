internal import Concurrency
internal import Entity
internal import EventLog
internal import Files
internal import Money
internal import Privacy
internal import SQLite
internal import Telemetry

/// capture.sqlite: finished records that may not be in the log yet, the positions that go with them, numbers, epochs,
/// and what sources keep. One connection writes and checkpoints; every commit survives power loss before the log is
/// asked.
///
/// Safe from any thread: calls wait for each other. What depends on the order of several calls (a commit and its
/// append) is the delivery line's alone.
final class Outbox: Sendable {
  static let applicationID: Int32 = 0x4d49_4c43  // "MILC"
  static let version: Int32 = 1
  /// Under which the vault's mark stands.
  static let vaultFact = "vault"

  struct State {
    var bytesSinceCheckpoint = 0
    /// As it was written last.
    var vault: VaultMark?
    /// Sent, but not yet marked so: done with the next commit, since a repeated send does no harm.
    var sent: [(ids: [Int64], ranges: [AppendedRange])] = []
  }

  /// Held for every use of the connection, too.
  let lock = Lock(State())
  let database: Database
  private let logger: Logger
  private let checkpoints: Counter

  init(path: String, logger: Logger = .silent, metrics: Metrics = Metrics()) throws {
    self.logger = logger
    checkpoints = metrics.counter(
      "millrace_capture_checkpoints_total", help: "Times that the write-ahead log of capture.sqlite was emptied.")
    // SQLite would create it readable by others where the umask says so; its -wal and -shm inherit these rights.
    if !Files.exists(path) { try Files.create(path, with: [], mode: 0o600) }
    database = try Database(path, .readWriteCreate, sharing: .oneThreadAtATime)
    if try database.integer("SELECT count(*) FROM sqlite_schema") == 0 {
      // Batches are megabytes: large pages mean fewer of them per commit.
      try database.execute("PRAGMA page_size=16384")
    }
    try database.useWriteAheadLog(.full)
    if try database.applicationID == 0, try database.integer("SELECT count(*) FROM sqlite_schema") == 0 {
      try database.write {
        try database.execute(Self.schema)
        try database.setApplicationID(Self.applicationID)
        try database.setUserVersion(Self.version)
      }
    }
    guard try database.applicationID == Int64(Self.applicationID) else {
      throw CaptureError(
        .storage, operation: "open capture.sqlite", cause: "it is another program's file",
        hint: "check the workspace; move the file away if it does not belong there")
    }
    guard try database.userVersion == Int64(Self.version) else {
      throw CaptureError(
        .storage, operation: "open capture.sqlite", cause: "it was written by another version of Millrace",
        hint: "use the newer version")
    }
    try Self.addWhatIsNew(to: database)
  }

  /// What files of the same version may lack, because earlier builds made them; those builds do not mind it.
  private static func addWhatIsNew(to database: Database) throws {
    let hasTimes = try database.integer("SELECT count(*) FROM pragma_table_info('notes') WHERE name = 'since'") == 1
    let hasTroubles = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'troubles'") == 1
    let hasRejections = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'rejections'") == 1
    if hasTimes, hasTroubles, hasRejections { return }
    try database.write {
      if !hasTimes { try database.execute("ALTER TABLE notes ADD COLUMN since INTEGER") }
      try database.execute(
        """
        CREATE TABLE IF NOT EXISTS troubles(
          source TEXT PRIMARY KEY, text TEXT NOT NULL, since INTEGER NOT NULL) STRICT
        """
      )
      try database.execute(rejectionSchema)
    }
  }

  private static let schema = """
    CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE sources(name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, position TEXT NOT NULL, read_up_to INTEGER) STRICT;
    CREATE TABLE numbers(
      source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, last_number INTEGER NOT NULL,
      last_at INTEGER NOT NULL, PRIMARY KEY(source, topic, partition)) STRICT, WITHOUT ROWID;
    CREATE TABLE outbox(
      id INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition INTEGER NOT NULL, records INTEGER NOT NULL,
      first_timestamp INTEGER NOT NULL, last_timestamp INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
    CREATE TABLE anchors(
      topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL, chain_hash BLOB NOT NULL,
      PRIMARY KEY(topic, partition, next_offset)) STRICT, WITHOUT ROWID;
    CREATE TABLE kept(
      source TEXT NOT NULL, key BLOB NOT NULL, digest BLOB NOT NULL, person_key BLOB, box BLOB,
      PRIMARY KEY(source, key)) STRICT, WITHOUT ROWID;
    CREATE TABLE notes(source TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL) STRICT;
    """

  // MARK: Reading

  func source(_ name: String) throws -> Source? {
    try lock.withLock { _ in
      try database.first("SELECT epoch, position, read_up_to FROM sources WHERE name = ?", [.text(name)]) {
        Source(
          epoch: UInt64(clamping: $0.int64(0)), position: $0.text(1),
          readUpTo: $0.optionalInt64(2).map { Timestamp(millis: $0) })
      }
    }
  }

  func numbers(of source: String) throws -> [PartitionNumber] {
    try lock.withLock { _ in
      try database.rows(
        "SELECT topic, partition, last_number, last_at FROM numbers WHERE source = ? ORDER BY topic, partition",
        [.text(source)]
      ) {
        PartitionNumber(
          topic: $0.text(0), partition: Int32(clamping: $0.int64(1)), last: UInt64(clamping: $0.int64(2)),
          at: Timestamp(millis: $0.int64(3)))
      }
    }
  }

  /// Of all sources that were read; one that was only looked for in vain is not among them.
  func sourceNames() throws -> Set<String> {
    try lock.withLock { _ in
      Set(
        try database.rows("SELECT name FROM sources WHERE position <> '' UNION SELECT source FROM numbers") {
          $0.text(0)
        })
    }
  }

  func fact(_ name: String) throws -> String? {
    try lock.withLock { _ in
      try database.string("SELECT value FROM facts WHERE name = ?", [.text(name)])
    }
  }

  func setFact(_ name: String, _ value: String) throws {
    try lock.withLock { _ in
      try database.run("INSERT OR REPLACE INTO facts(name, value) VALUES (?, ?)", [.text(name), .text(value)])
    }
  }

  /// The newest anchor that the log gave for a partition; nil: none yet.
  func newestAnchor(of partition: TopicPartition) throws -> LogAnchor? {
    try lock.withLock { _ in
      try database.first(
        """
        SELECT next_offset, chain_hash FROM anchors WHERE topic = ? AND partition = ? ORDER BY next_offset DESC LIMIT 1
        """, [.text(partition.topic), .integer(Int64(partition.partition))]
      ) { LogAnchor(nextOffset: Offset($0.int64(0)), proof: $0.blob(1)) }
    }
  }

  func anchors() throws -> [TopicPartition: [LogAnchor]] {
    try lock.withLock { _ in
      var anchors: [TopicPartition: [LogAnchor]] = [:]
      try database.query("SELECT topic, partition, next_offset, chain_hash FROM anchors ORDER BY 1, 2, 3") {
        anchors[TopicPartition($0.text(0), Int32(clamping: $0.int64(1))), default: []].append(
          LogAnchor(nextOffset: Offset($0.int64(2)), proof: $0.blob(3)))
      }
      return anchors
    }
  }

  /// Records that are not known to be in the log, oldest first.
  func pending() throws -> [Pending] {
    try lock.withLock { state in
      let known = Set(state.sent.flatMap(\.ids))
      return try database.rows(
        "SELECT id, topic, partition, records, first_timestamp, last_timestamp, bytes FROM outbox ORDER BY id"
      ) {
        Pending(
          id: $0.int64(0),
          batch: EncodedBatch(
            partition: TopicPartition($0.text(1), Int32(clamping: $0.int64(2))), count: $0.int(3),
            firstTimestampMillis: $0.int64(4), lastTimestampMillis: $0.int64(5), bytes: $0.blob(6)))
      }.filter { !known.contains($0.id) }
    }
  }

  func trouble(of source: String) throws -> SourceTrouble? {
    try lock.withLock { _ in
      try database.first("SELECT text, since FROM troubles WHERE source = ?", [.text(source)]) {
        SourceTrouble(text: $0.text(0), since: Timestamp(millis: $0.int64(1)))
      }
    }
  }

  // MARK: Writing

  /// One durable commit; answers the ids of the batches in it. What was sent before is marked so along the way.
  func commit(_ commit: Commit) throws -> [Int64] {
    try lock.withLock { state in
      var ids: [Int64] = []
      try database.write {
        try mark(state.sent)
        try writeRejections(of: commit)
        try database.run(
          "INSERT OR REPLACE INTO sources(name, epoch, position, read_up_to) VALUES (?, ?, ?, ?)",
          [
            .text(commit.source), .integer(Int64(clamping: commit.state.epoch)), .text(commit.state.position),
            .optional(commit.state.readUpTo?.millis),
          ])
        if commit.beginsEpoch { try database.run("DELETE FROM numbers WHERE source = ?", [.text(commit.source)]) }
        for number in commit.numbers {
          try database.run(
            "INSERT OR REPLACE INTO numbers(source, topic, partition, last_number, last_at) VALUES (?, ?, ?, ?, ?)",
            [
              .text(commit.source), .text(number.topic), .integer(Int64(number.partition)),
              .integer(Int64(clamping: number.last)), .integer(number.at.millis),
            ])
        }
        let insert = try database.statement(
          """
          INSERT INTO outbox(topic, partition, records, first_timestamp, last_timestamp, bytes)
          VALUES (?, ?, ?, ?, ?, ?)
          """)
        for batch in commit.batches {
          insert.bind(1, batch.partition.topic)
          insert.bind(2, Int64(batch.partition.partition))
          insert.bind(3, batch.count)
          insert.bind(4, batch.firstTimestampMillis)
          insert.bind(5, batch.lastTimestampMillis)
          insert.bind(6, batch.bytes)
          try insert.run()
          insert.clearBindings()
          ids.append(database.lastInsertRowID)
          state.bytesSinceCheckpoint += batch.bytes.count
        }
        state.bytesSinceCheckpoint += try keep(commit.kept, commit.sealed, of: commit.source)
        if let mark = commit.vault, mark != state.vault { try write(mark) }
        if let notes = commit.notes { try write(notes, of: commit.source, at: commit.notedAt) }
      }
      state.sent.removeAll()
      state.vault = commit.vault ?? state.vault
      if state.bytesSinceCheckpoint > CaptureLimits.bytesPerCheckpoint {
        // Without cutting the file: the next commits write over the blocks that it has, which costs half of new ones.
        try database.checkpointPassively()
        noteCheckpoint(&state)
      }
      return ids
    }
  }

  /// These are in the log now. Written down with the next commit.
  func wereSent(_ ids: [Int64], as ranges: [AppendedRange]) { lock.withLock { $0.sent.append((ids, ranges)) } }

  /// Writes down at once what was sent.
  func settle() throws {
    try lock.withLock { state in
      guard !state.sent.isEmpty else { return }
      try database.write { try mark(state.sent) }
      state.sent.removeAll()
    }
  }

  /// Puts other anchors in the place of all.
  func overwriteAnchors(_ anchors: [TopicPartition: [LogAnchor]]) throws {
    try lock.withLock { _ in
      try database.write {
        try database.run("DELETE FROM anchors")
        for (partition, anchors) in anchors {
          for anchor in anchors {
            try database.run(
              "INSERT OR REPLACE INTO anchors(topic, partition, next_offset, chain_hash) VALUES (?, ?, ?, ?)",
              [
                .text(partition.topic), .integer(Int64(partition.partition)), .integer(anchor.nextOffset.rawValue),
                .blob(anchor.proof),
              ])
          }
        }
      }
    }
  }

  /// Forgets that history broke, on a person's word.
  func forgetBreaks() throws {
    try lock.withLock { _ in
      try database.run("DELETE FROM notes WHERE kind = ?", [.text(SourceNote.Kind.historyBroken.rawValue)])
    }
  }

  func checkpoint() throws {
    try lock.withLock { state in
      try database.checkpoint()
      noteCheckpoint(&state)
    }
  }

  /// nil: there is none any more.
  func setTrouble(_ trouble: SourceTrouble?, of source: String) throws {
    try lock.withLock { _ in
      guard let trouble else {
        return try database.run("DELETE FROM troubles WHERE source = ?", [.text(source)])
      }
      try database.run(
        "INSERT OR REPLACE INTO troubles(source, text, since) VALUES (?, ?, ?)",
        [.text(source), .text(trouble.text), .integer(trouble.since.millis)])
    }
  }

  private func noteCheckpoint(_ state: inout State) {
    logger.debug("capture.sqlite: checkpoint", ["bytes": .integer(Int64(state.bytesSinceCheckpoint))])
    checkpoints.add()
    state.bytesSinceCheckpoint = 0
  }

  /// Notes that stay keep their time.
  private func write(_ notes: Set<SourceNote>, of source: String, at moment: Timestamp?) throws {
    // That history broke stays true after a restart, when the source knows nothing of it any more.
    let stored = try database.rows(
      "SELECT kind, text FROM notes WHERE source = ? AND kind <> ?",
      [.text(source), .text(SourceNote.Kind.historyBroken.rawValue)]
    ) { (kind: $0.text(0), text: $0.text(1)) }
    for old in stored where !notes.contains(where: { $0.kind.rawValue == old.kind && $0.text == old.text }) {
      try database.run(
        "DELETE FROM notes WHERE source = ? AND kind = ? AND text = ?",
        [.text(source), .text(old.kind), .text(old.text)])
    }
    for note in notes.sorted() {
      try database.run(
        """
        INSERT INTO notes(source, kind, text, since)
        SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM notes WHERE source = ?1 AND kind = ?2 AND text = ?3)
        """, [.text(source), .text(note.kind.rawValue), .text(note.text), .optional(moment?.millis)])
    }
  }

  private func write(_ mark: VaultMark) throws {
    try database.run(
      "INSERT OR REPLACE INTO facts(name, value) VALUES (?, ?)", [.text(Self.vaultFact), .text(mark.text)])
  }

  private func mark(_ sent: [(ids: [Int64], ranges: [AppendedRange])]) throws {
    for (ids, ranges) in sent {
      for id in ids { try database.run("DELETE FROM outbox WHERE id = ?", [.integer(id)]) }
      for range in ranges {
        guard let anchor = range.anchor else { continue }
        let place: [Value] = [.text(range.partition.topic), .integer(Int64(range.partition.partition))]
        // The newest anchor, and one per stretch of offsets before it.
        let stretch = (anchor.nextOffset.rawValue - 1) / CaptureLimits.anchorSpacing * CaptureLimits.anchorSpacing
        try database.run(
          "DELETE FROM anchors WHERE topic = ? AND partition = ? AND next_offset > ?", place + [.integer(stretch)])
        try database.run(
          "INSERT OR REPLACE INTO anchors(topic, partition, next_offset, chain_hash) VALUES (?, ?, ?, ?)",
          place + [.integer(anchor.nextOffset.rawValue), .blob(anchor.proof)])
      }
    }
  }
}
