internal import Foundation

/// Makes an `AdvertisingWorld` from its seed: first what is true, then what a company would have done and seen.
///
/// The spreads below (standard deviations of logarithms) are those of a mid-sized shop: rows of one channel resemble
/// each other, budgets were set by habit and are off by a factor of about 1.5 either way, and history holds few clean
/// tests.
struct AdvertisingWorldBuilder {
  let plan: AdvertisingWorld.Plan
  private var truth: Random
  private var policy: Random
  private var noise: Random

  init(_ plan: AdvertisingWorld.Plan) {
    self.plan = plan
    truth = Random(seed: plan.seed, stream: 101)
    policy = Random(seed: plan.seed, stream: 102)
    noise = Random(seed: plan.seed, stream: 103)
  }

  mutating func build() -> AdvertisingWorld {
    let drawnFamily = truth.pick(AdvertisingWorld.Family.allCases)
    let drawnMarkets = truth.within(2...6)
    let drawnChannels = truth.within(3...8)
    let family = plan.family ?? drawnFamily
    let markets = plan.markets ?? drawnMarkets
    let channels = plan.channels ?? drawnChannels
    let rows = makeRows(family: family, markets: markets, channels: channels)
    let season = makeSeason(markets: markets)
    let spend = makeSpend(rows: rows, channels: channels, season: season)
    let historyTotal = spend.reduce(0) { $0 + $1.reduce(0, +) }
    let usual = historyTotal / Double(plan.weeks)
    let next = usual * Double(plan.horizonWeeks) * truth.uniform(0.85, 1.2)
    let blank = AdvertisingWorld(
      plan: plan, family: family, markets: markets, channels: channels, rows: rows, season: season, observations: [],
      nextTotalMinor: Int64(next.rounded()))
    return AdvertisingWorld(
      plan: plan, family: family, markets: markets, channels: channels, rows: rows, season: season,
      observations: observe(blank, spend: spend), nextTotalMinor: Int64(next.rounded()))
  }

  // MARK: What is true

  private mutating func makeRows(
    family: AdvertisingWorld.Family, markets: Int, channels: Int
  ) -> [AdvertisingWorld.Row] {
    // Conversions a week of a middling row, an order's value, and return per unit of spend before saturation.
    let conversions = exp(truth.uniform(log(10), log(100))) * max(plan.scale, 0.001)
    let orderValue = exp(truth.uniform(log(4_000), log(20_000)))
    let efficiency = truth.uniform(3, 7)
    let exponent = family == .hill ? truth.uniform(0.8, 1.5) : 1
    let hasBase = truth.chance(percent: 70)
    let marketSize = (0..<markets).map { _ in truth.logNormal(0.6) }
    let marketValue = (0..<markets).map { _ in truth.logNormal(0.15) }
    let marketUse = (0..<markets).map { _ in truth.normal() * 0.2 }
    let marketRate = (0..<markets).map { _ in truth.logNormal(0.2) }
    var rows: [AdvertisingWorld.Row] = []
    let channelSize = (0..<channels).map { _ in truth.logNormal(0.4) }
    let channelValue = (0..<channels).map { _ in truth.logNormal(0.15) }
    let channelUse = (0..<channels).map { _ in truth.normal() * 0.4 }
    let channelEfficiency = (0..<channels).map { _ in truth.logNormal(0.35) }
    let channelRate = (0..<channels).map { _ in 0.025 * truth.logNormal(0.5) }
    let channelBase = (0..<channels).map { _ in hasBase ? max(0, truth.uniform(-0.1, 0.3)) : 0 }
    for market in 0..<markets {
      for channel in 0..<channels {
        let scale =
          conversions * orderValue / efficiency * marketSize[market] * channelSize[channel] * truth.logNormal(0.35)
        let value = orderValue * marketValue[market] * channelValue[channel]
        let slope = efficiency * channelEfficiency[channel] * truth.logNormal(0.25)
        // A threshold makes every unit beyond it dearer, so such curves start from a better slope.
        let amplitude = slope * scale / value * (family == .threshold ? 1.5 : 1)
        let threshold = family == .threshold ? scale * truth.uniform(0.2, 0.7) : 0
        let usual = threshold + scale * exp(channelUse[channel] + marketUse[market] + truth.normal() * 0.35)
        let curve = TrueCurve(
          family: family, amplitude: amplitude, scale: scale,
          exponent: family == .hill ? exponent * truth.logNormal(0.08) : 1, threshold: threshold)
        let atUsual = curve.conversions(at: usual)
        let share = channelBase[channel] * truth.uniform(0.6, 1.4)
        rows.append(
          AdvertisingWorld.Row(
            market: market, channel: channel, curve: curve, baseConversions: atUsual * share / (1 - share),
            conversionRate: min(0.5, channelRate[channel] * marketRate[market]),
            dilution: truth.uniform(0, 0.2), orderValueMinor: value, usualSpendMinor: usual, lifts: []))
      }
    }
    addInterplay(to: &rows, markets: markets, channels: channels)
    return rows
  }

  /// One or two channels that are seen more than clicked lift up to three others of the same market by some percent.
  private mutating func addInterplay(to rows: inout [AdvertisingWorld.Row], markets: Int, channels: Int) {
    guard channels > 1 else { return }
    for giver in truth.distinct(truth.within(1...2), below: channels) {
      for taker in truth.distinct(3, below: channels) where taker != giver {
        let strength = truth.uniform(0, 0.08)
        for market in 0..<markets {
          rows[market * channels + taker].lifts.append((market * channels + giver, strength * truth.uniform(0.7, 1.3)))
        }
      }
    }
  }

  /// A wave over the year, two peaks (a holiday and a sale) and a slow drift of each market's own.
  private mutating func makeSeason(markets: Int) -> [[Double]] {
    let weeks = plan.weeks + plan.horizonWeeks
    let start = truth.below(52)
    let phase = truth.uniform(0, 1)
    let peaks = [truth.below(52), truth.below(52)]
    let heights = [truth.uniform(0.15, 0.45), truth.uniform(0.05, 0.25)]
    return (0..<markets).map { _ in
      let amplitude = truth.uniform(0.05, 0.2)
      let ownPhase = phase + truth.normal() * 0.04
      let ownHeights = heights.map { $0 * truth.uniform(0.6, 1.4) }
      var drift = 0.0
      return (0..<weeks).map { week in
        let day = (start + week) % 52
        var log = amplitude * sin(2 * .pi * (Double(day) / 52 + ownPhase))
        for (peak, height) in zip(peaks, ownHeights) {
          let distance = min(abs(day - peak), 52 - abs(day - peak))
          if distance <= 2 { log += height * (1 - Double(distance) / 3) }
        }
        drift = 0.8 * drift + truth.normal() * 0.025
        return exp(log + drift)
      }
    }
  }

  // MARK: What the company did and saw

  /// Weekly spend by row: habit, plans that change now and then, more before holidays, some tests, and daily
  /// sloppiness.
  private mutating func makeSpend(rows: [AdvertisingWorld.Row], channels: Int, season: [[Double]]) -> [[Double]] {
    var channelPlan = [Double](repeating: 0, count: channels)
    var nextChange = (0..<channels).map { _ in policy.within(3...13) }
    var rowPlan = [Double](repeating: 0, count: rows.count)
    var testUntil = [Int](repeating: -1, count: rows.count)
    var testFactor = [Double](repeating: 1, count: rows.count)
    // How strongly this company follows the season, and how precisely it spends what it planned.
    let following = policy.uniform(0, 0.8)
    let sloppiness = policy.uniform(0.08, 0.2)
    var spend = [[Double]](repeating: [], count: rows.count)
    for week in 0..<plan.weeks {
      for channel in 0..<channels where week == nextChange[channel] {
        channelPlan[channel] = 0.5 * channelPlan[channel] + policy.normal() * 0.2
        for index in rows.indices where rows[index].channel == channel {
          rowPlan[index] = 0.5 * rowPlan[index] + policy.normal() * 0.15
        }
        nextChange[channel] = week + policy.within(6...13)
      }
      for index in rows.indices {
        if testUntil[index] < week, policy.below(26) == 0 {
          testUntil[index] = week + policy.within(1...3)
          testFactor[index] = policy.pick([0, 0.4, 0.6, 1.6, 2])
        }
        var amount = rows[index].usualSpendMinor
        amount *= exp(channelPlan[rows[index].channel] + rowPlan[index] + policy.normal() * sloppiness)
        amount *= pow(season[rows[index].market][week], following)
        if testUntil[index] >= week { amount *= testFactor[index] }
        spend[index].append(amount.rounded())
      }
    }
    return spend
  }

  private mutating func observe(
    _ world: AdvertisingWorld, spend: [[Double]]
  ) -> [AdvertisingWorld.Observation] {
    let orderSpread = 0.6
    var seen = [[AdvertisingWorld.Observation]](repeating: [], count: world.rows.count)
    var disturbance = [Double](repeating: 0, count: world.rows.count)
    for week in 0..<plan.weeks {
      let expected = world.expectedConversions(weeklySpend: spend.map { $0[week] }, week: week)
      for index in world.rows.indices {
        let row = world.rows[index]
        // Weather, news, a competitor's sale: what no table explains, and what lasts for some weeks. About 10 %.
        disturbance[index] = 0.5 * disturbance[index] + noise.normal() * 0.087
        let mean = expected[index] * exp(disturbance[index])
        let level = spend[index][week] / max(row.usualSpendMinor, 1)
        let rate = row.conversionRate * pow(max(level, 0.05), -row.dilution)
        let visitors = noise.poisson(mean / max(rate, 1e-6))
        let conversions = min(visitors, noise.poisson(mean))
        var revenue = 0.0
        for _ in 0..<conversions {
          revenue += (row.orderValueMinor * noise.logNormal(orderSpread) * exp(-orderSpread * orderSpread / 2))
            .rounded()
        }
        seen[index].append(
          AdvertisingWorld.Observation(
            market: row.market, channel: row.channel, week: week, spendMinor: Int64(spend[index][week]),
            visitors: Int64(visitors), conversions: Int64(conversions), revenueMinor: Int64(revenue)))
      }
    }
    return seen.flatMap { $0 }
  }
}

extension Random {
  /// Uniform in low ..< high.
  mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(next() >> 11) * 0x1p-53
  }

  /// Standard normal (Box–Muller).
  mutating func normal() -> Double {
    let radius = (-2 * log(1 - uniform(0, 1))).squareRoot()
    return radius * cos(2 * .pi * uniform(0, 1))
  }

  /// exp(normal × spread): median 1.
  mutating func logNormal(_ spread: Double) -> Double { exp(normal() * spread) }

  /// Poisson: by products of uniforms (Knuth) for small means, the rounded normal above 50, where they differ by
  /// little.
  mutating func poisson(_ mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    if mean > 50 { return max(0, Int((mean + normal() * mean.squareRoot()).rounded())) }
    let limit = exp(-mean)
    var product = uniform(0, 1)
    var count = 0
    while product > limit {
      count += 1
      product *= uniform(0, 1)
    }
    return count
  }
}
