package import Entity
package import Money

/// What a record says: what a mapping makes of it, before it has a place, a version and a number.
package struct MappedEvent: Sendable {
  /// One of the mapping's `topics`.
  package var topic: String
  /// The record's key in the log; decides the partition, so what must stay in order shares it.
  package var route: Token
  /// The row's key; nil for what happens once.
  package var key: RowKey<Person>?
  /// What it is about, in clear.
  package var content: any ClearContent
  /// Whose data keys seal the personal fields of `content`.
  package var subjects: PersonalSubjects
  /// Findings that do not keep the event out of reports.
  package var flags: [String]
  /// The record's own time; nil: it tells none.
  package var time: Timestamp?

  package init(
    topic: String, route: Token, key: RowKey<Person>?, content: any ClearContent, subjects: PersonalSubjects = .none,
    flags: [String] = [], time: Timestamp? = nil
  ) {
    self.key = key
    self.topic = topic
    self.route = route
    self.content = content
    self.subjects = subjects
    self.flags = flags
    self.time = time
  }
}

extension PendingEvent {
  /// A record that could not become an event: kept with its place, its reason and, sealed, its first bytes. `known`: by
  /// what a later look settles it (`RejectedRecord.key`). `place`: for people; nil: as `position` has it.
  package static func rejected(
    _ fault: RowFault, raw: [UInt8]?, topic: String, route: Token, position: SourcePosition, version: PendingVersion,
    occurredAt: Timestamp?, known key: [UInt8] = [], place: String? = nil,
    amount: RejectedAmount? = nil
  ) -> PendingEvent {
    var event = PendingEvent(
      topic: topic, route: route, operation: .rejected, position: position, version: version, occurredAt: occurredAt,
      content: Rejected<Person>(
        reason: fault.reason, detail: fault.detail,
        raw: raw.map { PersonalData(bytes: Array($0.prefix(CaptureLimits.rejectedRawBytes))) }),
      subjects: .unparsed)
    event.rejection = RejectedRecord(
      key: key, reason: fault.reason, detail: fault.detail,
      place: place ?? "\(position.stream), record \(position.record)", amount: amount)
    return event
  }
}
