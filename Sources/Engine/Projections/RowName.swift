package import Entity

/// A row as the world outside of a mart knows it: the system that it belongs to, and its key there. Rows of two systems
/// are never the same row, whatever their keys.
package struct RowName: Sendable {
  /// Name of the source: "platform".
  package var system: String
  /// What tells the row from the others of its entity in that system.
  package var key: RowKey<PersonToken>

  package init(system: String, key: RowKey<PersonToken>) {
    self.system = system
    self.key = key
  }
}

extension RowName: Hashable {
  /// Byte for byte.
  package static func == (left: RowName, right: RowName) -> Bool {
    // One integer, what most keys are, goes past the generic comparison, which no other module gets specialised.
    if let integer = left.key.integer, let other = right.key.integer {
      return integer == other && isSame(left.system, right.system)
    }
    return left.key == right.key && isSame(left.system, right.system)
  }

  /// By the key alone: systems are few, so few rows meet in one place.
  package func hash(into hasher: inout Hasher) {
    if let integer = key.integer { hasher.combine(integer) } else { key.hash(into: &hasher) }
  }

  /// Byte for byte, unlike the standard library's equality of texts.
  package static func isSame(_ left: String, _ right: String) -> Bool { left.hasSameBytes(as: right) }
}

extension RowName: Comparable {
  /// By the system's name, byte by byte, then by key.
  package static func < (left: RowName, right: RowName) -> Bool {
    if !isSame(left.system, right.system) { return left.system.utf8.lexicographicallyPrecedes(right.system.utf8) }
    if let integer = left.key.integer, let other = right.key.integer { return integer < other }
    return left.key < right.key
  }
}
