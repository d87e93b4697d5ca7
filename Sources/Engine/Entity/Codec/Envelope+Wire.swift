internal import Money
package import Wire

/// An event as far as the engine reads it: its envelope, and where its content lies.
package struct SealedRecord: Sendable {
  package var envelope: Envelope
  /// Number of the payload's field.
  package var content: UInt32
  /// The payload's bytes within those that were decoded.
  package var range: Range<Int>

  /// The newest format that is read and the one that is written. A change that would make older readers misread an event
  /// raises it; new optional fields do not.
  package static var format: UInt32 { 1 }

  /// Decodes the envelope. Hostile bytes end in a typed error, never a trap; unknown fields are skipped.
  ///
  /// `isKnown`: whether a payload of that number can be read, apart from the engine's own two.
  package init(
    decoding bytes: borrowing Span<UInt8>, isKnown: (UInt32) -> Bool
  ) throws(EventError) {
    envelope = Envelope(
      source: "", epoch: 0, number: 0, position: SourcePosition(stream: "", record: 0),
      operation: Operation(rawValue: 0), version: StateVersion(major: 0, minor: 0), occurredAt: Timestamp(millis: 0),
      capturedAt: Timestamp(millis: 0))
    content = 0
    range = 0..<0
    var seen = Seen()
    do throws(WireError) {
      var reader = try WireReader(bytes)
      while let tag = try reader.next(bytes) {
        if let field = EventField(rawValue: tag.field), field.rawValue < EventField.payloads.lowerBound {
          try envelope.read(field, tag, &reader, &seen, bytes)
        } else if EventField(rawValue: tag.field) != nil || isKnown(tag.field) {
          if content != 0 { throw .repeatedField("Event.payload") }
          content = tag.field
          let outer = try reader.enter(tag, bytes)
          range = reader.position..<reader.end
          reader.position = reader.end
          reader.leave(outer)
        } else {
          if EventField.payloads.contains(tag.field) { seen.unknownPayload = true }
          try reader.skip(tag, bytes)
        }
      }
    } catch {
      throw EventError(error)
    }
    if seen.format == 0 { throw .missingField("Event.format") }
    if seen.format > Self.format { throw .unknownFormat(seen.format) }
    if envelope.source.isEmpty { throw .missingField("Event.source") }
    if envelope.epoch == 0 { throw .missingField("Event.epoch") }
    if envelope.number == 0 { throw .missingField("Event.number") }
    if !seen.position { throw .missingField("Event.position") }
    if !seen.version { throw .missingField("Event.version") }
    if content == 0 { throw seen.unknownPayload ? .unknownPayload : .missingField("Event.payload") }
  }
}

/// What was met while an envelope was read.
struct Seen {
  var format: UInt32 = 0
  var position = false
  var version = false
  var unknownPayload = false
}

extension Envelope {
  fileprivate mutating func read(
    _ field: EventField, _ tag: WireTag, _ reader: inout WireReader, _ seen: inout Seen,
    _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    switch field {
    case .format: try reader.uint32(&seen.format, tag, bytes)
    case .source: try reader.string(&source, tag, bytes)
    case .epoch: try reader.uint64(&epoch, tag, bytes)
    case .number: try reader.uint64(&number, tag, bytes)
    case .position:
      if seen.position { throw .repeatedField("Event.position") }
      seen.position = true
      let outer = try reader.enter(tag, bytes)
      try position.read(&reader, bytes)
      reader.leave(outer)
    case .operation: try reader.int32(&operation.rawValue, tag, bytes)
    case .version:
      if seen.version { throw .repeatedField("Event.version") }
      seen.version = true
      let outer = try reader.enter(tag, bytes)
      try version.read(&reader, bytes)
      reader.leave(outer)
    case .occurredAt: try reader.int64(&occurredAt.millis, tag, bytes)
    case .capturedAt: try reader.int64(&capturedAt.millis, tag, bytes)
    case .flags: try reader.strings(&flags, tag, bytes)
    case .heartbeat, .rejected: try reader.skip(tag, bytes)
    }
  }

  /// Writes all of it, in ascending order of the field numbers; the payload's field must follow.
  package func write(_ writer: inout WireWriter) {
    writer.uint32(EventField.format.rawValue, SealedRecord.format)
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
