internal import Crypto
package import Entity

/// Whom a data key belongs to, e.g. ("customer", "17"), ("user", "maria"), ("visitor-month", "2026-11|IP|UA"). Clear,
/// in memory only; the vault keeps its token. Mute: nothing prints the value.
package struct Subject: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
  /// Kind of the name: "customer", "user", "visitor-month".
  package var domain: String
  /// The clear name, in its canonical form; two spellings would be two persons.
  package var value: [UInt8]

  /// Whether this is who somebody is, not only a link to them: two such names of one kind never share a data key, so
  /// that whoever erases one person does not erase another.
  package var isIdentity: Bool

  /// `value` in its canonical form.
  package init(_ domain: String, _ value: [UInt8], isIdentity: Bool = false) {
    self.domain = domain
    self.value = value
    self.isIdentity = isIdentity
  }

  package var description: String { "<\(domain)>" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A person's data key, unwrapped, in a slot of locked memory that is wiped when the last user lets go.
package final class PersonKey: Sendable {
  package let id: PersonKeyID
  private let slab: SecretSlab
  nonisolated(unsafe) private let slot: UnsafeMutableRawBufferPointer

  /// Takes the slot over. Its bytes must not change any more.
  init(id: PersonKeyID, slab: SecretSlab, slot: UnsafeMutableRawBufferPointer) {
    self.id = id
    self.slab = slab
    self.slot = slot
  }

  deinit { slab.release(slot) }

  /// Valid as long as the caller keeps this object.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(slot) }
}
