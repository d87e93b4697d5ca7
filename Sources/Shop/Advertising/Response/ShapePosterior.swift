internal import Foundation

/// Posterior over shapes, and of the amplitude for each shape, from counts that scatter about amplitude × profile.
///
/// With a gamma prior of precision p and mean m_c, and Poisson counts k_t with means A · s_t φ_c(u_t), the amplitude
/// given shape c is gamma with shape p + Σk and rate p/m_c + Σ s φ_c, and integrating it out leaves the weight of c
/// (conjugacy; a negative binomial). The likelihood falls into the level (how many in all) and the profile (how they
/// fall on the weeks, a multinomial); each is divided by its own variance-over-mean, as quasi-likelihood does for
/// counts noisier than Poisson's.
struct ShapePosterior: Sendable {
  let weights: [Double]
  let alpha: Double
  let rates: [Double]

  /// `logLikelihood[c]` is Σ_t k_t ln φ_c(u_t), `expected[c]` Σ_t s_t φ_c(u_t), `priorMeans[c]` positive.
  init(
    prior: [Double], logLikelihood: [Double], expected: [Double], conversions: Double, priorMeans: [Double],
    precision: Double, levelNoise: Double, profileNoise: Double
  ) {
    let alpha = precision + conversions / levelNoise
    var weights = [Double](repeating: 0, count: prior.count)
    var rates = weights
    var highest = -Double.infinity
    for shape in prior.indices {
      let priorRate = precision / priorMeans[shape]
      let rate = priorRate + expected[shape] / levelNoise
      let logExpected = log(max(expected[shape], 1e-300))
      let profile = (logLikelihood[shape] - conversions * logExpected) / profileNoise
      let level = precision * log(priorRate) - alpha * log(rate) + conversions / levelNoise * logExpected
      rates[shape] = rate
      weights[shape] = log(max(prior[shape], 1e-300)) + profile + level
      highest = max(highest, weights[shape])
    }
    var sum = 0.0
    for shape in prior.indices {
      weights[shape] = exp(weights[shape] - highest)
      sum += weights[shape]
    }
    for shape in prior.indices { weights[shape] /= sum }
    self.weights = weights
    self.alpha = alpha
    self.rates = rates
  }
}
