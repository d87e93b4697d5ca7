internal import Advertising
internal import Money
internal import Text
internal import Workspace

/// `millrace budget costs`: what campaigns cost per visitor, lead, qualified lead and order.
enum BudgetCosts {
  static func run(_ context: BudgetContext) throws -> ExitCode {
    let history = try context.reader().read(context.query(context.days()))
    let rows = history.campaigns.map { campaign -> [BudgetTable.Value] in
      func per(_ count: Int64) -> BudgetTable.Value {
        // What was never paid for has no price.
        count > 0 && campaign.spendMinor > 0
          ? .integer(Int64((Double(campaign.spendMinor) / Double(count)).rounded())) : .none
      }
      return [
        .text(campaign.channel), .text(campaign.campaign), .integer(campaign.spendMinor), .integer(campaign.visitors),
        per(campaign.visitors), .integer(campaign.leads), per(campaign.leads), .integer(campaign.qualifiedLeads),
        per(campaign.qualifiedLeads), .integer(campaign.orders), per(campaign.orders), .integer(campaign.revenueMinor),
      ]
    }
    BudgetTable(
      name: "costs", currency: context.base,
      columns: [
        .init("channel", .text), .init("campaign", .text), .init("spend_minor", .money), .init("visitors", .count),
        .init("cost_per_visitor_minor", .optionalMoney), .init("leads", .count),
        .init("cost_per_lead_minor", .optionalMoney), .init("qualified_leads", .count),
        .init("cost_per_qualified_lead_minor", .optionalMoney), .init("orders", .count),
        .init("cost_per_order_minor", .optionalMoney), .init("revenue_minor", .money),
      ], rows: rows,
      extra: [("from", .text(history.days.lowerBound.text)), ("to", .text(history.days.upperBound.text))],
      before: ["Campaigns from \(history.days.lowerBound) to \(history.days.upperBound), in \(context.base)"],
      after: [
        "Orders are credited to the campaign of the last visit or lead before them; visits of a campaign are told by utm_campaign."
      ]
    ).print(context.format)
    return .ok
  }
}
