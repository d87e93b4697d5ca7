package import Reports

/// The report of the leads mart, which reads the sales mart beside it.
extension ReportDefinition {
  /// The funnel.
  package static let leads = ReportDefinition(
    name: "leads", meaning: "the funnel per channel and campaign", marts: [LeadsMart.name, SalesMart.name],
    window: nil, newestEvent: LeadsMart.newestEvent, needs: ReportNeeds(.leads)
  ) { try LeadFunnel.answer($0.marts, placeholders: Identities.words($0.placeholders)) }
}
