internal import Enrichment
internal import Marts
internal import Projections

/// The marketing channels' names and numbers, which three marts share.
extension ViewDefinition {
  static var marketingChannels: ViewDefinition {
    ViewDefinition(
      "channels", "Marketing channels: the one list for UTM parameters, referrers and lead sources.",
      select: SQLText.names(MarketingChannel.allCases.map { ($0.rawValue, $0.name) }),
      columns: [("id", "Number, as in the tables."), ("name", "\"search\", \"social\", …")])
  }
}
