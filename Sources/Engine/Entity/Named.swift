/// A value of an open list that people and source systems know by name. Numbers without a name are kept, and called
/// "unknown".
package protocol Named: RawRepresentable where RawValue == Int32 {
  static var names: [(value: Self, name: String)] { get }
}

extension Named {
  /// The value of that name, as source systems write it; nil for any other text.
  package init?(_ name: String) {
    guard let known = Self.names.first(where: { $0.name == name }) else { return nil }
    self = known.value
  }

  /// Its name, or "unknown".
  package var name: String {
    Self.names.first { $0.value.rawValue == rawValue }?.name ?? "unknown"
  }

  /// Every value that has a name.
  package static var all: [Self] { names.map(\.value) }
}

extension EventOperation: Named {
  package static let names: [(value: EventOperation, name: String)] = [
    (.create, "create"), (.update, "update"), (.delete, "delete"), (.snapshot, "snapshot"), (.heartbeat, "heartbeat"),
    (.rejected, "rejected"), (.erase, "erase"),
  ]
}
