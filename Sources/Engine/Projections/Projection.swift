package import Entity
package import Marts

/// Why one event is left out of the mart: a typed reason for the quarantine table, never content.
package struct QuarantineReason: Error, Equatable, Sendable {
  /// "money.badAmount", "event.factsMissing", …
  package var code: String
  /// What was wrong, without content: field name, limit.
  package var detail: String
  /// `detail` must not hold content: it is stored in clear.
  package init(_ code: String, _ detail: String) {
    self.code = code
    self.detail = detail
  }
}

/// A business rule: events in, row changes out. How an event comes in is for the domain to say, in a protocol of its
/// own (`fold`); `RecordReader` gives its inputs. Deterministic: no clock, no randomness, no I/O outside the lent
/// transaction; time is the event's time. After `flush` the tables are a function of the *set* of events folded so far
/// and of their state versions, not of their order across partitions or of where flushes happened (the law of replay).
package protocol Projection: AnyObject, SendableMetatype {
  /// Constants; both are part of the generation's identity.
  static var name: String { get }
  static var version: Int { get }
  static var topics: [String] { get }
  /// The personal fields that it reads. Seals of all others stay closed: an event's tokens in their place are
  /// `Token.unread`, and a broken seal there keeps the event from nothing. So a change here changes what a mart holds:
  /// raise `version`.
  static var personalFields: PersonalFields { get }
  static var tables: [TableDefinition] { get }
  static var views: [ViewDefinition] { get }
  /// What holds in its tables after every flush; a rebuilt generation is held against it before it is put to use.
  static var invariants: [MartInvariant] { get }
  /// Entries held in memory since the last flush; the pipeline flushes before it grows without bound.
  var pendingCount: Int { get }
  /// Writes everything folded since the last flush and forgets it.
  func flush(into transaction: MartTransaction) throws
  /// Throws away what was folded since the last flush, and every memory of the file, because the transaction failed.
  /// Must also be called when the commit that followed a successful `flush` failed.
  func discard()
}

extension Projection {
  /// None, where nothing is said.
  package static var invariants: [MartInvariant] { [] }
}
