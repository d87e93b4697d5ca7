package import Entity
package import Money

/// One change or occurrence, as the log keeps it (`proto/millrace/v1/event.proto`).
package struct Event<P: Phase>: Sendable, Equatable {
  package var envelope: Envelope
  package var payload: Payload<P>
  /// Of the row; nil for what happens once. A delete may have nothing else: neither row of its change.
  package var key: RowKey<P>?

  package init(_ envelope: Envelope, _ payload: Payload<P>, key: RowKey<P>? = nil) {
    self.envelope = envelope
    self.payload = payload
    self.key = key
  }

  /// `key`: of the row, where its own fields do not make it.
  package init(
    source: String, epoch: UInt64, number: UInt64, position: SourcePosition, operation: EventOperation,
    version: StateVersion, occurredAt: Timestamp, capturedAt: Timestamp, flags: [String] = [], payload: Payload<P>,
    key: RowKey<P>? = nil
  ) {
    self.key = key ?? payload.naturalKey()
    envelope = Envelope(
      source: source, epoch: epoch, number: number, position: position, operation: operation, version: version,
      occurredAt: occurredAt, capturedAt: capturedAt, flags: flags)
    self.payload = payload
  }
}

/// An event of the log without its envelope, which the engine reads and keeps.
package struct SealedContent: Sendable, Equatable {
  /// What the event is about.
  package let payload: Payload<SealedPerson>
  /// Of the row; nil for what happens once.
  package let key: RowKey<SealedPerson>?

  package init(payload: Payload<SealedPerson>, key: RowKey<SealedPerson>?) {
    self.payload = payload
    self.key = key
  }
}

// The envelope's parts, read and written in place.
extension Event {
  package var source: String {
    get { envelope.source }
    _modify { yield &envelope.source }
  }
  package var epoch: UInt64 {
    get { envelope.epoch }
    _modify { yield &envelope.epoch }
  }
  package var number: UInt64 {
    get { envelope.number }
    _modify { yield &envelope.number }
  }
  package var position: SourcePosition {
    get { envelope.position }
    _modify { yield &envelope.position }
  }
  package var operation: EventOperation {
    get { envelope.operation }
    _modify { yield &envelope.operation }
  }
  package var version: StateVersion {
    get { envelope.version }
    _modify { yield &envelope.version }
  }
  package var occurredAt: Timestamp {
    get { envelope.occurredAt }
    _modify { yield &envelope.occurredAt }
  }
  package var capturedAt: Timestamp {
    get { envelope.capturedAt }
    _modify { yield &envelope.capturedAt }
  }
  package var flags: [String] {
    get { envelope.flags }
    _modify { yield &envelope.flags }
  }
  package var origin: EventOrigin { envelope.origin }
}
