internal import Entity
internal import Events
internal import Marts
package import Projections

extension MartDefinition {
  /// Who might become a customer.
  package static let leads = MartDefinition(
    name: "leads",
    meaning: "Marketing leads in their current state.",
    sources: [MartSource(SourceName.leads, topics: [Topic.leads])],
    projections: { [LeadsProjection()] })
}
