internal import Advertising
internal import Money
internal import Text
internal import Workspace

/// `millrace budget attribution`: credit by every rule, side by side.
enum BudgetAttribution {
  static func run(_ context: BudgetContext) throws -> ExitCode {
    let history = try context.reader().read(context.query(context.days()))
    let names = Array(Set(history.rows.map(\.channel))).sorted()
    let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let channelOf = history.rows.map { number[$0.channel] ?? 0 }
    let paths = history.journeys.map { journey in
      AttributionPath(
        touches: journey.touches.map {
          AttributionPath.Touch(channel: channelOf[Int($0.row)], seconds: $0.millis / 1_000)
        }, converted: journey.converted, revenueMinor: journey.revenueMinor)
    }
    let attribution = try Attribution.compute(paths, channels: names.count)
    var columns: [BudgetTable.Column] = [.init("channel", .text), .init("measure", .text)]
    columns += attribution.credits.map { .init($0.model.rawValue, .number) }
    columns.append(.init("spread", .number))
    var rows: [[BudgetTable.Value]] = []
    // Only the last row of each measure is credited to nobody.
    for (index, name) in names.enumerated() {
      rows.append(
        [.text(name), .text("orders")]
          + attribution.credits.map { .number(orders($0.conversionMillionths[index])) }
          + [.number(orders(attribution.conversionSpread[index]))])
    }
    rows.append(unattributed("orders", orders(attribution.unattributedMillionths), attribution.credits.count))
    for (index, name) in names.enumerated() {
      rows.append(
        [.text(name), .text("revenue")]
          + attribution.credits.map { .number(context.base.plain($0.revenueMinor[index])) }
          + [.number(context.base.plain(attribution.revenueSpread[index]))])
    }
    rows.append(
      unattributed("revenue", context.base.plain(attribution.unattributedRevenueMinor), attribution.credits.count))
    let table = BudgetTable(
      name: "attribution", currency: context.base, columns: columns, rows: rows,
      extra: [
        ("from", .text(history.days.lowerBound.text)), ("to", .text(history.days.upperBound.text)),
        ("conversions", .integer(attribution.conversions)), ("revenue_minor", .integer(attribution.revenueMinor)),
        ("unattributed_revenue_minor", .integer(attribution.unattributedRevenueMinor)),
        ("models", models(attribution, names)),
      ],
      before: [
        "Orders from \(history.days.lowerBound) to \(history.days.upperBound), revenue in \(context.base); each column adds up to all orders and all revenue"
      ],
      after: [
        "spread: largest less smallest credit. Where it is wide, the rule decides and not the data.",
        "(none): orders without a visit or lead in the thirty days before them.",
      ])
    table.print(context.format)
    return .ok
  }

  private static func unattributed(_ measure: String, _ amount: String, _ models: Int) -> [BudgetTable.Value] {
    [.text("(none)"), .text(measure)] + [BudgetTable.Value](repeating: .number(amount), count: models) + [.number("0")]
  }

  private static func orders(_ millionths: Int64) -> String {
    BudgetRendering.fixed(Double(millionths) / 1_000_000, 2)
  }

  /// Exact figures: millionths of orders and minor units, by rule and channel.
  private static func models(_ attribution: Attribution, _ names: [String]) -> JSON {
    .array(
      attribution.credits.map { credit in
        .object([
          ("model", .text(credit.model.rawValue)),
          (
            "channels",
            .array(
              names.indices.map { index in
                .object([
                  ("channel", .text(names[index])),
                  ("order_millionths", .integer(credit.conversionMillionths[index])),
                  ("revenue_minor", .integer(credit.revenueMinor[index])),
                ])
              })
          ),
        ])
      })
  }
}
