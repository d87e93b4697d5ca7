// What of an event's JSON its payload says.

package import Entity

extension EventJSON {
  /// Appends an event with its content. A rejected event shows its reason and no content.
  package mutating func append(_ event: Event<PersonToken>, at place: Place, to bytes: inout [UInt8]) {
    if case .rejected(let rejected) = event.payload {
      let rejection = Rejection(
        stage: "capture", reason: rejected.reason, detail: rejected.detail, valueBytes: nil)
      return append(rejection, of: event.envelope, at: place, to: &bytes)
    }
    append(event.envelope, kind: event.payload.kind, key: event.key, at: place, to: &bytes) {
      event.payload.write(to: &$0)
    }
  }
}
