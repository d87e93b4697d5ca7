internal import Foundation

/// What steadies a fit. The defaults were chosen on simulated companies with seeds 1...500 and confirmed on 501...900.
package struct ResponseSettings: Sendable {
  package var library = ShapeLibrary.standard
  /// Weeks of the period to come, for the season.
  package var horizonWeeks = 4
  /// Rounds of EM; later ones change little.
  package var rounds = 5
  /// How many rows' worth of weight the library's prior has against the company.
  package var libraryWeight = 16.0
  /// How much of what rows' elasticities differ by is common to a channel (variance share, 0 ..< 1): half, since a
  /// channel's budgets are mostly set by one habit.
  package var channelShare = 0.5
  /// How much of the difference in efficiency between peers is read as saturation, 0...1.
  package var efficiencyShare = 0.3
  /// Prior precision of a week's factor for the whole company, and for a market against the company.
  package var companySeason = 12.0
  package var marketSeason = 60.0
  /// Scatter of weeks beyond chance (squared, relative) before any data, and how many row-weeks that is worth.
  package var dispersionPrior = 0.01
  package var dispersionWeight = 200.0
  /// How much a week's scatter beyond chance resembles that of the week before, 0 ..< 1: such weeks say less than their
  /// number.
  package var serialCorrelation = 0.6

  package init() {}
}

/// Fits a `ResponseModel` to a panel by EM. Deterministic; blocks; about 1 ms per row and year of weeks.
package struct ResponseFitter {
  private let panel: ResponsePanel
  private let settings: ResponseSettings
  private let library: ShapeLibrary
  private let markets: [Int]
  private let channels: [Int]
  private let marketOf: [Int]
  private let channelOf: [Int]
  private let byVisitors: Bool
  private let inputs: [RowInput]
  private let signal: ConversionSignal
  /// Times the variance beyond chance in a row's history.
  private let designEffect: Double
  private var season: [[Double]]
  /// By row.
  private var shapePriors: [[Double]]
  private var amplitudePriors: [Double]
  private var amplitudePrecision = 1.0
  private var dispersion = 0.01

  package static func fit(_ panel: ResponsePanel, _ settings: ResponseSettings = ResponseSettings()) -> ResponseModel {
    var fitter = ResponseFitter(panel, settings)
    return fitter.run()
  }

  private init(_ panel: ResponsePanel, _ settings: ResponseSettings) {
    self.panel = panel
    self.settings = settings
    library = settings.library
    markets = Set(panel.rows.map(\.market)).sorted()
    channels = Set(panel.rows.map(\.channel)).sorted()
    let marketIndex = Dictionary(uniqueKeysWithValues: zip(markets, markets.indices))
    let channelIndex = Dictionary(uniqueKeysWithValues: zip(channels, channels.indices))
    marketOf = panel.rows.map { marketIndex[$0.market] ?? 0 }
    channelOf = panel.rows.map { channelIndex[$0.channel] ?? 0 }
    byVisitors =
      panel.weeks < AdvertisingLimits.weeksForResponse || panel.observations.allSatisfy { $0.spendMinor == 0 }
    let references = RowInput.references(panel, channelOf: channelOf, channels: channels.count)
    let library = library
    let ignoresSpend = panel.observations.allSatisfy { $0.spendMinor == 0 }
    let signal = ConversionSignal(panel, references: references, ignoresSpend: ignoresSpend)
    self.signal = signal
    inputs = parallelMap(panel.rows.count) { row in
      RowInput(
        panel, row: row, reference: references[row], ignoresSpend: ignoresSpend, signal: signal, library: library)
    }
    designEffect = SerialCorrelation.designEffect(correlation: settings.serialCorrelation, count: panel.weeks)
    season = markets.map { _ in [Double](repeating: 1, count: panel.weeks) }
    shapePriors = panel.rows.map { _ in library.prior }
    amplitudePriors = inputs.map { max($0.conversions, 0.5) / Double(max(panel.weeks, 1)) }
  }

  private mutating func run() -> ResponseModel {
    updateAmplitudePriors(posteriors: [])
    var posteriors = rowPosteriors()
    for _ in 1..<max(settings.rounds, 1) where !byVisitors {
      updateShapePriors(posteriors)
      updateAmplitudePriors(posteriors: posteriors)
      updateSeason(posteriors)
      updateDispersion(posteriors)
      posteriors = rowPosteriors()
    }
    let values = OrderValues(panel, marketOf: marketOf, markets: markets.count)
    return ResponseModel(
      library: library,
      rows: panel.rows.indices.map { index in
        RowResponse(
          row: panel.rows[index], basis: basis(index), referenceSpendMinor: inputs[index].reference,
          currentSpendMinor: inputs[index].current, visitorsPerWeek: inputs[index].visitorsPerWeek,
          valuePerConversion: values.value[index], valueError: values.relativeError[index],
          weights: posteriors[index].weights, alpha: posteriors[index].alpha, rates: posteriors[index].rates)
      },
      seasons: markets.indices.map {
        SeasonForecast(market: markets[$0], history: season[$0], horizonWeeks: settings.horizonWeeks)
      },
      markets: markets, weeks: panel.weeks, dispersion: dispersion)
  }

  private func basis(_ row: Int) -> Basis {
    if byVisitors { return .valuePerVisitor(weeks: panel.weeks) }
    if inputs[row].spendVariation == nil { return .noSpendHistory }
    let says =
      (inputs[row].spendVariation ?? 0) >= AdvertisingLimits.spendVariation
      && inputs[row].conversions >= AdvertisingLimits.conversionsForOwnCurve
    return says ? .ownResponse(weeks: panel.weeks) : .pooledResponse(weeks: panel.weeks)
  }

  // MARK: One row given the priors

  private func rowPosteriors() -> [RowPosterior] {
    let state = self
    return parallelMap(panel.rows.count) { row in state.posterior(row) }
  }

  private func posterior(_ row: Int) -> RowPosterior {
    let input = inputs[row]
    let count = library.shapes.count
    let factors = season[marketOf[row]]
    let mean = input.conversions / Double(max(panel.weeks, 1))
    // Variance over mean: of the row's level, which conversions alone tell, and of its weeks' profile.
    let noise = 1 + designEffect * dispersion * mean
    let profileNoise = signal.chance[row] + designEffect * dispersion * mean
    var exposure = [Double](repeating: 0, count: library.levels.count)
    for week in 0..<panel.weeks {
      exposure[input.knots[week]] += factors[week] * (1 - input.shares[week])
      exposure[input.knots[week] + 1] += factors[week] * input.shares[week]
    }
    let expected = weightedSum(library.table, exposure, columns: count)
    let share = byVisitors ? 0 : settings.efficiencyShare
    let level = amplitudePriors[row]
    let shapes = ShapePosterior(
      prior: shapePriors[row], logLikelihood: input.logLikelihood, expected: expected,
      conversions: input.conversions, priorMeans: library.logEfficiency.map { level * exp(share * $0) },
      precision: amplitudePrecision, levelNoise: noise, profileNoise: profileNoise)
    let scaled = shapes.weights.indices.map { shapes.weights[$0] * shapes.alpha / shapes.rates[$0] }
    // Expected conversions of each week before season, by way of the curve at the knots.
    let atLevels = library.levels.indices.map { knot in
      library.table.withUnsafeBufferPointer { table in
        var total = 0.0
        for shape in 0..<count { total += scaled[shape] * table[knot * count + shape] }
        return total
      }
    }
    let weekly = (0..<panel.weeks).map { week in
      let knot = input.knots[week]
      return atLevels[knot] + input.shares[week] * (atLevels[knot + 1] - atLevels[knot])
    }
    return RowPosterior(
      weights: shapes.weights, alpha: shapes.alpha, rates: shapes.rates, weekly: weekly, noise: profileNoise)
  }

  // MARK: The priors given the rows

  /// The company's weights by EM (Dirichlet), and each row's from them and the other rows of its channel.
  private mutating func updateShapePriors(_ posteriors: [RowPosterior]) {
    let count = library.shapes.count
    var company = library.prior.map { $0 * settings.libraryWeight }
    for posterior in posteriors {
      for shape in 0..<count { company[shape] += posterior.weights[shape] }
    }
    let total = settings.libraryWeight + Double(posteriors.count)
    for shape in 0..<count { company[shape] /= total }
    // A posterior over the prior it was made with is the likelihood, up to a factor.
    let likelihoods = zip(posteriors, shapePriors).map { posterior, prior in
      zip(posterior.weights, prior).map { $0 / max($1, 1e-300) }
    }
    shapePriors = ShapePooling.priors(
      company: company, scores: library.elasticityScores, likelihoods: likelihoods, groupOf: channelOf,
      groups: channels.count, commonShare: settings.channelShare)
  }

  /// Mean efficiency by channel and market (logarithms, shrunk towards the company's), and how much rows scatter about
  /// it.
  private mutating func updateAmplitudePriors(posteriors: [RowPosterior]) {
    let rows = panel.rows.indices
    let size = rows.map { byVisitors ? max(inputs[$0].visitorsPerWeek, 1e-3) : max(inputs[$0].reference, 1e-9) }
    let known = rows.map { inputs[$0].conversions > 0 && (byVisitors || inputs[$0].spendVariation != nil) }
    let logs = rows.map { row -> Double in
      guard !posteriors.isEmpty else {
        return log(max(inputs[row].conversions, 0.5) / Double(max(panel.weeks, 1)) / size[row])
      }
      var sum = 0.0
      for shape in library.shapes.indices {
        sum +=
          posteriors[row].weights[shape]
          * (log(posteriors[row].alpha / posteriors[row].rates[shape])
            - settings.efficiencyShare * library.logEfficiency[shape])
      }
      return sum - log(size[row])
    }
    let error = rows.map { 1 / max(inputs[$0].conversions / (1 + dispersion * inputs[$0].conversions), 0.5) }
    let used = rows.filter { known[$0] }
    let count = Double(max(used.count, 1))
    let mean = used.reduce(0) { $0 + logs[$1] } / count
    var channelEffect = [Double](repeating: 0, count: channels.count)
    var marketEffect = [Double](repeating: 0, count: markets.count)
    // Two prior rows at zero effect: a channel of one market is not taken at its word.
    for _ in 0..<4 {
      channelEffect = effects(used, of: channelOf, count: channels.count) {
        logs[$0] - mean - marketEffect[marketOf[$0]]
      }
      marketEffect = effects(used, of: marketOf, count: markets.count) {
        logs[$0] - mean - channelEffect[channelOf[$0]]
      }
    }
    var scatter = 0.0
    for row in rows {
      let fitted = mean + channelEffect[channelOf[row]] + marketEffect[marketOf[row]]
      amplitudePriors[row] = max(exp(fitted) * size[row], 1e-9)
      if known[row] { scatter += (logs[row] - fitted) * (logs[row] - fitted) - error[row] }
    }
    // Between a quarter and a factor of two and a half of scatter (one standard deviation) whatever few rows say.
    amplitudePrecision = 1 / min(max(scatter / count, 0.06), 0.8)
  }

  /// Shrunk means by group.
  private func effects(_ rows: [Int], of group: [Int], count: Int, _ value: (Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    var counts = [Double](repeating: 2, count: count)
    for row in rows {
      sums[group[row]] += value(row)
      counts[group[row]] += 1
    }
    return zip(sums, counts).map { $0 / $1 }
  }

  private mutating func updateSeason(_ posteriors: [RowPosterior]) {
    for week in 0..<panel.weeks {
      var seen = [Double](repeating: 0, count: markets.count)
      var expected = seen
      for (row, posterior) in posteriors.enumerated() {
        seen[marketOf[row]] += signal.counts[row * panel.weeks + week] / posterior.noise
        expected[marketOf[row]] += posterior.weekly[week] / posterior.noise
      }
      let company =
        (settings.companySeason + seen.reduce(0, +)) / (settings.companySeason + expected.reduce(0, +))
      for market in markets.indices {
        season[market][week] =
          company * (settings.marketSeason + seen[market]) / (settings.marketSeason + company * expected[market])
      }
    }
    for market in markets.indices {
      let mean = season[market].reduce(0, +) / Double(max(panel.weeks, 1))
      for week in 0..<panel.weeks { season[market][week] /= max(mean, 1e-9) }
    }
  }

  /// Moments: what squared misses exceed chance by, over squared means. Rows' levels and slopes and markets' weeks are
  /// fitted to the same counts, so squared misses are scaled up by the degrees of freedom that this used.
  private mutating func updateDispersion(_ posteriors: [RowPosterior]) {
    let weeks = Double(panel.weeks)
    let used = 2 + (weeks - 1) * Double(markets.count) / Double(max(panel.rows.count, 1))
    let scale = min(weeks / max(weeks - used, 1), 4)
    var excess = 0.0
    var squares = 1e-9
    for (row, posterior) in posteriors.enumerated() {
      let factors = season[marketOf[row]]
      for week in 0..<panel.weeks {
        let mean = posterior.weekly[week] * factors[week]
        let miss = signal.counts[row * panel.weeks + week] - mean
        excess += scale * miss * miss - signal.chance[row] * mean
        squares += mean * mean
      }
    }
    // As if so many row-weeks had been seen to scatter by the prior: eight weeks of a few rows cannot tell.
    let prior = settings.dispersionWeight * squares / Double(max(panel.rows.count * panel.weeks, 1))
    dispersion = min(max((excess + prior * settings.dispersionPrior) / (squares + prior), 0.002), 1)
  }
}

/// A row's posterior while the fit is under way.
struct RowPosterior: Sendable {
  var weights: [Double]
  var alpha: Double
  var rates: [Double]
  /// Expected conversions of each week before season.
  var weekly: [Double]
  /// Variance over mean of its weeks' counts.
  var noise: Double
}

/// Σ_j factors[j] · table[j][·]: a row vector times a table with `columns` columns. Zeros are skipped: a year of weeks
/// touches few levels.
func weightedSum(_ table: [Double], _ factors: [Double], columns: Int) -> [Double] {
  var sums = [Double](repeating: 0, count: columns)
  sums.withUnsafeMutableBufferPointer { sums in
    table.withUnsafeBufferPointer { table in
      for row in factors.indices where factors[row] != 0 {
        let factor = factors[row]
        let start = row * columns
        for column in 0..<columns { sums[column] += factor * table[start + column] }
      }
    }
  }
  return sums
}
