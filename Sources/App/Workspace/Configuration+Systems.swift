internal import Capture
package import Marts
package import Projections

/// What follows from which sources are listed.
extension Configuration {
  /// The sources that each mart's age depends on, by the mart's name: all that are captured of the kinds that write to
  /// its topics. A mart that has none of them is in the answer, with an empty list.
  package func sourcesByMart(_ registry: MartRegistry) -> [String: [MartSource]] {
    let pairs = registry.marts.map { mart in
      let read = Set(mart.topics)
      let sources = sources.compactMap { source -> MartSource? in
        let topics = SourceRegistry.shop.kind(named: source.kind)?.topics.filter(read.contains) ?? []
        return topics.isEmpty ? nil : MartSource(source.name, topics: topics)
      }
      return (mart.name, sources)
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The systems whose user names may stand in web logs that are or were captured.
  package var loginSystems: Set<String> {
    let listed = sources + switchedOff
    let references = SourceRegistry.shop.kinds.flatMap(\.references)
    return Set(references.map(\.otherwise)).union(listed.flatMap(\.references.values)).union(
      listed.filter { source in references.contains { $0.kind == source.kind } }.map(\.name))
  }
}
