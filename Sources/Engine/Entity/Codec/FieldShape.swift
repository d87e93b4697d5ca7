/// How a field stands in the published contract. The codecs use the numbers of these enums; the drift test holds numbers,
/// names and shapes against the descriptors that `protoc` makes of `proto/millrace/v1/event.proto`.
package indirect enum FieldShape: Equatable, Sendable {
  case int32
  case int64
  case uint32
  case uint64
  case sint32
  case sint64
  case fixed64
  case string
  case bytes
  case enumeration(String)
  case message(String)
  /// proto3 `optional`: zero and absent differ.
  case optional(FieldShape)
  case repeated(FieldShape)
  /// Member of the oneof of that name.
  case oneof(String, FieldShape)
}

/// The fields of one message. Case names are the proto names in camel case.
package protocol MessageFields: CaseIterable, RawRepresentable, Sendable where RawValue == UInt32 {
  static var message: String { get }
  var shape: FieldShape { get }
}
