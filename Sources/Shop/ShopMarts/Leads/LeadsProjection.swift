internal import Enrichment
package import Entity
internal import Events
internal import Marts
internal import Money
package import Projections
internal import SQLite

/// Leads in their newest state.
///
/// A lead that left the sheet stays, marked as vanished, with the state that it had: the funnel still counts it. Where
/// the event does not say what it was, only a tombstone stays.
package final class LeadsProjection: ShopProjection, RowsProjection {
  package static let name = "leads"
  package static let version = 4
  package static let topics = [Topic.leads]
  package static let personalFields: PersonalFields = [.email]

  package var rows = VersionedRows(
    prefix: "lead",
    tables: [
      VersionedTable(
        entity: "lead", table: "leads", number: "lead_number",
        values: [
          "lead_id", "created_at", "campaign", "company_name", "industry", "email", "lead_source", "channel",
          "revenue_unscaled",
          "revenue_scale", "country", "status", "status_updated_at", "vanished",
        ])
    ])

  package init() {}

  package func fold(_ input: ProjectionInput) throws(QuarantineReason) {
    guard case .lead(let change) = input.event.payload else { return }
    let event = input.event
    let newest = try event.rowChange(change)
    rows.fold(
      VersionedRows.Key(table: 0, name: newest.name),
      VersionedRows.State(
        version: event.version, values: newest.row.map { LeadsProjection.values($0, isVanished: newest.isDelete) },
        flags: event.flags))
  }

  private static func values(_ lead: Lead<PersonToken>, isVanished: Bool) -> [RowValue] {
    [
      .text(lead.leadID), .integer(lead.createdAt.millis), .text(lead.campaign), .text(lead.companyName),
      .text(lead.industry),
      .token(lead.contactEmail), .text(lead.leadSource),
      .integer(MarketingChannel.leadSource(lead.leadSource).map { Int64($0.rawValue) }),
      .integer(lead.estimatedAnnualRevenue?.unscaled),
      .integer(lead.estimatedAnnualRevenue.map { Int64($0.scale) }), .text(lead.country), .text(lead.status),
      .integer(lead.statusUpdatedAt.millis), .integer(isVanished ? 1 : 0),
    ]
  }
}
