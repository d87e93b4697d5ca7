package import Wire

/// Why bytes are no event. Names fields of the contract, never content.
package enum EventError: Error, Equatable, Sendable {
  case truncated
  /// Above the limits of `WireLimits` (event, field) or of repeated elements.
  case tooLong
  case tooDeep
  case notUTF8
  case missingField(String)
  case wrongWireType
  /// A payload or an entity that this version of Millrace does not know.
  case unknownPayload
  /// No protobuf at all: bad tag, endless varint, unbalanced group.
  case malformed
  /// A value outside its field's range, such as a decimal's scale above 9.
  case outOfRange(String)
  /// A message field that may stand once stands twice.
  case repeatedField(String)
  /// Written by a later format than this version of Millrace reads.
  case unknownFormat(UInt32)
  /// Content in an encoding that this version of Millrace cannot read.
  case unknownEncoding(Int32)
  /// A field of another format than the event's own: the record has two readings.
  case foreignField(String)

  /// What a failure of the wire format means to an event.
  package init(_ error: WireError) {
    self =
      switch error {
      case .truncated: .truncated
      case .malformed: .malformed
      case .tooLong, .tooMany: .tooLong
      case .tooDeep: .tooDeep
      case .notUTF8: .notUTF8
      case .wrongWireType: .wrongWireType
      case .missingField(let name): .missingField(name.description)
      case .outOfRange(let name): .outOfRange(name.description)
      case .repeatedField(let name): .repeatedField(name.description)
      }
  }

  /// What to do about it.
  package var hint: String {
    switch self {
    case .unknownPayload, .unknownFormat, .unknownEncoding:
      "the event was written by a newer Millrace; update this one, then retry the quarantined events"
    case .tooLong, .tooDeep:
      "the bytes exceed what a producer may write; look at the producer of this record"
    default:
      "the bytes are not an event of proto/millrace/v1; look at the producer of this record"
    }
  }
}

extension EventError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated: "the bytes end inside a field"
    case .tooLong: "a message, field or list is above its limit"
    case .tooDeep: "messages are nested too deep"
    case .notUTF8: "a text is not UTF-8"
    case .missingField(let name): "the field \(name) is missing"
    case .wrongWireType: "a known field has another wire type"
    case .unknownPayload: "the payload is of an unknown type"
    case .malformed: "the bytes are no protobuf"
    case .outOfRange(let name): "the value of \(name) is out of range"
    case .repeatedField(let name): "the field \(name) stands twice"
    case .unknownFormat(let format): "the event has the unknown format \(format)"
    case .unknownEncoding(let encoding): "the event's content has the unknown encoding \(encoding)"
    case .foreignField(let name): "the field \(name) does not belong to the event's format"
    }
  }
}
