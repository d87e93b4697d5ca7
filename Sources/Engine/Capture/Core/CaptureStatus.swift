package import EventLog
internal import Files
package import Money
package import Privacy
internal import SQLite

/// What capture has written down about itself; read from its file, so it works while a capture runs.
package struct CaptureStatus: Sendable, Equatable {
  /// How one source stands.
  package struct Source: Sendable, Equatable {
    /// As its records carry it.
    package var name: String
    /// Of its numbers; 0: it could not be read once yet.
    package var epoch: UInt64
    /// The source's own text.
    package var position: String
    /// Everything that the source held at this moment is captured; nil: not yet known.
    package var readUpTo: Timestamp?
    /// Numbered events of this epoch, heartbeats included.
    package var numbered: UInt64
    /// What a person should know about it, sorted.
    package var notes: [SourceNote]
    /// Since when each note stands, where that is known.
    package var notedSince: [SourceNote: Timestamp] = [:]
    /// What it failed with at its last look, or waits for; nil: it could be read.
    package var trouble: SourceTrouble?
  }

  /// Sorted by name.
  package var sources: [Source] = []
  /// Records that are not known to be in the log.
  package var undelivered: Int64 = 0
  /// Recorded decisions that are not known to be in the log.
  package var undeliveredDecisions: Int64 = 0
  /// Why the last delivery could not reach the log; nil: it could.
  package var logTrouble: SourceTrouble?

  /// Columns that the sources have and capture does not take, by name.
  package var droppedColumns: [String] {
    sources.flatMap { source in source.notes.filter { $0.kind == .droppedColumn }.map(\.text) }
  }

  /// Why the log may lack what the sources hold, as sentences; empty: nothing is known to be missing. What was captured
  /// and not delivered is on its way while a capture runs.
  package func faults(isCapturing: Bool) -> [String] {
    var faults: [String] = []
    if let logTrouble { faults.append("the log: \(logTrouble.text) (since \(logTrouble.since.iso))") }
    for source in sources {
      if let trouble = source.trouble {
        faults.append("\(source.name): \(trouble.text) (since \(trouble.since.iso))")
      }
      for note in source.notes {
        switch note.kind {
        case .unread, .historyBroken, .comparing, .held: faults.append("\(source.name): \(note.text)")
        // The source is read all the same, or will be in a moment; `status` shows them beside.
        case .droppedColumn, .missingColumn, .missingTable, .leftOut, .waiting, .mended: continue
        }
      }
    }
    if undelivered > 0, !isCapturing {
      faults.append("\(undelivered) captured events are not in the log, and no capture runs; run `millrace capture`")
    }
    if undeliveredDecisions > 0 {
      faults.append("a recorded decision is not in the log yet; the next one that is recorded sends it")
    }
    return faults
  }

  /// Empty where nothing was captured yet.
  package static func read(workspace: String) throws -> CaptureStatus {
    var undecided: Int64 = 0
    if let decisions = try open(workspace, .operator) {
      undecided = try decisions.integer("SELECT sum(records) FROM outbox") ?? 0
    }
    guard let database = try open(workspace, .capture) else {
      var status = CaptureStatus()
      status.undeliveredDecisions = undecided
      return status
    }
    return try database.read {
      var status = CaptureStatus()
      status.undeliveredDecisions = undecided
      // Earlier builds made the file without these.
      let hasTimes = try database.integer("SELECT count(*) FROM pragma_table_info('notes') WHERE name = 'since'") == 1
      let hasTroubles = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'troubles'") == 1
      let notes = try database.rows(
        "SELECT source, kind, text, \(hasTimes ? "since" : "NULL") FROM notes ORDER BY source, kind, text"
      ) { row in
        (
          source: row.text(0), note: SourceNote.Kind(rawValue: row.text(1)).map { SourceNote($0, row.text(2)) },
          since: row.optionalInt64(3).map { Timestamp(millis: $0) }
        )
      }
      var troubles: [String: SourceTrouble] = [:]
      if hasTroubles {
        try database.query("SELECT source, text, since FROM troubles") {
          troubles[$0.text(0)] = SourceTrouble(text: $0.text(1), since: Timestamp(millis: $0.int64(2)))
        }
      }
      status.logTrouble = troubles.removeValue(forKey: TroubleNote.log)
      status.sources = try database.rows(
        """
        SELECT name, epoch, position, read_up_to, (SELECT sum(last_number) FROM numbers WHERE source = name)
        FROM sources ORDER BY name
        """
      ) { row in
        let name = row.text(0)
        let own = notes.filter { $0.source == name }
        return Source(
          name: name, epoch: UInt64(clamping: row.int64(1)), position: row.text(2),
          readUpTo: row.optionalInt64(3).map { Timestamp(millis: $0) },
          numbered: UInt64(clamping: row.int64(4)),
          notes: own.compactMap(\.note),
          notedSince: Dictionary(
            own.compactMap { note in note.note.flatMap { known in note.since.map { (known, $0) } } },
            uniquingKeysWith: { first, _ in first }),
          trouble: troubles.removeValue(forKey: name))
      }
      // Sources that could not be read once yet.
      for (name, trouble) in troubles {
        status.sources.append(
          Source(name: name, epoch: 0, position: "", readUpTo: nil, numbered: 0, notes: [], trouble: trouble))
      }
      status.sources.sort { $0.name < $1.name }
      status.undelivered = try database.integer("SELECT sum(records) FROM outbox") ?? 0
      return status
    }
  }

  /// The chain hashes that capture has seen, for the log's own check.
  package static func anchors(workspace: String) throws -> [TopicPartition: [LogAnchor]] {
    var anchors: [TopicPartition: [LogAnchor]] = [:]
    for role in [CaptureConfiguration.Role.capture, .operator] {
      guard let database = try open(workspace, role) else { continue }
      try database.query("SELECT topic, partition, next_offset, chain_hash FROM anchors ORDER BY 1, 2, 3") {
        anchors[TopicPartition($0.text(0), Int32(clamping: $0.int64(1))), default: []].append(
          LogAnchor(nextOffset: Offset($0.int64(2)), proof: $0.blob(3)))
      }
    }
    return anchors
  }

  /// Id of the log that capture appends to; nil: nothing was captured yet.
  package static func logID(workspace: String) throws -> String? {
    try open(workspace, .capture)?.string("SELECT value FROM facts WHERE name = 'log'")
  }

  /// How far the vault had come when something was captured last; nil: nothing was, or an earlier build did it.
  package static func vaultMark(workspace: String) throws -> VaultMark? {
    try open(workspace, .capture)?.string("SELECT value FROM facts WHERE name = ?", [.text(Outbox.vaultFact)])
      .flatMap { VaultMark($0) }
  }

  static func open(_ workspace: String, _ role: CaptureConfiguration.Role) throws -> Database? {
    var configuration = CaptureConfiguration(workspace: workspace)
    configuration.role = role
    let path = configuration.outboxPath
    guard Files.exists(path) else { return nil }
    let database = try Database(path, .readOnly)
    guard try database.applicationID == Int64(Outbox.applicationID) else { return nil }
    guard try database.userVersion <= Int64(Outbox.version) else {
      throw CaptureError(
        .storage, operation: "read capture.sqlite", cause: "it was written by a newer version of Millrace",
        hint: "use that version")
    }
    return database
  }
}

extension CaptureStatus.Source {
  /// A source of which nothing was captured yet.
  package init(nothingOf name: String) {
    self.init(name: name, epoch: 0, position: "", readUpTo: nil, numbered: 0, notes: [])
  }
}
