internal import Wire

/// The record header `millrace-origin`: source, epoch and number, so that an unreadable value still
/// balances, and what tells whether its writer was right to write it.
package struct EventOrigin: Sendable, Hashable {
  package static let header = "millrace-origin"

  /// Name of the source system.
  package var source: String
  /// From 1.
  package var epoch: UInt64
  /// From 1, contiguous per source, epoch, topic and partition.
  package var number: UInt64
  /// Epoch of the capture process that owns the source, from 1; 0: not told.
  package var owner: UInt64
  /// The vault's counter when the event was sealed, from 1; 0: not told.
  package var vault: UInt64
  package init(source: String, epoch: UInt64, number: UInt64, owner: UInt64 = 0, vault: UInt64 = 0) {
    self.source = source
    self.epoch = epoch
    self.number = number
    self.owner = owner
    self.vault = vault
  }

  /// Reads a header. Throws for bytes that are none; unknown fields are skipped.
  package init(decoding bytes: borrowing Span<UInt8>) throws(EventError) {
    self.init(source: "", epoch: 0, number: 0)
    do throws(WireError) {
      var reader = try WireReader(bytes)
      while let tag = try reader.next(bytes) {
        switch EventOriginField(rawValue: tag.field) {
        case .source: try reader.string(&source, tag, bytes)
        case .epoch: try reader.uint64(&epoch, tag, bytes)
        case .number: try reader.uint64(&number, tag, bytes)
        case .owner: try reader.uint64(&owner, tag, bytes)
        case .vault: try reader.uint64(&vault, tag, bytes)
        case nil: try reader.skip(tag, bytes)
        }
      }
    } catch {
      throw EventError(error)
    }
    if source.isEmpty { throw .missingField("EventOrigin.source") }
    if epoch == 0 { throw .missingField("EventOrigin.epoch") }
    if number == 0 { throw .missingField("EventOrigin.number") }
  }

  /// Appends the protobuf bytes.
  package func encode(into buffer: inout [UInt8]) {
    WireWriter.append(to: &buffer, expecting: 64) { writer in
      writer.string(EventOriginField.source.rawValue, source)
      writer.uint64(EventOriginField.epoch.rawValue, epoch)
      writer.uint64(EventOriginField.number.rawValue, number)
      writer.uint64(EventOriginField.owner.rawValue, owner)
      writer.uint64(EventOriginField.vault.rawValue, vault)
    }
  }

  /// The header's bytes.
  package var encoded: [UInt8] {
    var buffer: [UInt8] = []
    encode(into: &buffer)
    return buffer
  }
}
