package import Marts
internal import Projections

/// Tables and views of leads.
extension LeadsProjection {
  package static var tables: [TableDefinition] {
    [leads] + VersionedRows.bookkeeping("lead", of: "a lead", entities: ["lead"])
  }

  private static let leads = TableDefinition.ofRows(
    "leads", "Leads in their newest state. A lead that vanished from the sheet keeps its last state.",
    number: ("lead_number", "the lead"),
    columns: [
      .init("lead_id", "TEXT NOT NULL", "Its name on the sheet."),
      .init("created_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
      .init("campaign", "TEXT NOT NULL", "Campaign."),
      .init("company_name", "TEXT NOT NULL", "Company, as on the sheet."),
      .init("industry", "TEXT NOT NULL", "Industry."),
      .init("email", "BLOB", "Token of the contact's e-mail address; joins customers of the sales mart."),
      .init("lead_source", "TEXT NOT NULL", "As on the sheet."),
      .init("channel", "INTEGER", "Marketing channel of the lead source, as in channels; NULL: unknown."),
      .init("revenue_unscaled", "INTEGER", "Estimated annual revenue × 10^revenue_scale, in the base currency."),
      .init("revenue_scale", "INTEGER", "Decimals of the revenue, 0 to 9."),
      .init("country", "TEXT NOT NULL", "Country, as on the sheet."),
      .init("status", "TEXT NOT NULL", "\"new\", \"contacted\", \"qualified\", \"converted\", \"lost\"."),
      .init("status_updated_at", "INTEGER NOT NULL", "Milliseconds since 1970-01-01T00:00:00Z."),
      .init("vanished", "INTEGER NOT NULL", "1: no longer on the sheet."),
    ],
    month: .millis("d.created_at"))

  package static var views: [ViewDefinition] { [.marketingChannels, leadDetails, leadFunnel, flaggedRows] }

  private static let leadDetails = ViewDefinition(
    "lead_details", "Leads with names, ISO moments and decimal money.",
    select: """
      SELECT \(SQLText.system("l.lead_number")) AS system, l.lead_id, \(SQLText.isoMoment("l.created_at")) AS created_at, l.campaign, l.company_name, l.industry,
        l.lead_source, coalesce(c.name, 'unknown') AS channel, l.country, l.status,
        \(SQLText.isoMoment("l.status_updated_at")) AS status_updated_at, l.vanished,
        \(SQLText.decimal(unscaled: "l.revenue_unscaled", scale: "l.revenue_scale")) AS estimated_annual_revenue
      FROM leads l LEFT JOIN channels c ON c.id = l.channel
      """,
    columns: [
      ("system", "Source of the lead."), ("lead_id", "Its name on the sheet."), ("created_at", "ISO moment, UTC."),
      ("campaign", "Campaign."),
      ("company_name", "Company, as on the sheet."), ("industry", "Industry."), ("lead_source", "As on the sheet."),
      ("channel", "Marketing channel, or \"unknown\"."), ("country", "Country."), ("status", "Newest state."),
      ("status_updated_at", "ISO moment, UTC."), ("vanished", "1: no longer on the sheet."),
      ("estimated_annual_revenue", "Decimal, in the platform's base currency; NULL: none given."),
    ])

  private static let contacted = SQLText.quoted(LeadsMart.reachedContact)
  private static let qualified = SQLText.quoted(LeadsMart.reachedQualification)

  private static let leadFunnel = ViewDefinition(
    "lead_funnel", "How far leads got, per channel and campaign; each stage holds the later ones too.",
    select: """
      SELECT coalesce(c.name, 'unknown') AS channel, l.campaign, count(*) AS leads,
        sum(l.status IN (\(contacted))) AS contacted,
        sum(l.status IN (\(qualified))) AS qualified, sum(l.status = '\(LeadsMart.converted)') AS converted,
        sum(l.status = '\(LeadsMart.lost)') AS lost, sum(l.vanished) AS vanished
      FROM leads l LEFT JOIN channels c ON c.id = l.channel GROUP BY 1, 2
      """,
    columns: [
      ("channel", "Marketing channel, or \"unknown\"."), ("campaign", "Campaign."), ("leads", "All leads."),
      ("contacted", "Contacted, qualified or converted."), ("qualified", "Qualified or converted."),
      ("converted", "Converted."), ("lost", "Lost."), ("vanished", "No longer on the sheet, whatever their state."),
    ])

  private static let flaggedRows = VersionedRows.flaggedRows("lead", entities: ["lead"], of: "the lead")
}
