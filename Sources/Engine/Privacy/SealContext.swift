internal import Crypto
internal import Entity

/// What a seal is tied to. Bytes moved to another record, field or partition no longer open.
///
/// Format number, then (source, epoch, topic, partition, number, field); texts length-prefixed, numbers big-endian.
struct SealContext: ~Copyable {
  private enum Format {
    static let event: UInt8 = 1
    static let state: UInt8 = 2
  }

  private var buffer = Scratch(capacity: 128)

  var bytes: UnsafeRawBufferPointer { buffer.bytes }

  /// The part that all fields of an event share.
  mutating func begin(_ envelope: borrowing Envelope, topic: String, partition: Int32) {
    buffer.truncate(to: 0)
    buffer.append(Format.event)
    buffer.append(part: envelope.source)
    buffer.append(number: envelope.epoch)
    buffer.append(part: topic)
    buffer.append(number: partition)
    buffer.append(number: envelope.number)
    buffer.append(0)
  }

  /// The same for an event that was not taken out of its bytes.
  mutating func begin(
    source: UnsafeRawBufferPointer, epoch: UInt64, number: UInt64, topic: String, partition: Int32
  ) {
    buffer.truncate(to: 0)
    buffer.append(Format.event)
    buffer.append(part: source)
    buffer.append(number: epoch)
    buffer.append(part: topic)
    buffer.append(number: partition)
    buffer.append(number: number)
    buffer.append(0)
  }

  mutating func select(_ field: PersonalField) {
    buffer.truncate(to: buffer.count - 1)
    buffer.append(field.rawValue)
  }

  /// A context of the caller's own; never equal to one of an event's field.
  mutating func begin(_ context: [UInt8]) {
    buffer.truncate(to: 0)
    buffer.append(Format.state)
    buffer.append(part: context)
  }
}
