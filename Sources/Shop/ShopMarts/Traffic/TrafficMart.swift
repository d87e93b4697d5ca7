internal import Entity
internal import Events
internal import Marts
package import Projections
internal import Reports

extension MartDefinition {
  /// Who came to the web site.
  package static let traffic = MartDefinition(
    name: TrafficMart.name,
    meaning: "Requests to the web site as sessions, users' days and answers' days.",
    sources: [MartSource(SourceName.weblog, topics: [Topic.weblog])],
    projections: { [TrafficProjection()] },
    reports: [.topDevices, .popularProducts, .siteTraffic, .advertisingShares, .utmWords])
}
