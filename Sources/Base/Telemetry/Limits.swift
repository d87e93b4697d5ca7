/// Limits of this module, each with its reason.
package enum TelemetryLimits {
  /// Bytes of one value in a log line. Lines stay below what a journal takes as one entry, with room for several
  /// fields.
  package static let valueBytes = 4_096
  /// Series of one metric. More means that a label was given values from data, which would grow without end.
  package static let seriesPerMetric = 1_000
  /// Pause between two redraws of a progress bar: smooth to the eye, and nothing beside the work.
  static let redrawMillis: Int64 = 100
  /// How far back the shown rate looks, roughly: long enough to be calm, short enough to notice a stall.
  static let rateWindowMillis: Double = 5_000
}
