internal import CKafka
internal import EventLog

/// What became of the records of one append. Used by the appending thread alone: it polls, and librdkafka calls back on
/// it.
// Unchecked: the one append under way (`KafkaLog.inTurn`) is the only one that touches it.
final class DeliveryBoard: @unchecked Sendable {
  /// Acknowledged, but the broker did not say under which offset (it had the record already).
  static let unknownOffset: Int64 = -1
  private static let waiting: Int64 = -2

  /// Per record of the append: its offset, `unknownOffset`, or `waiting`.
  private(set) var offsets: [Int64] = []
  /// What an entry of `offsets` says; nil: that it is not known.
  static func offset(_ entry: Int64) -> Offset? { entry >= 0 ? Offset(entry) : nil }

  /// Handed to librdkafka and neither acknowledged nor refused yet.
  private(set) var outstanding = 0
  /// The first refusal that will not pass.
  private(set) var refusal: (index: Int, code: rd_kafka_resp_err_t)?
  private var generation: UInt32 = 0

  /// Begins an append of so many records.
  func begin(records: Int) {
    offsets = [Int64](repeating: DeliveryBoard.waiting, count: records)
    restart()
  }

  /// Forgets what an earlier client was given and has not acknowledged.
  func restart() {
    generation &+= 1
    outstanding = 0
    refusal = nil
  }

  func isAcknowledged(_ index: Int) -> Bool { offsets[index] != DeliveryBoard.waiting }
  var isComplete: Bool { !offsets.contains(DeliveryBoard.waiting) }

  /// What librdkafka hands back with the record's report. Never zero.
  func ticket(_ index: Int) -> UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: (UInt(generation) << 32) | UInt(UInt32(truncatingIfNeeded: index) &+ 1))
  }

  func handedOver() { outstanding += 1 }

  /// A delivery report. Those of earlier appends are ignored.
  func take(_ message: rd_kafka_message_t) {
    let ticket = UInt(bitPattern: message._private)
    let index = Int(ticket & 0xffff_ffff) - 1
    guard UInt32(truncatingIfNeeded: ticket >> 32) == generation, offsets.indices.contains(index) else { return }
    outstanding -= 1
    if message.err == RD_KAFKA_RESP_ERR_NO_ERROR {
      offsets[index] = message.offset >= 0 ? message.offset : DeliveryBoard.unknownOffset
    } else if refusal == nil {
      refusal = (index, message.err)
    }
  }

  /// Takes over what another board knows of the same append.
  func adopt(_ other: DeliveryBoard) {
    offsets = other.offsets
    restart()
  }
}
