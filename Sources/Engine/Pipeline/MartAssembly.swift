package import Marts
package import Projections

extension MartDefinition {
  /// Tables and views of the mart's projections.
  package var schema: MartSchema {
    let kinds = projections().map { type(of: $0) }
    return MartSchema(
      name: name, meaning: meaning, tables: kinds.flatMap { $0.tables }, views: kinds.flatMap { $0.views },
      invariants: kinds.flatMap { $0.invariants })
  }

  /// The projection that owns each table.
  package var tableOwners: [String: String] {
    var owners: [String: String] = [:]
    for kind in projections().map({ type(of: $0) }) {
      for table in kind.tables { owners[table.name] = kind.name }
    }
    return owners
  }

  /// What a generation of this mart is a function of, besides the log's prefixes: versions of its projections, the log,
  /// the token key, and, for a mart that reads topics with derived facts, the data that they are derived from.
  ///
  /// `derivedFacts`: identities of enrichment by the topic whose events they enter, e.g. ["weblog": enricher.identity].
  package func identity(
    logID: String, tokenVersion: Int, derivedFacts: [String: [String: String]]
  ) -> GenerationIdentity {
    var parts = ["log": logID, "keys.tokenVersion": String(tokenVersion)]
    for projection in projections() {
      let kind = type(of: projection)
      parts["projection.\(kind.name)"] = String(kind.version)
    }
    for topic in topics { parts.merge(derivedFacts[topic] ?? [:]) { $1 } }
    return GenerationIdentity(parts: parts)
  }
}
