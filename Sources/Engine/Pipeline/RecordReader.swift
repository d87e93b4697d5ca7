package import Entity
package import EventLog
package import Privacy
package import Projections

/// A domain's half of everything that reads the log: what the content of a record says. Whatever bytes it is given, it
/// answers or throws the typed error; it never traps. One thread at a time.
package protocol ContentDecoder: AnyObject {
  /// What the numbers of format 1 stand for; from format 2 on records say the entity's name.
  var entities: FormatOneEntities { get }
  /// Reads the content of a record whose envelope has been read, out of the same bytes, and keeps it for the next step.
  /// Throws `.unknownPayload` for an entity that it does not know.
  func decode(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError)
}

/// Makes inputs for a mart's projections out of records: opens what they read, tokenizes, holds against the rules, adds
/// facts.
///
/// One for each preparing thread. Heartbeats and rejected records are the engine's own and never come here.
package protocol RecordReader: ContentDecoder {
  /// A chunk of at most so many records of this partition begins. Answers whether the short road is worth trying.
  func begin(_ partition: TopicPartition, records: Int) -> Bool

  /// The short road: makes an input straight from the bytes of a record that has nothing odd about it. nil: nothing was
  /// done, and the long road says what becomes of the record; both must come to the same. `header`: the record's
  /// origin, nil where it has none; a record that it does not name takes the long road.
  ///
  /// Throws as `makeInput(_:)`; a seal that does not open is no error here but a reason for the long road.
  func readInPlace(
    _ record: UnsafeBufferPointer<UInt8>, named header: UnsafeBufferPointer<UInt8>?
  ) throws(PrivacyError) -> ShortInput?

  /// The input of the event whose content was decoded last. `envelope`: what was read of it before. Throws `.authenticationFailed` or `.unknownVersion` for a seal that
  /// does not open (the event is left out), any other kind when keys or vault do not fit (the work stops).
  func makeInput(_ envelope: consuming Envelope) throws(PrivacyError) -> MadeInput

  /// What was made since `begin`; ends the chunk.
  func takeInputs() -> any PreparedInputs
}

extension RecordReader {
  /// No record takes a short road.
  package func readInPlace(
    _ record: UnsafeBufferPointer<UInt8>, named header: UnsafeBufferPointer<UInt8>?
  ) throws(PrivacyError) -> ShortInput? { nil }
}

/// An input that took the short road, and the event's own numbers, which fit and are at least 1.
package struct ShortInput: Sendable {
  /// Where the source's name stands in the record.
  package var source: Range<Int>
  /// The source's epoch.
  package var epoch: Int64
  /// The event's number in its partition.
  package var number: Int64
  /// Its place among the chunk's inputs.
  package var input: Int

  package init(source: Range<Int>, epoch: Int64, number: Int64, input: Int) {
    self.source = source
    self.epoch = epoch
    self.number = number
    self.input = input
  }
}

/// What became of an event that a projection should fold.
package enum MadeInput: Sendable {
  /// Its place among the chunk's inputs: a number that means something to `PreparedInputs` only.
  case input(Int)
  /// It breaks a rule of its kind.
  case refused(ValidationFailure)
}

/// The inputs of one chunk, made on a preparing thread and folded on another.
package protocol PreparedInputs: Sendable {
  /// Lends a function that folds the input of a place into each of the projections in turn, and answers why the first
  /// of them refused it; nil: all took it. Within this call inputs are read where they lie.
  func lend(to projections: [any Projection], _ body: (_ fold: (Int) -> QuarantineReason?) -> Void)
}

/// Writes what events say into tokenized copies.
package protocol ContentCopier: ContentDecoder {
  /// Appends the event that was decoded last as JSON, with all its personal data tokenized. Answers the rule that it
  /// breaks; then nothing was appended. Throws as `RecordReader.makeInput(_:)`.
  func append(
    to bytes: inout [UInt8], _ json: inout EventJSON, at place: EventJSON.Place
  ) throws(PrivacyError) -> ValidationFailure?
}

/// What of a topic's events a mart's projections take.
package struct MartInterest: Sendable {
  /// The kinds of projections that read each topic.
  package var readers: [String: [any Projection.Type]] = [:]

  /// Of a mart with these projections.
  package init(_ projections: [any Projection.Type]) {
    for kind in projections {
      for topic in Set(kind.topics) { readers[topic, default: []].append(kind) }
    }
  }

  /// The personal fields that any of them reads.
  package func personalFields(of topic: String) -> PersonalFields {
    readers[topic, default: []].reduce(into: []) { $0.formUnion($1.personalFields) }
  }
}

/// A domain, as far as those who read the log must know it.
package struct Domain: Sendable {
  /// Makes a reader for a mart of these projections; called on each preparing thread, with a tokenizer of its own.
  package var reader: @Sendable (MartInterest, Tokenizer) -> any RecordReader
  /// Makes a copier, with a tokenizer of its own.
  package var copier: @Sendable (Tokenizer) -> any ContentCopier

  package init(
    reader: @escaping @Sendable (MartInterest, Tokenizer) -> any RecordReader,
    copier: @escaping @Sendable (Tokenizer) -> any ContentCopier
  ) {
    self.reader = reader
    self.copier = copier
  }
}
