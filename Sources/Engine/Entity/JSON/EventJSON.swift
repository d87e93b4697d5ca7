internal import Money
package import Text

/// One tokenized event as one JSON object, for readers outside Millrace; described by `EventJSONSchema`.
///
/// Every key stands in every object, null where there is nothing: tables can be made from it without guessing. The
/// bytes are a function of the record, the token version and whose key was destroyed.
package struct EventJSON: Sendable {
  /// Version of this form; a reader refuses a higher one.
  package static let format = 2

  /// Which record of the log an event comes from. Topic and partition also complete the event's identity: numbers count
  /// per source, epoch, topic and partition.
  package struct Place: Sendable, Equatable {
    /// Name of the topic.
    package var topic: String
    /// From 0.
    package var partition: Int32
    /// In that partition.
    package var offset: Int64
    package init(topic: String, partition: Int32, offset: Int64) {
      self.topic = topic
      self.partition = partition
      self.offset = offset
    }
  }

  /// Why a record stands without content. Stage and reason are those of a mart's quarantine.
  package struct Rejection: Sendable, Equatable {
    /// Where on its way it was left out.
    package var stage: String
    /// Typed, such as "order.absurdQuantity".
    package var reason: String
    /// What was wrong, without content.
    package var detail: String
    /// Length of the source's record; nil: not known.
    package var rawBytes: Int?
    /// Length of the record's value in the log; nil: it has none.
    package var valueBytes: Int?
    package init(stage: String, reason: String, detail: String, rawBytes: Int? = nil, valueBytes: Int?) {
      self.stage = stage
      self.reason = reason
      self.detail = detail
      self.rawBytes = rawBytes
      self.valueBytes = valueBytes
    }
  }

  private let tokenVersion: Int
  /// The writer's buffer, kept from event to event.
  private var writer = JSONWriter()

  /// `tokenVersion`: of the tokens that it will be given; stands in every object.
  package init(tokenVersion: Int) { self.tokenVersion = tokenVersion }

  /// Appends an event with its content: `before` and `after`, which `content` writes.
  ///
  /// `kind`: the entity's name in the contract: "order_line". `key`: of the row, where the event says it.
  package mutating func append(
    _ envelope: Envelope, kind: String, key: RowKey<PersonToken>?, at place: Place, to bytes: inout [UInt8],
    content: (inout JSONWriter) -> Void
  ) {
    var head = JSONHead(envelope, kind: kind, place, tokenVersion)
    head.key = key
    write(head, to: &bytes) { writer in
      content(&writer)
      writer.key(Keys.rejected)
      writer.null()
    }
  }

  /// Appends an event that could be read, without its content.
  package mutating func append(
    _ rejection: Rejection, of envelope: Envelope, at place: Place, to bytes: inout [UInt8]
  ) {
    write(JSONHead(envelope, kind: "", place, tokenVersion), rejection, to: &bytes)
  }

  /// Appends a record of which at most the header could be read.
  package mutating func append(
    _ rejection: Rejection, of origin: EventOrigin?, at place: Place, to bytes: inout [UInt8]
  ) {
    write(JSONHead(origin, place, tokenVersion), rejection, to: &bytes)
  }

  private mutating func write(_ head: JSONHead, _ rejection: Rejection, to bytes: inout [UInt8]) {
    var head = head
    head.kind = Rejection.table.kind
    write(head, to: &bytes) { writer in
      writer.key(Keys.before)
      writer.null()
      writer.key(Keys.after)
      writer.null()
      writer.key(Keys.rejected)
      Rejection.table.write(rejection, to: &writer)
    }
  }

  private mutating func write(_ head: JSONHead, to bytes: inout [UInt8], content: (inout JSONWriter) -> Void) {
    swap(&writer.bytes, &bytes)
    writer.beginObject()
    for field in JSONHead.table.fields { field.write(head, &writer) }
    content(&writer)
    writer.endObject()
    swap(&writer.bytes, &bytes)
  }
}

/// The members behind the envelope.
private enum Keys {
  static let before = JSONKey("before")
  static let after = JSONKey("after")
  static let rejected = JSONKey("rejected")
}

extension EventJSON.Rejection {
  package static let table = JSONTable<EventJSON.Rejection>(
    "rejected", "Why a record stands without content; null where it has one.",
    [
      .text("stage", "\"capture\", \"decode\", \"open\", \"validate\" or \"copy\"") { $0.stage },
      .text("reason", "as in a mart's quarantine, such as \"order.absurdQuantity\"") { $0.reason },
      .text("detail", "what was wrong, without content") { $0.detail },
      .int64("raw_bytes", "length of the source's record") { $0.rawBytes.map(Int64.init) },
      .int64("value_bytes", "length of the record in the log") { $0.valueBytes.map(Int64.init) },
    ])
}

extension JSONWriter {
  /// `before` and `after` of a row. What happens once (a web request, a heartbeat, a decision) stands in `after`.
  package mutating func change<Row>(before: Row?, after: Row?, _ table: JSONTable<Row>) {
    key(Keys.before)
    table.write(before, to: &self)
    key(Keys.after)
    table.write(after, to: &self)
  }
}

/// What every object begins with.
package struct JSONHead: Sendable {
  var tokenVersion: Int
  var place: EventJSON.Place
  var kind: String
  var key: RowKey<PersonToken>?
  var origin: EventOrigin?
  var operation: EventOperation?
  var occurredAt: Timestamp?
  var capturedAt: Timestamp?
  var position: SourcePosition?
  var version: StateVersion?
  var flags: [String]

  init(_ envelope: Envelope, kind: String, _ place: EventJSON.Place, _ tokenVersion: Int) {
    self.tokenVersion = tokenVersion
    self.place = place
    self.kind = kind
    origin = envelope.origin
    operation = envelope.operation
    occurredAt = envelope.occurredAt
    capturedAt = envelope.capturedAt
    position = envelope.position
    version = envelope.version
    flags = envelope.flags
  }

  init(_ origin: EventOrigin?, _ place: EventJSON.Place, _ tokenVersion: Int) {
    self.tokenVersion = tokenVersion
    self.place = place
    self.origin = origin
    kind = ""
    flags = []
  }

  private var eventID: String? {
    origin.map { "\($0.source)/\($0.epoch)/\(place.topic)/\(place.partition)/\($0.number)" }
  }

  package static let table = JSONTable<JSONHead>(
    "event", "What every object begins with.",
    [
      .int64("format", "version of this form; refuse a higher one") { _ in Int64(EventJSON.format) },
      .int64("token_version", "tokens of two versions never match") { Int64($0.tokenVersion) },
      .text("topic", "the original topic") { $0.place.topic },
      .int32("partition") { $0.place.partition },
      .int64("offset", "of the original record") { $0.place.offset },
      .text("event_id", "source/epoch/topic/partition/number: the same again is a duplicate; null when unreadable") {
        $0.eventID
      },
      .text("source", "name of the source system, such as \"platform\"; null when unreadable") {
        $0.origin?.source
      },
      .uint64("epoch", "begins anew when the source's history breaks; null when unreadable") { $0.origin?.epoch },
      .uint64(
        "number",
        "contiguous from 1 per source, epoch, topic and partition: one left out is a gap; null when unreadable"
      ) { $0.origin?.number },
      .text("kind", "which row `before` and `after` hold, or \"rejected\"") { $0.kind },
      .key("key", "which row; null where the event has no key beside its rows") { $0.key },
      .name("operation", "null when unreadable") { $0.operation },
      .moment("occurred_at", "when it happened, as the source says") { $0.occurredAt },
      .moment("captured_at", "when capture read it") { $0.capturedAt },
      .text("position_stream", "where in the source: table, log file, sheet") { $0.position?.stream },
      .uint64("position_record", "change number, byte offset or row") { $0.position?.record },
      .uint32("position_index", "which event of that record, from 0") { $0.position?.index },
      .uint64("version_major", "order of two states of one entity: (version_major, version_minor)") {
        $0.version?.major
      },
      .uint64("version_minor", "see version_major; a lower one than seen changes nothing") { $0.version?.minor },
      .texts("flags", "findings that keep nothing out of reports, such as \"card.invalid\"") { $0.flags },
    ])
}
