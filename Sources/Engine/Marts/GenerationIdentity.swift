/// What a generation is a function of, besides the log's prefixes. Stored at creation, kept for life, compared at every
/// opening: a change of any part needs a new generation.
package struct GenerationIdentity: Sendable, Equatable {
  /// "projection.orders" = "1", "keys.tokenVersion" = "1", "data.userAgents" = SHA-256, "log" = log id, …
  package var parts: [String: String]

  package init(parts: [String: String]) { self.parts = parts }

  /// A part as people name it: "orders" for "projection.orders".
  package static func shortName(of part: String) -> String {
    part.hasPrefix("projection.") ? String(part.dropFirst("projection.".count)) : part
  }

  /// The parts in which two identities differ, sorted.
  package func differences(from other: GenerationIdentity) -> [String] {
    Set(parts.keys).union(other.parts.keys).filter { parts[$0] != other.parts[$0] }.sorted()
  }
}
