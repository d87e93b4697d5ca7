internal import Crypto
internal import Entity

/// What a seal is tied to. Bytes moved to another record, state, field or partition no longer open.
///
/// Of events of format 1: a byte 1, then (source, epoch, topic, partition, number, kind). Of format 2: a byte 3, then
/// (source, epoch, topic, partition, number, entity), then kind, state, part, number of the field and token version,
/// whose widths `proto/millrace/v1/event.proto` has. Texts length-prefixed, numbers big-endian.
struct SealContext: ~Copyable {
  private enum Format {
    static let event: UInt8 = 1
    static let state: UInt8 = 2
    static let placedEvent: UInt8 = 3
  }

  private var buffer = Scratch(capacity: 128)
  /// Length of the part that all seals of an event share.
  private var shared = 0
  private var namesPlaces = false

  var bytes: UnsafeRawBufferPointer { buffer.bytes }

  /// The part that all seals of an event share.
  mutating func begin(_ envelope: borrowing Envelope, entity: String, topic: String, partition: Int32) {
    start(envelope.format)
    buffer.append(part: envelope.source)
    buffer.append(number: envelope.epoch)
    buffer.append(part: topic)
    buffer.append(number: partition)
    buffer.append(number: envelope.number)
    if namesPlaces { buffer.append(part: entity) }
    shared = buffer.count
  }

  /// The same for an event that was not taken out of its bytes.
  mutating func begin(
    _ envelope: borrowing EnvelopeView, source: UnsafeRawBufferPointer, topic: String, partition: Int32
  ) {
    start(envelope.format)
    buffer.append(part: source)
    buffer.append(number: envelope.epoch)
    buffer.append(part: topic)
    buffer.append(number: partition)
    buffer.append(number: envelope.number)
    if namesPlaces {
      buffer.append(
        part: UnsafeRawBufferPointer(start: envelope.entity.utf8Start, count: envelope.entity.utf8CodeUnitCount))
    }
    shared = buffer.count
  }

  private mutating func start(_ format: UInt32) {
    namesPlaces = format >= EventFormat.second
    buffer.truncate(to: 0)
    buffer.append(namesPlaces ? Format.placedEvent : Format.event)
  }

  /// `tokenVersion`: of the seal. Format 1 tells kinds apart, and nothing else.
  mutating func select(_ place: PersonalPlace, tokenVersion: UInt32) {
    buffer.truncate(to: shared)
    guard namesPlaces else { return buffer.append(place.field.rawValue) }
    buffer.append(number: place.code)
    buffer.append(number: tokenVersion)
  }

  /// A context of the caller's own; never equal to one of an event's.
  mutating func begin(_ context: [UInt8]) {
    buffer.truncate(to: 0)
    buffer.append(Format.state)
    buffer.append(part: context)
  }
}
