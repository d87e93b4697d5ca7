internal import Entity
internal import Events
internal import Marts
package import Projections

extension MartDefinition {
  /// What advertising cost and what was recommended.
  package static let advertising = MartDefinition(
    name: "advertising",
    meaning: "What advertising cost, and which budgets were recommended.",
    sources: [MartSource(SourceName.spend, topics: [Topic.spend])], otherTopics: [Topic.decisions],
    projections: { [SpendProjection(), DecisionsProjection()] })
}
