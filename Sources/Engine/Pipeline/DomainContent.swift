package import Entity
internal import EventLog
package import Privacy
package import Projections
package import Text

/// What events of a domain are about, sealed. A domain that wants no short road says this much, and `Domain.of` makes
/// its readers and copiers.
package protocol DomainContent: Sendable {
  /// The same with tokens in the place of seals: what projections fold.
  associatedtype Tokenized: Sendable
  /// What the numbers of format 1 stand for.
  static var entities: FormatOneEntities { get }
  /// Reads the content of a record whose envelope has been read, out of the same bytes. Never traps; throws
  /// `.unknownPayload` for an entity that it does not know.
  init(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError)
  /// Puts what `token` answers in the place of each seal, always in the same order; rethrows its errors.
  func tokenized(
    _ token: (SealedData, PersonalPlace) throws(PrivacyError) -> Token
  ) throws(PrivacyError) -> Tokenized
  /// Of which kind the personal parts of an entity's keys are: that of the fields in other rows that refer to it, or
  /// their tokens differ.
  static func keyKind(of entity: String) -> PersonalField
  /// Holds an event against the domain's rules; throws the one that it breaks.
  static func validate(_ event: DomainEvent<Tokenized>) throws(ValidationFailure)
  /// The entity's name in JSON.
  static func kind(of content: Tokenized) -> String
  /// Writes the members `before` and `after` of an event's JSON.
  static func write(_ event: DomainEvent<Tokenized>, to writer: inout JSONWriter)
}

extension DomainContent {
  /// The engine's own kind for keys, compared byte by byte.
  package static func keyKind(of entity: String) -> PersonalField { .rowKey }
}

/// An event of a domain, ready to fold.
package struct DomainEvent<Content: Sendable>: Sendable {
  /// Its envelope.
  package var envelope: Envelope
  /// The row's key, tokenized where it is personal; nil for what happens once, and in format 1.
  package var key: RowKey<PersonToken>?
  /// What it is about, tokenized.
  package var content: Content
}

/// A projection of such a domain.
package protocol DomainProjection<Content>: Projection {
  /// What it folds; the domain's `DomainContent.Tokenized`.
  associatedtype Content: Sendable
  /// Folds into memory. Throwing leaves this projection unchanged; the event goes to quarantine. Events that are none
  /// of its business are ignored.
  func fold(_ event: DomainEvent<Content>) throws(QuarantineReason)
}

extension Domain {
  /// The domain of events with this content. Its projections are `DomainProjection`s of its tokenized form; another one
  /// in a mart is a mistake of the program and stops it.
  package static func of<Content: DomainContent>(_ content: Content.Type) -> Domain {
    Domain(
      reader: { DomainReader<Content>($1, interest: $0) }, copier: { DomainReader<Content>($0, interest: nil) })
  }
}

private final class DomainReader<Content: DomainContent>: RecordReader, ContentCopier {
  private let tokenizer: Tokenizer
  /// nil: everything is opened.
  private let interest: MartInterest?
  private var partition = TopicPartition("", 0)
  private var wanted: PersonalFields = []
  private var decoded: (record: SealedRecord, content: Content)?
  private var inputs: [DomainEvent<Content.Tokenized>] = []

  init(_ tokenizer: Tokenizer, interest: MartInterest?) {
    self.tokenizer = tokenizer
    self.interest = interest
  }

  var entities: FormatOneEntities { Content.entities }

  func decode(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    decoded = (record, try Content(record, bytes))
  }

  private func open(_ topic: String, _ partition: Int32) throws(PrivacyError) -> DomainEvent<Content.Tokenized> {
    guard let decoded else { preconditionFailure("an event is asked for before it was decoded") }
    self.decoded = nil
    let record = decoded.record
    tokenizer.begin(record.envelope, entity: record.entity, topic: topic, partition: partition)
    func token(_ sealed: SealedData, _ place: PersonalPlace) throws(PrivacyError) -> Token {
      let isWanted = interest == nil || wanted.contains(place.field) || place.state == .key
      return isWanted ? try tokenizer.token(of: sealed, place) : .unread
    }
    var key: RowKey<PersonToken>?
    if let sealed = record.key {
      key = try sealed.mapPersonal(PersonalPlace(Content.keyKind(of: record.entity), .key, 0), token)
    }
    return DomainEvent(envelope: record.envelope, key: key, content: try decoded.content.tokenized(token))
  }

  func begin(_ partition: TopicPartition, records: Int) -> Bool {
    self.partition = partition
    wanted = interest?.personalFields(of: partition.topic) ?? []
    inputs = []
    inputs.reserveCapacity(records)
    return false
  }

  func makeInput(_ envelope: consuming Envelope) throws(PrivacyError) -> MadeInput {
    let input = try open(partition.topic, partition.partition)
    do throws(ValidationFailure) { try Content.validate(input) } catch { return .refused(error) }
    inputs.append(input)
    return .input(inputs.count - 1)
  }

  func takeInputs() -> any PreparedInputs {
    let made = DomainInputs(events: inputs)
    inputs = []
    return made
  }

  func append(
    to bytes: inout [UInt8], _ json: inout EventJSON, at place: EventJSON.Place
  ) throws(PrivacyError) -> ValidationFailure? {
    let input = try open(place.topic, place.partition)
    do throws(ValidationFailure) { try Content.validate(input) } catch { return error }
    json.append(input.envelope, kind: Content.kind(of: input.content), key: input.key, at: place, to: &bytes) {
      Content.write(input, to: &$0)
    }
    return nil
  }
}

private struct DomainInputs<Content: Sendable>: PreparedInputs {
  var events: [DomainEvent<Content>]

  func lend(to projections: [any Projection], _ body: (_ fold: (Int) -> QuarantineReason?) -> Void) {
    let readers = projections.map { projection in
      guard let reader = projection as? any DomainProjection<Content> else {
        preconditionFailure("\(type(of: projection).name) folds events of another domain")
      }
      return reader
    }
    body { place in
      for reader in readers {
        do throws(QuarantineReason) { try reader.fold(events[place]) } catch { return error }
      }
      return nil
    }
  }
}
