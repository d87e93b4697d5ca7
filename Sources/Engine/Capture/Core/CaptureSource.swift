package import Entity
package import Money
package import Privacy

/// A source system as capture sees it: it hands over events without numbers, and the position that follows them. The
/// core numbers, routes, seals, encodes and commits them. A source never writes anything of capture's own.
///
/// One thread at a time; when `readsAhead` is set that may be another thread than the one that commits.
package protocol CaptureSource: AnyObject, Sendable {
  var name: String { get }
  /// The file or folder that it reads, for words to people.
  var place: String { get }
  /// Topics that its events go to; each of their partitions gets heartbeats.
  var topics: [String] { get }
  /// Whether the next batch may be read while the one before is still being committed.
  var readsAhead: Bool { get }
  /// Tells this mapping of records from others, as configuration and program have it: what another one has refused no
  /// longer counts, and is read again where that can be.
  var mappingVersion: String { get }
  /// Goes on from a committed position; called before the first `poll` and after every failure.
  func resume(from checkpoint: SourceCheckpoint) throws
  /// The events that follow those of the last call. `now` stands for the time where a record tells none.
  func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch
  /// Everything handed over so far is in the log: the source may tidy up behind itself. Never called while it is
  /// polled.
  func delivered() throws
}

extension CaptureSource {
  /// For sources without a place.
  package var place: String { "source \(name)" }
  /// For sources that have one only.
  package var mappingVersion: String { "1" }
}

/// How much a source hands over at once.
package struct BatchLimit: Sendable, Equatable {
  /// Soft: the events of one source record stay together.
  package var events: Int
  /// Of encoded events, estimated.
  package var bytes: Int
  package init(events: Int = CaptureLimits.batchEvents, bytes: Int = CaptureLimits.batchBytes) {
    self.events = events
    self.bytes = bytes
  }
}

/// Where a source stood at the last commit.
package struct SourceCheckpoint: Sendable {
  /// The source's own text; nil at the very first start.
  package var position: String?
  /// Of the numbers given so far; begins anew where history broke.
  package var epoch: UInt64
  /// Rows that the source has asked to keep (see `StateWrite`).
  package var state: any SourceStateReader
  /// What was delivered so far, for a source that did not keep it; nil: nobody can tell.
  package var delivered: DeliveredRecords?
  /// Keys of the source's rejected records that are still as bad as they were (see `RejectedRecord`).
  package var rejected: Set<[UInt8]> = []
  /// What was refused so far was refused under another mapping.
  package var isOtherMapping = false
  package init(
    position: String?, epoch: UInt64, state: any SourceStateReader, delivered: DeliveredRecords? = nil
  ) {
    self.position = position
    self.epoch = epoch
    self.state = state
    self.delivered = delivered
  }
}

/// The rows that a source has kept, as they were committed last. Calls block; one thread at a time.
package protocol SourceStateReader: Sendable {
  /// Key and digest of every kept row.
  func digests() throws -> [(key: [UInt8], digest: [UInt8])]
  /// The content kept under a key, opened; nil when there is none or its data key was destroyed.
  func content(of key: [UInt8]) throws -> PersonalData?
  /// The digest kept under a key; nil: there is none.
  func digest(of key: [UInt8]) throws -> [UInt8]?
  /// The kept rows whose keys lie in the range, in the order of their bytes, at most so many.
  func digests(in keys: Range<KeptKey>, limit: Int) throws -> [(key: [UInt8], digest: [UInt8])]
  /// How many kept rows have keys in the range.
  func count(in keys: Range<KeptKey>) throws -> Int
}

extension SourceStateReader {
  /// For readers that hold all rows in memory anyway.
  package func digest(of key: [UInt8]) throws -> [UInt8]? { try digests().last { $0.key == key }?.digest }

  /// For readers that hold all rows in memory anyway.
  package func digests(in keys: Range<KeptKey>, limit: Int) throws -> [(key: [UInt8], digest: [UInt8])] {
    Array(
      try digests().filter { keys.contains(KeptKey($0.key)) }.sorted { KeptKey($0.key) < KeptKey($1.key) }
        .prefix(limit))
  }

  /// For readers that hold all rows in memory anyway.
  package func count(in keys: Range<KeptKey>) throws -> Int { try digests(in: keys, limit: .max).count }
}

/// The key of a kept row, ordered by its bytes.
package struct KeptKey: Sendable, Comparable {
  /// As `StateWrite.key`.
  package var bytes: [UInt8]
  /// `bytes`: as `StateWrite.key`.
  package init(_ bytes: [UInt8]) { self.bytes = bytes }
  /// As `memcmp` orders them; a beginning stands before what it begins.
  package static func < (left: KeptKey, right: KeptKey) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }
}

/// Whose data keys seal an event's personal fields.
package enum PersonalSubjects: Sendable, Equatable {
  case none
  case all([Subject])
  /// One field belongs to somebody else.
  case except(PersonalField, [Subject], others: [Subject])
  /// A record that could not be parsed: nobody knows whose it is, so it shares a key with those of its month.
  case unparsed

  /// Whether all fields have the same key.
  var isShared: Bool {
    if case .except = self { false } else { true }
  }

  /// Empty: nobody is known.
  package func of(_ field: PersonalField) -> [Subject] {
    switch self {
    case .none, .unparsed: []
    case .all(let subjects): subjects
    case .except(let special, let subjects, let others): field == special ? subjects : others
    }
  }
}

/// How an event's version is made, by which two states of one thing are ordered.
package enum PendingVersion: Sendable, Equatable {
  /// (epoch, this): a commit position or the ordinal of a sheet.
  case state(UInt64)
  /// (event time, number): an occurrence.
  case eventTime
}

/// An event that still lacks source, epoch, number and time of capture.
package struct PendingEvent: Sendable {
  /// One of its source's topics.
  package var topic: String
  /// The record's key; decides the partition.
  package var route: Token
  /// How two states of what it is about are ordered.
  package var version: PendingVersion
  /// Whose data keys seal its personal fields.
  package var subjects: PersonalSubjects
  /// Whether the record tells its time; otherwise the time of capture stands for it.
  package var hasTime: Bool
  /// Where it was rejected, beside what its content says; nil: it was not, or nobody needs to know.
  package var rejection: RejectedRecord?
  /// Completed in place: copying it costs as much as encoding it.
  package internal(set) var envelope: Envelope
  /// The row's key; nil for what happens once.
  package internal(set) var key: RowKey<Person>?
  /// What it is about, in clear.
  package internal(set) var content: any ClearContent

  /// `occurredAt` nil: the record tells no time. `key`: of the row; nil for what happens once.
  package init(
    topic: String, route: Token, operation: EventOperation, position: SourcePosition, version: PendingVersion,
    occurredAt: Timestamp?, flags: [String] = [], key: RowKey<Person>? = nil, content: any ClearContent,
    subjects: PersonalSubjects
  ) {
    self.topic = topic
    self.key = key
    self.route = route
    self.version = version
    self.subjects = subjects
    hasTime = occurredAt != nil
    envelope = Envelope(
      source: "", epoch: 0, number: 0, position: position, operation: operation,
      version: StateVersion(major: 0, minor: 0), occurredAt: occurredAt ?? Timestamp(millis: 0),
      capturedAt: Timestamp(millis: 0), flags: flags)
    self.content = content
  }

  /// What happened to what it is about.
  package var operation: EventOperation { envelope.operation }
  /// Where in the source it comes from.
  package var position: SourcePosition { envelope.position }
  /// When it happened; nil: the record tells no time.
  package var occurredAt: Timestamp? { hasTime ? envelope.occurredAt : nil }
  /// Findings that do not keep it out of reports.
  package var flags: [String] { envelope.flags }
}

/// Something a person should know about a source, shown by `status`. Never content.
package struct SourceNote: Sendable, Hashable, Comparable {
  /// What it is about; stands in capture.sqlite, so names stay.
  package enum Kind: String, Sendable {
    case droppedColumn, missingColumn, missingTable, historyBroken, waiting, unread
    /// Changes were missed, and what came of them is not all found yet.
    case comparing
    /// Changes were missed, and all that came of them was found.
    case mended
    /// Files that capture never reads, by their kind; a healthy site may have them (old rotations, compressed).
    case leftOut
    /// Something odd that is not read before somebody has said so.
    case held
  }
  /// What it is about.
  package var kind: Kind
  /// A phrase for people; never content of the source.
  package var text: String
  /// `text`: never content of the source.
  package init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
  /// By kind, then by text.
  package static func < (left: SourceNote, right: SourceNote) -> Bool {
    (left.kind.rawValue, left.text) < (right.kind.rawValue, right.text)
  }
}

/// What one look at a source brought: committed together, or not at all.
package struct SourceBatch: Sendable {
  /// In the order of the source.
  package var events: [PendingEvent]
  /// Kept rows that change with these events.
  package var state: StateWrites
  /// Where the source stands after these events.
  package var position: String
  /// History broke before these events: they belong to a new epoch.
  package var beginsEpoch: Bool
  /// There was nothing more to read; else another call follows at once.
  package var isCaughtUp: Bool
  /// The source is there and could be read; only then may a heartbeat say so.
  package var isReadable: Bool
  /// All that is to be said about the source now; replaces what was said before.
  package var notes: Set<SourceNote>
  /// Share of the work in sight that is done, 0...1, where the source can tell.
  package var share: Double?
  /// How many times a new file took the current one's place before these events.
  package var rotations = 0
  /// Keys of rejected records that were mended or are gone. They settle what was rejected before these events.
  package var settled: [[UInt8]] = []
  /// Files of which no record could be read, as people are to see their names.
  package var refused: [String] = []

  package init(
    events: [PendingEvent] = [], state: StateWrites = StateWrites(), position: String, beginsEpoch: Bool = false,
    isCaughtUp: Bool, isReadable: Bool = true, notes: Set<SourceNote> = [], share: Double? = nil
  ) {
    self.events = events
    self.state = state
    self.position = position
    self.beginsEpoch = beginsEpoch
    self.isCaughtUp = isCaughtUp
    self.isReadable = isReadable
    self.notes = notes
    self.share = share
  }
}
