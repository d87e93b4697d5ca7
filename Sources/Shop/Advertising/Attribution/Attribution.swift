internal import Foundation

/// Credit by several models side by side.
package struct Attribution: Sendable, Equatable {
  package let channels: Int
  package let conversions: Int64
  package let revenueMinor: Int64
  /// Conversions of paths without a touch, in millionths, and their revenue: no model can credit them.
  package let unattributedMillionths: Int64
  package let unattributedRevenueMinor: Int64
  /// In the order of `AttributionModel.allCases`; a model that cannot be computed for so many channels is missing.
  package let credits: [AttributionCredit]

  package func credit(_ model: AttributionModel) -> AttributionCredit? { credits.first { $0.model == model } }

  /// By channel, the largest credit less the smallest over all models: how much depends on the choice of model.
  package var conversionSpread: [Int64] { spread(\.conversionMillionths) }
  package var revenueSpread: [Int64] { spread(\.revenueMinor) }

  private func spread(_ values: (AttributionCredit) -> [Int64]) -> [Int64] {
    (0..<channels).map { channel in
      let all = credits.map { values($0)[channel] }
      return (all.max() ?? 0) - (all.min() ?? 0)
    }
  }

  /// Credit by all models. `halfLifeSeconds` is time decay's; a week is customary.
  ///
  /// Deterministic; blocks; linear in touches, plus channels³ for Markov and channels · 2^channels for Shapley, which
  /// is left out above 12 channels. Throws for channel numbers outside 0 ..< channels, a half-life below one second,
  /// and sums of revenue that leave Int64.
  package static func compute(
    _ paths: [AttributionPath], channels: Int, halfLifeSeconds: Int64 = 604_800
  ) throws(AdvertisingError) -> Attribution {
    guard channels >= 0, channels <= AdvertisingLimits.markovChannels else {
      throw AdvertisingError(
        .tooManyChannels, "\(channels) channels", hint: "at most \(AdvertisingLimits.markovChannels)")
    }
    guard halfLifeSeconds > 0 else {
      throw AdvertisingError(.badInput, "a half-life of \(halfLifeSeconds) seconds", hint: "give at least one second")
    }
    let paths = try checked(paths, channels: channels)
    let touched = paths.filter { !$0.touches.isEmpty }
    let conversions = Int64(paths.filter(\.converted).count)
    let untouched = conversions - Int64(touched.filter(\.converted).count)
    var revenue: Int64 = 0
    var attributedRevenue: Int64 = 0
    for path in paths where path.converted {
      let (sum, overflow) = revenue.addingReportingOverflow(path.revenueMinor)
      guard !overflow else {
        throw AdvertisingError(.badInput, "revenue beyond 2^63 minor units", hint: "attribute a shorter period")
      }
      revenue = sum
      if !path.touches.isEmpty { attributedRevenue &+= path.revenueMinor }
    }
    var shares: [(AttributionModel, conversions: [Double], revenue: [Double])] = []
    for model in [AttributionModel.lastTouch, .firstTouch, .linear, .timeDecay] {
      let (byConversion, byRevenue) = TouchShares.sums(
        touched, channels: channels, model: model, halfLifeSeconds: halfLifeSeconds)
      shares.append((model, byConversion, byRevenue))
    }
    // A removal effect is a share of conversions; revenue follows the same shares.
    let removal = MarkovRemoval(touched, channels: channels).removalEffects
    shares.append((.markov, removal, removal))
    if channels <= AdvertisingLimits.shapleyChannels {
      let values = ShapleyValues(touched, channels: channels)
      shares.append((.shapley, values.conversions, values.revenue))
    }
    let credited = (conversions - untouched) * 1_000_000
    let revenueToCredit = attributedRevenue
    return Attribution(
      channels: channels, conversions: conversions, revenueMinor: revenue,
      unattributedMillionths: untouched * 1_000_000, unattributedRevenueMinor: revenue - revenueToCredit,
      credits: shares.map { model, byConversion, byRevenue in
        AttributionCredit(
          model: model,
          conversionMillionths: channels == 0 ? [] : LargestRemainder.split(credited, by: byConversion),
          // Without any positive revenue share (orders of value zero) the conversions say whose it is.
          revenueMinor: channels == 0
            ? [] : LargestRemainder.split(revenueToCredit, by: byRevenue.contains { $0 > 0 } ? byRevenue : byConversion)
        )
      })
  }

  /// Paths with sane channels, their last touches only, and no revenue without conversion.
  private static func checked(
    _ paths: [AttributionPath], channels: Int
  ) throws(AdvertisingError) -> [AttributionPath] {
    var result: [AttributionPath] = []
    result.reserveCapacity(paths.count)
    for var path in paths {
      for touch in path.touches where touch.channel < 0 || touch.channel >= channels {
        throw AdvertisingError(
          .badInput, "a touch of channel \(touch.channel) among \(channels) channels",
          hint: "number channels from 0 without gaps")
      }
      guard path.revenueMinor >= 0 else {
        throw AdvertisingError(
          .badInput, "a path with revenue \(path.revenueMinor)", hint: "leave cancelled and returned orders out")
      }
      if path.touches.count > AdvertisingLimits.touchesPerPath {
        path.touches = Array(path.touches.suffix(AdvertisingLimits.touchesPerPath))
      }
      result.append(path)
    }
    return result
  }
}
