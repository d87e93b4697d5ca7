internal import EventLog
internal import SQLite

extension MartWriter {
  /// The bookkeeping as the file has it.
  package func ledger() throws(MartError) -> MartLedger {
    try MartError.wrapping(name, "load positions and numbers") {
      try database.read { try MartLedger(loading: database) }
    }
  }

  /// Writes one batch in one transaction: the ledger's numbers, counts, gaps, quarantine rows and positions, and
  /// whatever `flush` writes. All or nothing; after an error the file is unchanged and the ledger must be loaded again.
  ///
  /// Positions move by compare-and-set on (owner epoch, stored position): throws `.fenced` when another writer has
  /// opened this generation since, `.positionMismatch` when the mart does not stand where the ledger started.
  package func absorb(_ ledger: inout MartLedger, flush: (MartTransaction) throws -> Void) throws(MartError) {
    do {
      try MartError.wrapping(name, "absorb a batch") {
        try database.write {
          try refuseWhenFenced()
          try movePositions(ledger)
          try flush(MartTransaction(database: database))
          try ledger.write(to: database)
        }
      }
    } catch {
      if error.kind == .fenced {
        isFenced = true
        directory.telemetry.fenced(generation, ownerEpoch: ownerEpoch)
      }
      throw error
    }
    ledger.committed()
    try checkpointWhenDue()
  }

  private func refuseWhenFenced() throws {
    let owner = try database.statement("SELECT owner_epoch FROM millrace_owner")
    defer { owner.reset() }
    guard try owner.step(), owner.int64(0) == ownerEpoch else {
      throw MartError(
        .fenced, mart: name, operation: "absorb a batch",
        cause: "another writer has taken generation \(generation) over",
        hint: "nothing was written; stop this process, the other one goes on")
    }
  }

  private func movePositions(_ ledger: MartLedger) throws {
    for (partition, position) in ledger.moved {
      if let stored = ledger.positions[partition] {
        let update = try database.statement(
          """
          UPDATE millrace_positions SET next_offset = ?4, anchor = ?5
          WHERE topic = ?1 AND partition = ?2 AND next_offset = ?3
          """)
        update.bind(1, partition.topic)
        update.bind(2, Int64(partition.partition))
        update.bind(3, stored.nextOffset)
        update.bind(4, position.nextOffset)
        update.bind(5, position.proof)
        try update.run()
      } else {
        let insert = try database.statement(
          """
          INSERT INTO millrace_positions (topic, partition, next_offset, anchor) VALUES (?1, ?2, ?3, ?4)
          ON CONFLICT DO NOTHING
          """)
        insert.bind(1, partition.topic)
        insert.bind(2, Int64(partition.partition))
        insert.bind(3, position.nextOffset)
        insert.bind(4, position.proof)
        try insert.run()
      }
      guard database.changes == 1 else {
        throw MartError(
          .positionMismatch, mart: name, operation: "absorb a batch",
          cause: "it does not stand at offset \(ledger.positions[partition]?.nextOffset ?? .first) of \(partition)",
          hint: "nothing was written; start again from the mart's own positions")
      }
    }
  }
}

extension MartLedger {
  init(loading database: Database) throws {
    self.init()
    try database.query("SELECT topic, partition, next_offset, anchor FROM millrace_positions") {
      positions[$0.partition(0)] = LogAnchor(nextOffset: $0.offset(2), proof: $0.blob(3))
    }
    var gaps: [StreamKey: [ClosedRange<UInt64>]] = [:]
    try database.query(
      """
      SELECT source, epoch, topic, partition, first_number, last_number FROM millrace_gaps
      ORDER BY source, epoch, topic, partition, first_number
      """
    ) {
      let (first, last) = (UInt64(clamping: $0.int64(4)), UInt64(clamping: $0.int64(5)))
      guard first <= last else { return }
      gaps[$0.streamKey, default: []].append(first...last)
    }
    try database.query(
      """
      SELECT source, epoch, topic, partition, last_number, events_in, applied, quarantined, duplicates
      FROM millrace_numbers ORDER BY source, epoch, topic, partition
      """
    ) {
      let key = $0.streamKey
      load(
        key, tracker: NumberTracker(last: UInt64(clamping: $0.int64(4)), missing: gaps[key] ?? []),
        counts: MartCounts(
          eventsIn: $0.int64(5), applied: $0.int64(6), quarantined: $0.int64(7), duplicates: $0.int64(8)))
    }
    try database.query("SELECT source, topic, partition, read_up_to FROM millrace_sources") {
      readUpTo[SourceKey(source: $0.text(0), partition: $0.partition(1))] = $0.int64(3)
    }
  }

  func write(to database: Database) throws {
    try writeStreams(to: database)
    try writeGaps(to: database)
    try writeQuarantine(to: database)
    let source = try database.statement(
      """
      INSERT INTO millrace_sources (source, topic, partition, read_up_to) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT DO UPDATE SET read_up_to = excluded.read_up_to
      """)
    for key in changedReadUpTo {
      source.bind(1, key.source)
      source.bind(2, key.partition.topic)
      source.bind(3, Int64(key.partition.partition))
      source.bind(4, readUpTo[key])
      try source.run()
    }
  }

  private func writeStreams(to database: Database) throws {
    let statement = try database.statement(
      """
      INSERT INTO millrace_numbers
        (source, epoch, topic, partition, last_number, events_in, applied, quarantined, duplicates)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
      ON CONFLICT DO UPDATE SET last_number = excluded.last_number, events_in = excluded.events_in,
        applied = excluded.applied, quarantined = excluded.quarantined, duplicates = excluded.duplicates
      """)
    for stream in streams where stream.isChanged {
      statement.bind(stream.key)
      statement.bind(5, Int64(clamping: stream.tracker.last))
      statement.bind(6, stream.counts.eventsIn)
      statement.bind(7, stream.counts.applied)
      statement.bind(8, stream.counts.quarantined)
      statement.bind(9, stream.counts.duplicates)
      try statement.run()
    }
  }

  private func writeGaps(to database: Database) throws {
    if gapChanges.isEmpty { return }
    let open = try database.statement(
      """
      INSERT INTO millrace_gaps (source, epoch, topic, partition, first_number, last_number)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      """)
    let close = try database.statement(
      """
      DELETE FROM millrace_gaps
      WHERE source = ?1 AND epoch = ?2 AND topic = ?3 AND partition = ?4 AND first_number = ?5
      """)
    for change in gapChanges {
      switch change {
      case .open(let stream, let gap):
        open.bind(streams[stream].key)
        open.bind(5, Int64(clamping: gap.lowerBound))
        open.bind(6, Int64(clamping: gap.upperBound))
        try open.run()
      case .close(let stream, let gap):
        close.bind(streams[stream].key)
        close.bind(5, Int64(clamping: gap.lowerBound))
        try close.run()
      }
    }
  }

  private func writeQuarantine(to database: Database) throws {
    if quarantine.isEmpty { return }
    let statement = try database.statement(
      """
      INSERT INTO millrace_quarantine
        (topic, partition, record_offset, source, epoch, number, stage, reason, detail, captured_at, value_sha256)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
      """)
    for entry in quarantine {
      statement.bind(1, entry.partition.topic)
      statement.bind(2, Int64(entry.partition.partition))
      statement.bind(3, entry.offset)
      statement.bind(4, entry.source)
      statement.bind(5, entry.epoch)
      statement.bind(6, entry.number)
      statement.bind(7, entry.stage)
      statement.bind(8, entry.reason)
      statement.bind(9, String(decoding: entry.detail.utf8.prefix(MartLimits.quarantineDetailBytes), as: UTF8.self))
      statement.bind(10, entry.capturedAt)
      statement.bind(11, entry.valueHash)
      try statement.run()
    }
  }
}

extension Statement {
  /// Binds a stream's key to parameters 1 to 4.
  fileprivate func bind(_ key: StreamKey) {
    bind(1, key.source)
    bind(2, key.epoch)
    bind(3, key.partition.topic)
    bind(4, Int64(key.partition.partition))
  }

  /// A stream's key in columns 0 to 3.
  var streamKey: StreamKey { StreamKey(source: text(0), epoch: int64(1), partition: partition(2)) }

  /// A topic and its partition in two columns.
  func partition(_ column: Int32) -> TopicPartition {
    TopicPartition(text(column), Int32(clamping: int64(column + 1)))
  }

  /// The offset in a column; 0 where it holds no integer.
  func offset(_ column: Int32) -> Offset { Offset(int64(column)) }

  func bind(_ index: Int32, _ offset: Offset) { bind(index, offset.rawValue) }
}
