package import Money

/// What a budget plan is asked for.
package struct PlanRequest: Sendable, Equatable {
  /// Bounds of one row for the whole period, minor units.
  package struct Bounds: Sendable, Equatable {
    package var minimum: Int64?
    package var maximum: Int64?

    package init(minimum: Int64? = nil, maximum: Int64? = nil) {
      self.minimum = minimum
      self.maximum = maximum
    }
  }

  /// The whole period's budget in minor units.
  package var totalMinor: Int64
  /// Weeks of the period, 1...53; spend is taken to be even over them.
  package var horizonWeeks: Int
  /// By row of the panel; nil: no bounds.
  package var bounds: [Bounds]?
  /// Share of the total that is divided equally over all rows before anything else, 0...1, so that no row goes blind.
  package var explorationShare: Double
  /// Share of the time that the truth shall lie in an interval.
  package var intervalLevel: Double
  /// Bootstrap replicates behind an interval.
  package var replicates: Int
  /// Of the bootstrap's generator.
  package var seed: UInt64
  /// That amounts are told in, in words to people; nil: minor units of none.
  package var currency: Currency?

  package static let defaultExplorationShare = 0.05
  package static let defaultIntervalLevel = 0.9

  package init(
    totalMinor: Int64, horizonWeeks: Int = 4, bounds: [Bounds]? = nil,
    explorationShare: Double = Self.defaultExplorationShare, intervalLevel: Double = Self.defaultIntervalLevel,
    replicates: Int = 400, seed: UInt64 = 1
  ) {
    self.totalMinor = totalMinor
    self.horizonWeeks = min(max(horizonWeeks, 1), 53)
    self.bounds = bounds
    self.explorationShare = min(max(explorationShare, 0), 1)
    self.intervalLevel = min(max(intervalLevel, 0.5), 0.99)
    self.replicates = min(max(replicates, 50), 10_000)
    self.seed = seed
  }
}
