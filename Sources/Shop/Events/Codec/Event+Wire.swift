internal import Money
internal import Wire

extension Event where P == SealedPerson {
  /// The format that `encode` writes and the newest that `init(decoding:)` reads. A change that would make older readers
  /// misread an event raises it; new optional fields do not.
  package static var format: UInt32 { 1 }

  /// Decodes envelope and payload. Hostile bytes end in a typed error, never a trap; unknown fields are skipped.
  package init(decoding bytes: borrowing Span<UInt8>) throws(EventError) {
    self.init(
      source: "", epoch: 0, number: 0, position: SourcePosition(stream: "", record: 0),
      operation: Operation(rawValue: 0), version: StateVersion(major: 0, minor: 0), occurredAt: Timestamp(millis: 0),
      capturedAt: Timestamp(millis: 0), payload: .heartbeat(.blank))
    var seen = Seen()
    do throws(WireError) {
      var reader = try WireReader(bytes)
      try read(&reader, &seen, bytes)
    } catch {
      throw EventError(error)
    }
    if seen.format == 0 { throw .missingField("Event.format") }
    if seen.format > Self.format { throw .unknownFormat(seen.format) }
    if source.isEmpty { throw .missingField("Event.source") }
    if epoch == 0 { throw .missingField("Event.epoch") }
    if number == 0 { throw .missingField("Event.number") }
    if !seen.position { throw .missingField("Event.position") }
    if !seen.version { throw .missingField("Event.version") }
    if !seen.payload { throw seen.unknownPayload ? .unknownPayload : .missingField("Event.payload") }
  }

  /// Appends the protobuf bytes, in ascending order of the field numbers.
  package func encode(into buffer: inout [UInt8]) {
    WireWriter.append(to: &buffer, expecting: expectedBytes) { writer in write(&writer) }
  }

  /// As `encode(into:)`, but leaves the buffer as it was and throws `tooLong` when the event is above what readers take.
  package func encodeWithinLimits(into buffer: inout [UInt8]) throws(EventError) {
    let start = buffer.count
    var hasOverlongField = false
    WireWriter.append(to: &buffer, expecting: expectedBytes) { writer in
      write(&writer)
      hasOverlongField = writer.hasOverlongField
    }
    if hasOverlongField || buffer.count - start > EventLimits.encodedBytes {
      buffer.removeSubrange(start...)
      throw .tooLong
    }
  }

  /// Room that nearly every event of its kind fits in; a larger one is written twice.
  private var expectedBytes: Int {
    if case .customer = payload { return 2048 }
    return 768
  }
}

/// What was met while an envelope was read.
private struct Seen {
  var format: UInt32 = 0
  var position = false
  var version = false
  var payload = false
  var unknownPayload = false

  mutating func takePayload() throws(WireError) {
    if payload { throw .repeatedField("Event.payload") }
    payload = true
  }
}

extension Event where P == SealedPerson {
  private mutating func read(
    _ reader: inout WireReader, _ seen: inout Seen, _ bytes: borrowing Span<UInt8>
  ) throws(WireError) {
    while let tag = try reader.next(bytes) {
      switch EventField(rawValue: tag.field) {
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
      case let field?:
        try seen.takePayload()
        let outer = try reader.enter(tag, bytes)
        try payload.read(field, &reader, bytes)
        reader.leave(outer)
      case nil:
        if tag.field >= EventField.firstPayload, tag.field <= EventField.lastPayload { seen.unknownPayload = true }
        try reader.skip(tag, bytes)
      }
    }
  }

  fileprivate func write(_ writer: inout WireWriter) {
    writeEnvelope(&writer)
    payload.write(&writer)
  }
}

extension Event {
  /// Everything but the payload.
  @inline(__always)
  fileprivate func writeEnvelope(_ writer: inout WireWriter) {
    writer.uint32(EventField.format.rawValue, Event<SealedPerson>.format)
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

extension Event where P == Person {
  /// Appends what `sealingPersonal` and `encode` together make, byte for byte. A web request, the bulk of all events, goes
  /// straight into the bytes: the sealed event in between would only be copied and thrown away.
  package func encode(
    into buffer: inout [UInt8], sealing seal: (PersonalData, PersonalField) throws -> SealedData
  ) throws {
    guard case .webRequest(let request) = payload else {
      return try sealingPersonal(seal).encode(into: &buffer)
    }
    let ip = try seal(request.ip, .ip)
    let user = try request.user.map { try seal($0, .user) }
    WireWriter.append(to: &buffer, expecting: 768) { writer in
      writeEnvelope(&writer)
      let start = writer.begin(EventField.webRequest.rawValue)
      request.writeClear(&writer)
      writer.sealed(WebRequestField.ip.rawValue, ip)
      writer.sealed(WebRequestField.user.rawValue, user)
      writer.end(start)
    }
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
