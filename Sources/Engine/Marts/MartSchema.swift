/// What a mart consists of: the projections' tables and views, and the bookkeeping tables that every mart has.
package struct MartSchema: Sendable {
  /// "MILR": tells a mart from any other SQLite file (`PRAGMA application_id`).
  package static let applicationID: Int32 = 0x4d49_4c52
  /// Version of the bookkeeping tables (`PRAGMA user_version`). The projections' own versions are parts of the
  /// identity.
  package static let version: Int32 = 1

  /// The mart's name, and the name of its folder: a to z and "_".
  package var name: String
  /// What the mart holds, as a sentence for `describe`.
  package var meaning: String
  /// Tables of the projections, in the order of their making; the bookkeeping comes before them. One that several
  /// projections share stands once.
  package var tables: [TableDefinition]
  /// Documented views; made after all tables, and tried at once.
  package var views: [ViewDefinition]
  /// What a verification asks of a finished generation.
  package var invariants: [MartInvariant]

  /// Of tables with one name, which several projections share, the first stays.
  package init(
    name: String, meaning: String, tables: [TableDefinition], views: [ViewDefinition], invariants: [MartInvariant] = []
  ) {
    self.name = name
    self.meaning = meaning
    var names: Set<String> = []
    self.tables = tables.filter { names.insert($0.name).inserted }
    self.views = views
    self.invariants = invariants
  }

  /// All statements that make an empty generation.
  package var statements: [String] {
    (MartSchema.bookkeeping + tables).flatMap(\.statements) + views.map(\.statement)
  }

  private static let streamColumns: [TableDefinition.Column] = [
    .init("source", "TEXT NOT NULL", "source system; empty where a record names none that is readable"),
    .init("epoch", "INTEGER NOT NULL", "begins anew only when the source's history breaks; 0: not readable"),
    .init("topic", "TEXT NOT NULL", "topic of the log"),
    .init("partition", "INTEGER NOT NULL", "partition of the topic, from 0"),
  ]

  /// Tables of every mart; the `millrace_` prefix is reserved for them.
  package static let bookkeeping: [TableDefinition] = [
    TableDefinition(
      "millrace_owner", "the writer in charge; an older one cannot commit any more",
      columns: [
        .init("id", "INTEGER PRIMARY KEY CHECK (id = 1)", "always 1"),
        .init("owner_epoch", "INTEGER NOT NULL", "how often a writer has opened this generation"),
      ], canonicalDump: ""),
    TableDefinition(
      "millrace_identity", "what this generation is a function of besides the log's prefixes",
      columns: [
        .init("part", "TEXT NOT NULL PRIMARY KEY", "name, e.g. projection.orders"),
        .init("value", "TEXT NOT NULL", "version or hash"),
      ], withoutRowID: true, canonicalDump: "SELECT part, value FROM millrace_identity ORDER BY part"),
    TableDefinition(
      "millrace_positions", "where this generation stands in the log",
      columns: [
        .init("topic", "TEXT NOT NULL", "topic of the log"),
        .init("partition", "INTEGER NOT NULL", "partition of the topic, from 0"),
        .init("next_offset", "INTEGER NOT NULL", "offset of the next record to absorb"),
        .init("anchor", "BLOB NOT NULL", "the log's chain hash at that offset; empty where the log gave none"),
      ], constraints: ["PRIMARY KEY (topic, partition)"], withoutRowID: true,
      canonicalDump: "SELECT topic, partition, next_offset, anchor FROM millrace_positions ORDER BY topic, partition"),
    TableDefinition(
      "millrace_numbers", "numbers seen and what became of the events",
      columns: streamColumns + [
        .init("last_number", "INTEGER NOT NULL", "highest number seen"),
        .init("events_in", "INTEGER NOT NULL", "events read"),
        .init("applied", "INTEGER NOT NULL", "events folded, superseded ones and heartbeats included"),
        .init("quarantined", "INTEGER NOT NULL", "events left out, see millrace_quarantine"),
        .init("duplicates", "INTEGER NOT NULL", "events dropped because their number had been seen"),
      ],
      constraints: [
        "PRIMARY KEY (source, epoch, topic, partition)",
        // The balance that every report of health shows is held by the file itself.
        "CHECK (events_in = applied + quarantined + duplicates)",
      ], withoutRowID: true,
      canonicalDump: """
        SELECT source, epoch, topic, partition, last_number, events_in, applied, quarantined, duplicates
        FROM millrace_numbers ORDER BY source, epoch, topic, partition
        """),
    TableDefinition(
      "millrace_gaps", "numbers that have not come, as intervals; each one is a fault of health",
      columns: streamColumns + [
        .init("first_number", "INTEGER NOT NULL", "first missing number"),
        .init("last_number", "INTEGER NOT NULL", "last missing number"),
      ], constraints: ["PRIMARY KEY (source, epoch, topic, partition, first_number)"], withoutRowID: true,
      canonicalDump: """
        SELECT source, epoch, topic, partition, first_number, last_number
        FROM millrace_gaps ORDER BY source, epoch, topic, partition, first_number
        """),
    TableDefinition(
      "millrace_quarantine", "events left out of the mart, with the reason",
      columns: [
        .init("topic", "TEXT NOT NULL", "topic of the log"),
        .init("partition", "INTEGER NOT NULL", "partition of the topic, from 0"),
        .init("record_offset", "INTEGER NOT NULL", "offset of the record in the log"),
        .init("source", "TEXT NOT NULL", "source system; empty where not readable"),
        .init("epoch", "INTEGER NOT NULL", "the source's epoch; 0: not readable"),
        .init("number", "INTEGER NOT NULL", "the event's number; 0: not readable"),
        .init("stage", "TEXT NOT NULL", "capture, decode, open, validate or fold"),
        .init("reason", "TEXT NOT NULL", "typed reason, e.g. order.absurdQuantity"),
        .init("detail", "TEXT NOT NULL", "field names and limits, never content"),
        .init("captured_at", "INTEGER NOT NULL", "milliseconds since 1970-01-01 UTC"),
        .init("value_sha256", "BLOB NOT NULL", "SHA-256 of the record's value; empty for a record without one"),
      ], constraints: ["PRIMARY KEY (topic, partition, record_offset)"], withoutRowID: true,
      canonicalDump: """
        SELECT topic, partition, record_offset, source, epoch, number, stage, reason, detail, captured_at, value_sha256
        FROM millrace_quarantine ORDER BY topic, partition, record_offset
        """, month: .millis("d.captured_at")),
    TableDefinition(
      "millrace_sources", "up to which moment each source has been read",
      columns: [
        .init("source", "TEXT NOT NULL", "source system"),
        .init("topic", "TEXT NOT NULL", "topic of the log"),
        .init("partition", "INTEGER NOT NULL", "partition of the topic, from 0"),
        .init("read_up_to", "INTEGER NOT NULL", "milliseconds since 1970-01-01 UTC, from the source's heartbeats"),
      ], constraints: ["PRIMARY KEY (source, topic, partition)"], withoutRowID: true,
      canonicalDump: """
        SELECT source, topic, partition, read_up_to FROM millrace_sources ORDER BY source, topic, partition
        """),
  ]
}
