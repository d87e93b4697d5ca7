package import Marts

/// Whether the figures can be relied on: fresh AND gapless AND few in quarantine AND every event accounted for.
package struct HealthReport: Sendable, Equatable {
  /// One mart's part of the answer.
  package struct Mart: Sendable, Equatable {
    /// The mart's name.
    package var name: String
    /// 0: not built yet.
    package var generation: Int
    /// Since when the least recent source has not been read; nil: some source has never told.
    package var ageSeconds: Int64?
    /// What became of all events that it has read.
    package var counts: MartCounts
    /// Of the events in quarantine those that still count: neither mended since nor discarded.
    package var openQuarantine: Int64 = 0
    /// Numbers that have not come.
    package var gaps: UInt64
    /// Why this mart is not healthy; empty: it is.
    package var reasons: [String]
  }

  /// In the order in which they were asked for.
  package var marts: [Mart]
  /// What others know that the marts cannot: sentences of the sources, say. One of them is enough to be not healthy.
  package var otherReasons: [String] = []

  package init(marts: [Mart]) { self.marts = marts }

  /// No mart and nobody else has a reason against it.
  package var isHealthy: Bool { reasons.isEmpty }
  /// Sentences; those of a mart begin with its name.
  package var reasons: [String] {
    otherReasons + marts.flatMap { mart in mart.reasons.map { "\(mart.name): \($0)" } }
  }
}

/// What counts as healthy.
package struct HealthRules: Sendable, Equatable {
  /// Seconds that the least recent source's reading may lie back.
  package var freshnessLimitSeconds: Int64
  /// Share of the events that may be in quarantine, in hundredths of a percent.
  package var quarantineLimitBasisPoints: Int64

  package init(
    freshnessLimitSeconds: Int64 = HealthLimits.freshnessSeconds,
    quarantineLimitBasisPoints: Int64 = HealthLimits.quarantineBasisPoints
  ) {
    self.freshnessLimitSeconds = freshnessLimitSeconds
    self.quarantineLimitBasisPoints = quarantineLimitBasisPoints
  }

  /// Judges one mart from its bookkeeping alone; pure, so that every rule can be tried without a file. `silent`: the sources
  /// that the age is unknown for. `openQuarantine`: how many of the quarantined
  /// events still count; nil: all. `isAttended`: some source is to bring it news; without one no age is too high.
  package func judge(
    name: String, generation: Int, ageSeconds: Int64?, silent: [String] = [], isAttended: Bool = true,
    counts: MartCounts, openQuarantine: Int64? = nil, gaps: UInt64
  ) -> HealthReport.Mart {
    var reasons: [String] = []
    if let ageSeconds {
      if ageSeconds > freshnessLimitSeconds {
        reasons.append("data are \(ageSeconds) s old, the limit is \(freshnessLimitSeconds) s")
      }
    } else if isAttended {
      if silent.isEmpty { reasons.append("no source has said yet how far it was read") }
      for source in silent { reasons.append("source \(source) has not said yet how far it was read") }
    }
    if gaps > 0 { reasons.append("\(gaps) numbered events have not come") }
    // Compared as products, because a share of nothing is undefined and a quotient would round.
    let quarantined = openQuarantine ?? counts.quarantined
    let isAbove =
      Int128(quarantined) * 10_000 > Int128(counts.eventsIn) * Int128(quarantineLimitBasisPoints)
    if quarantined > 0, isAbove {
      reasons.append("\(quarantined) of \(counts.eventsIn) events are in quarantine, the limit is \(limitText)")
    }
    if !counts.balances {
      reasons.append("counts do not balance: in ≠ applied + quarantined + duplicates; rebuild the mart")
    }
    return HealthReport.Mart(
      name: name, generation: generation, ageSeconds: ageSeconds, counts: counts, openQuarantine: quarantined,
      gaps: gaps, reasons: reasons)
  }

  private var limitText: String {
    let rest = quarantineLimitBasisPoints % 100
    let decimals = rest == 0 ? "" : ".\(rest < 10 ? "0" : "")\(rest)"
    return "\(quarantineLimitBasisPoints / 100)\(decimals) %"
  }
}
