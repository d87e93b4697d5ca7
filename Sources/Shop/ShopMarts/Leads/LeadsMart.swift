internal import Entity
internal import Events
internal import Marts
package import Projections
internal import Reports

extension MartDefinition {
  /// Who might become a customer.
  package static let leads = MartDefinition(
    name: LeadsMart.name,
    meaning: "Marketing leads in their current state.",
    sources: [MartSource(SourceName.leads, topics: [Topic.leads])],
    projections: { [LeadsProjection()] },
    reports: [.leads])
}
