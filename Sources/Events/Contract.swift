internal import Money

// CONTRACT STUB: signatures the owner of Events provides.

package enum EventError: Error, Equatable, Sendable {
  case truncated, tooLong, tooDeep, notUTF8
  case missingField(String)
  case wrongWireType, unknownPayload
}

extension Event where P == SealedPerson {
  /// Decodes the envelope and payload in place. Hostile bytes end in a typed error, never a trap.
  package init(decoding bytes: borrowing Span<UInt8>) throws(EventError) { fatalError("contract") }
  /// Appends the protobuf bytes to `buffer`.
  package func encode(into buffer: inout [UInt8]) { fatalError("contract") }
}

/// The record header `millrace-origin`: source, epoch, number, so that an unreadable value still balances.
package struct EventOrigin: Sendable, Hashable {
  package var source: String
  package var epoch: UInt64
  package var number: UInt64
  package init(source: String, epoch: UInt64, number: UInt64) {
    self.source = source
    self.epoch = epoch
    self.number = number
  }
  package init(decoding bytes: borrowing Span<UInt8>) throws(EventError) { fatalError("contract") }
  package var encoded: [UInt8] { fatalError("contract") }
}

extension Event {
  /// The same event in another phase: every personal field, in a fixed order, goes through `transform`.
  package func mapPersonal<Q: Phase, E: Error>(_ transform: (P.Field, PersonalField) throws(E) -> Q.Field) throws(E)
    -> Event<Q>
  { fatalError("contract") }
}

/// Topics and who appears on them.
package enum Topic {
  package static let orders = "orders"
  package static let weblog = "weblog"
  package static let leads = "leads"
  package static let catalog = "catalog"
  package static let inventory = "inventory"
  package static let shipments = "shipments"
  package static let spend = "spend"
  package static let decisions = "decisions"
}
/// Names of source systems.
package enum SourceName {
  package static let platform = "platform"
  package static let weblog = "weblog"
  package static let leads = "leads"
  package static let `operator` = "operator"
}
