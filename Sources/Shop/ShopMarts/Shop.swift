package import Marts
package import Projections

/// The shop's list of marts: the one place where a mart registers itself. Commands, help texts, health and the documents
/// follow from it.
package enum Shop {
  /// Every mart, in the order in which `status` lists them.
  package static let marts: [MartDefinition] = [.sales, .traffic, .leads, .advertising]

  /// The sources that each mart's age depends on, by the mart's name.
  package static let sourcesByMart = Dictionary(uniqueKeysWithValues: marts.map { ($0.name, $0.sources) })

  /// The same, of those sources only whose names are among `configured`: one that is switched off is not missing. A mart that
  /// has none of them is in the answer, with an empty list.
  package static func sourcesByMart(configured: Set<String>) -> [String: [MartSource]] {
    sourcesByMart.mapValues { $0.filter { configured.contains($0.name) } }
  }

  /// The mart of this name, or nil.
  package static func mart(named name: String) -> MartDefinition? { marts.first { $0.name == name } }
}
