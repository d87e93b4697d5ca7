internal import Entity
internal import Events
internal import Pipeline
internal import Privacy

/// Events of the shop → tokenized JSON.
final class ShopCopier: ContentCopier {
  private let tokenizer: Tokenizer
  /// Decoded, and not written yet.
  private var decoded: Event<SealedPerson>?

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  var entities: FormatOneEntities { PayloadField.entities }

  func decode(_ record: SealedRecord, _ bytes: borrowing Span<UInt8>) throws(EventError) {
    decoded = try Event(record, bytes)
  }

  func append(
    to bytes: inout [UInt8], _ json: inout EventJSON, at place: EventJSON.Place
  ) throws(PrivacyError) -> ValidationFailure? {
    guard let sealed = decoded else { preconditionFailure("an event is to be written before it was decoded") }
    decoded = nil
    let event = try tokenizer.tokenize(sealed, topic: place.topic, partition: place.partition)
    do throws(ValidationFailure) { try event.validate() } catch { return error }
    json.append(event, at: place, to: &bytes)
    return nil
  }
}
