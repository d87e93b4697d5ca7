internal import Wire

/// What an event is about, with clear personal data: what a source hands over, and capture seals straight into the
/// log's bytes. Those who describe a company's entities conform theirs; the engine's own are `Heartbeat` and
/// `Rejected`.
package protocol ClearContent: Sendable {
  /// Appends the whole event under this envelope, in ascending order of the field numbers; every personal field goes
  /// through `seal`, in a fixed order. Rethrows what `seal` throws; the buffer is then as long as it was.
  func encode(
    _ envelope: Envelope, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalField) throws -> SealedData
  ) throws
}

extension Heartbeat: ClearContent {
  package func encode(
    _ envelope: Envelope, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalField) throws -> SealedData
  ) {
    WireWriter.append(to: &buffer, expecting: 128) { writer in
      envelope.write(&writer)
      let start = writer.begin(EventField.heartbeat.rawValue)
      write(&writer)
      writer.end(start)
    }
  }
}

extension Rejected: ClearContent where P == Person {
  package func encode(
    _ envelope: Envelope, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalField) throws -> SealedData
  ) throws {
    let sealed: Rejected<SealedPerson> = try mapPersonal(seal)
    WireWriter.append(to: &buffer, expecting: 768) { writer in
      envelope.write(&writer)
      let start = writer.begin(EventField.rejected.rawValue)
      sealed.write(&writer)
      writer.end(start)
    }
  }
}
