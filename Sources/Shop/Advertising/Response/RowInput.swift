internal import Foundation

/// What one row brings to a fit, worked out once: its weeks' places among the library's levels, and the part of its
/// likelihood that no prior or season changes.
struct RowInput: Sendable {
  let reference: Double
  let current: Double
  let visitorsPerWeek: Double
  /// Conversions of all weeks.
  let conversions: Double
  /// Standard deviation over mean of weekly spend; nil without any spend.
  let spendVariation: Double?
  let knots: [Int]
  let shares: [Double]
  /// Σ_t conversions_t · ln φ_c(u_t) by shape c.
  let logLikelihood: [Double]

  init(
    _ panel: ResponsePanel, row: Int, reference: Double, ignoresSpend: Bool, signal: ConversionSignal,
    library: ShapeLibrary
  ) {
    let weeks = (0..<panel.weeks).map { panel.observation(row, $0) }
    let count = Double(max(weeks.count, 1))
    self.reference = reference
    let spend = weeks.map { Double($0.spendMinor) }
    let recent = spend.suffix(8)
    current = recent.isEmpty ? 0 : recent.reduce(0, +) / Double(recent.count)
    visitorsPerWeek = weeks.reduce(0) { $0 + Double($1.visitors) } / count
    conversions = weeks.reduce(0) { $0 + $1.conversions }
    let mean = spend.reduce(0, +) / count
    spendVariation =
      mean > 0 ? (spend.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot() / mean : nil
    var knots: [Int] = []
    var shares: [Double] = []
    var weighted = [Double](repeating: 0, count: library.levels.count)
    for (week, amount) in spend.enumerated() {
      // Without spend anywhere, visitors are all there is: they stand for usual spend.
      let (knot, share) = library.position(of: ignoresSpend ? 1 : amount / max(reference, 1e-9))
      knots.append(knot)
      shares.append(share)
      let count = signal.counts[row * panel.weeks + week]
      weighted[knot] += count * (1 - share)
      weighted[knot + 1] += count * share
    }
    self.knots = knots
    self.shares = shares
    logLikelihood = weightedSum(library.logTable, weighted, columns: library.shapes.count)
  }

  /// Usual weekly spend of each row: its mean. A row that never had any is taken to need what its channel spends per
  /// visitor (the company's figure when the channel has none); without spend at all, visitors themselves.
  static func references(_ panel: ResponsePanel, channelOf: [Int], channels: Int) -> [Double] {
    var spend = [Double](repeating: 0, count: panel.rows.count)
    var visitors = spend
    for row in panel.rows.indices {
      for week in 0..<panel.weeks {
        let seen = panel.observation(row, week)
        spend[row] += Double(seen.spendMinor)
        visitors[row] += Double(seen.visitors)
      }
    }
    let weeks = Double(max(panel.weeks, 1))
    func perVisitor(_ rows: [Int]) -> Double? {
      let paid = rows.filter { spend[$0] > 0 }
      let seen = paid.reduce(0) { $0 + visitors[$1] }
      return paid.isEmpty || seen <= 0 ? nil : paid.reduce(0) { $0 + spend[$1] } / seen
    }
    let company = perVisitor(Array(panel.rows.indices)) ?? 1
    let ofChannel = (0..<channels).map { channel in
      perVisitor(panel.rows.indices.filter { channelOf[$0] == channel }) ?? company
    }
    return panel.rows.indices.map { row in
      spend[row] > 0 ? spend[row] / weeks : max(visitors[row] / weeks, 1) * ofChannel[channelOf[row]]
    }
  }
}

/// Value of one conversion by row: its own mean, shrunk towards its market's.
struct OrderValues {
  let value: [Double]
  let relativeError: [Double]

  /// A row's own mean counts from here on more than its market's: order values scatter by about 0.6 of their mean,
  /// markets' rows by about 0.15, and (0.6 ÷ 0.15)² = 16.
  private static let priorConversions = 16.0
  private static let relativeScatter = 0.7

  init(_ panel: ResponsePanel, marketOf: [Int], markets: Int) {
    var revenue = [Double](repeating: 0, count: panel.rows.count)
    var conversions = revenue
    for row in panel.rows.indices {
      for week in 0..<panel.weeks {
        let seen = panel.observation(row, week)
        revenue[row] += Double(seen.revenueMinor)
        conversions[row] += seen.conversions
      }
    }
    let allRevenue = revenue.reduce(0, +)
    let allConversions = conversions.reduce(0, +)
    let company = allConversions > 0 ? allRevenue / allConversions : 0
    var marketRevenue = [Double](repeating: 0, count: markets)
    var marketConversions = marketRevenue
    for row in panel.rows.indices {
      marketRevenue[marketOf[row]] += revenue[row]
      marketConversions[marketOf[row]] += conversions[row]
    }
    let n = Self.priorConversions
    value = panel.rows.indices.map { row in
      let market = marketOf[row]
      let expected = (marketRevenue[market] + n * company) / (marketConversions[market] + n)
      return max(0, (revenue[row] + n * expected) / (conversions[row] + n))
    }
    relativeError = panel.rows.indices.map { Self.relativeScatter / (conversions[$0] + n).squareRoot() }
  }
}
