internal import Money
package import Wire

/// An event as far as the engine reads it, of either format: its envelope, what it is about by name, its key, and where
/// its content lies.
package struct SealedRecord: Sendable {
  /// The envelope.
  package var envelope: Envelope
  /// Name in the contract: "order_line". Records of format 1 say it by a number, which the reader has turned into the
  /// name.
  package var entity: String
  /// The row's key; nil for what happens once, and in format 1, where it stands in the row alone.
  package var key: RowKey<SealedPerson>?
  /// The content's bytes within those that were decoded; empty where there are none.
  package var range: Range<Int>

  /// The system whose keys its key is one of: the source.
  package var system: String { envelope.source }

  /// A delete of which nothing but the key may be known. It may stand in another partition than the row, and before it.
  package var mayLackRows: Bool { key != nil && envelope.operation == .delete }

  /// Decodes the envelope. Hostile bytes end in a typed error, never a trap; unknown fields are skipped.
  ///
  /// `entities`: names of the payloads that format 1 has numbers for. Whether the name of format 2 is known is for the
  /// reader of the content to say.
  package init(decoding bytes: borrowing Span<UInt8>, _ entities: FormatOneEntities) throws(EventError) {
    envelope = Envelope(
      source: "", epoch: 0, number: 0, position: SourcePosition(stream: "", record: 0),
      operation: EventOperation(rawValue: 0), version: StateVersion(major: 0, minor: 0),
      occurredAt: Timestamp(millis: 0),
      capturedAt: Timestamp(millis: 0))
    entity = ""
    range = 0..<0
    var seen = Seen()
    do throws(WireError) {
      var reader = try WireReader(bytes)
      while let tag = try reader.next(bytes) {
        if EventField.payloads.contains(tag.field) {
          try readPayload(tag, &reader, &seen, entities, bytes)
        } else if let field = EventField(rawValue: tag.field) {
          try read(field, tag, &reader, &seen, bytes)
        } else {
          try reader.skip(tag, bytes)
        }
      }
    } catch {
      throw EventError(error)
    }
    if seen.format == 0 { throw .missingField("Event.format") }
    if seen.format > EventFormat.newest { throw .unknownFormat(seen.format) }
    envelope.format = seen.format
    if envelope.source.isEmpty { throw .missingField("Event.source") }
    if envelope.epoch == 0 { throw .missingField("Event.epoch") }
    if envelope.number == 0 { throw .missingField("Event.number") }
    if !seen.position { throw .missingField("Event.position") }
    if !seen.version { throw .missingField("Event.version") }
    try holdContent(seen)
  }

  /// Whether what was met says one thing, in the words of the record's own format.
  private func holdContent(_ seen: Seen) throws(EventError) {
    if seen.format == EventFormat.first {
      if seen.content || seen.encoding != .plain || key != nil { throw .foreignField("Event.content") }
      if seen.payload == nil { throw seen.unknownPayload ? .unknownPayload : .missingField("Event.payload") }
      if seen.entity { throw .foreignField("Event.entity") }
    } else {
      if seen.payload != nil || seen.unknownPayload { throw .foreignField("Event.payload") }
      if entity.isEmpty { throw .missingField("Event.entity") }
      if seen.encoding != .plain { throw .unknownEncoding(seen.encoding.rawValue) }
    }
  }
}

/// What was met while an envelope was read.
private struct Seen {
  var format: UInt32 = 0
  var position = false
  var version = false
  /// Of format 1: the entity's name.
  var payload: String?
  var unknownPayload = false
  /// Of format 2.
  var entity = false
  var content = false
  var encoding = ContentEncoding.plain
}

extension SealedRecord {
  /// A payload of format 1.
  private mutating func readPayload(
    _ tag: WireTag, _ reader: inout WireReader, _ seen: inout Seen, _ entities: FormatOneEntities,
    _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    guard let name = entities.name(of: tag.field) else {
      seen.unknownPayload = true
      return try reader.skip(tag, bytes)
    }
    if seen.payload != nil { throw .repeatedField("Event.payload") }
    seen.payload = name
    entity = name
    range = try reader.content(tag, bytes)
  }

  private mutating func read(
    _ field: EventField, _ tag: WireTag, _ reader: inout WireReader, _ seen: inout Seen,
    _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    switch field {
    case .format: try reader.uint32(&seen.format, tag, bytes)
    case .source: try reader.string(&envelope.source, tag, bytes)
    case .epoch: try reader.uint64(&envelope.epoch, tag, bytes)
    case .number: try reader.uint64(&envelope.number, tag, bytes)
    case .position:
      if seen.position { throw .repeatedField("Event.position") }
      seen.position = true
      let outer = try reader.enter(tag, bytes)
      try envelope.position.read(&reader, bytes)
      reader.leave(outer)
    case .operation: try reader.int32(&envelope.operation.rawValue, tag, bytes)
    case .version:
      if seen.version { throw .repeatedField("Event.version") }
      seen.version = true
      let outer = try reader.enter(tag, bytes)
      try envelope.version.read(&reader, bytes)
      reader.leave(outer)
    case .occurredAt: try reader.int64(&envelope.occurredAt.millis, tag, bytes)
    case .capturedAt: try reader.int64(&envelope.capturedAt.millis, tag, bytes)
    case .flags: try reader.strings(&envelope.flags, tag, bytes)
    case .entity:
      seen.entity = true
      try reader.string(&entity, tag, bytes)
    case .content:
      if seen.content { throw .repeatedField("Event.content") }
      seen.content = true
      range = try reader.content(tag, bytes)
    case .key:
      if key != nil { throw .repeatedField("Event.key") }
      try reader.key(&key, tag, bytes)
    case .encoding: try reader.int32(&seen.encoding.rawValue, tag, bytes)
    // Payloads, which are read apart.
    case .heartbeat, .rejected: try reader.skip(tag, bytes)
    }
  }
}

extension WireReader {
  /// Where a payload or a content lies; moves past it. Unlike other byte fields it may be as long as a message.
  mutating func content(_ tag: WireTag, _ bytes: borrowing Span<UInt8>) throws(WireError) -> Range<Int> {
    let outer = try enter(tag, bytes)
    let range = position..<end
    position = end
    leave(outer)
    return range
  }
}

extension Envelope {
  /// Writes what stands before the content in the envelope's format, and begins the content; pass what this returns to
  /// `end`.
  ///
  /// `number`: of the entity's payload in format 1; 0: it has none, and must not be written so.
  package func begin(_ entity: String, _ number: UInt32, _ writer: inout WireWriter) -> Int {
    write(&writer)
    guard format != EventFormat.first else {
      precondition(number != 0, "an entity that came after format 1 is written in it")
      return writer.begin(number)
    }
    writer.string(EventField.entity.rawValue, entity)
    return writer.begin(EventField.content.rawValue)
  }

  /// Ends the content, and writes what stands behind it. Format 1 has no place for a key.
  package func end(_ start: Int, _ key: RowKey<SealedPerson>?, _ writer: inout WireWriter) {
    guard format != EventFormat.first else { return writer.end(start) }
    writer.endUnlessEmpty(start, EventField.content.rawValue)
    writer.key(EventField.key.rawValue, key)
  }

  private func write(_ writer: inout WireWriter) {
    writer.uint32(EventField.format.rawValue, format)
    writer.string(EventField.source.rawValue, source)
    writer.uint64(EventField.epoch.rawValue, epoch)
    writer.uint64(EventField.number.rawValue, number)
    var start = writer.begin(EventField.position.rawValue)
    position.write(&writer)
    writer.end(start)
    writer.int32(EventField.operation.rawValue, operation.rawValue)
    start = writer.begin(EventField.version.rawValue)
    version.write(&writer)
    writer.end(start)
    writer.int64(EventField.occurredAt.rawValue, occurredAt.millis)
    writer.int64(EventField.capturedAt.rawValue, capturedAt.millis)
    for flag in flags { writer.string(EventField.flags.rawValue, always: flag) }
  }
}

extension SourcePosition {
  fileprivate mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch SourcePositionField(rawValue: tag.field) {
      case .stream: try reader.string(&stream, tag, bytes)
      case .record: try reader.uint64(&record, tag, bytes)
      case .index: try reader.uint32(&index, tag, bytes)
      case nil: try reader.skip(tag, bytes)
      }
    }
  }

  fileprivate func write(_ writer: inout WireWriter) {
    writer.string(SourcePositionField.stream.rawValue, stream)
    writer.uint64(SourcePositionField.record.rawValue, record)
    writer.uint32(SourcePositionField.index.rawValue, index)
  }
}

extension StateVersion {
  fileprivate mutating func read(_ reader: inout WireReader, _ bytes: borrowing Span<UInt8>) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch StateVersionField(rawValue: tag.field) {
      case .major: try reader.uint64(&major, tag, bytes)
      case .minor: try reader.uint64(&minor, tag, bytes)
      case nil: try reader.skip(tag, bytes)
      }
    }
  }

  fileprivate func write(_ writer: inout WireWriter) {
    writer.uint64(StateVersionField.major.rawValue, major)
    writer.uint64(StateVersionField.minor.rawValue, minor)
  }
}
