internal import Events
internal import Marts
package import Projections
internal import Reports

extension MartDefinition {
  /// What came back.
  package static let returns = MartDefinition(
    name: "returns", meaning: "What customers sent back, why, and what they got for it.",
    sources: [MartSource(SourceName.platform, topics: [Topic.returns])],
    projections: { [ReturnsProjection()] },
    reports: [.returns])
}
