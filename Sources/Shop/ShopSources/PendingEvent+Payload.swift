package import Capture
package import Entity
package import Events
package import Money
internal import Privacy

extension PendingEvent {
  /// An event of the shop. `occurredAt` nil: the record tells no time. `key`: of the row; nil for what happens once.
  package init(
    topic: String, route: Token, operation: EventOperation, position: SourcePosition, version: PendingVersion,
    occurredAt: Timestamp?, flags: [String] = [], key: RowKey<Person>? = nil, payload: Payload<Person>,
    subjects: PersonalSubjects
  ) {
    self.init(
      topic: topic, route: route, operation: operation, position: position, version: version, occurredAt: occurredAt,
      flags: flags, key: key, content: payload, subjects: subjects)
  }

  /// nil: it is one of the engine's own.
  package var payload: Payload<Person>? { content as? Payload<Person> }
}
