/// One visitor's way to a conversion, or to none: the channels that brought them, in order.
package struct AttributionPath: Sendable, Equatable {
  package struct Touch: Sendable, Equatable {
    /// A channel, or market × channel, as a small number of the caller's: 0 ..< channels.
    package var channel: Int
    /// Seconds on any clock of the caller's; differences count.
    package var seconds: Int64

    package init(channel: Int, seconds: Int64) {
      self.channel = channel
      self.seconds = seconds
    }
  }

  /// Oldest first.
  package var touches: [Touch]
  package var converted: Bool
  /// Minor units of one currency; 0 without a conversion.
  package var revenueMinor: Int64

  package init(touches: [Touch], converted: Bool, revenueMinor: Int64 = 0) {
    self.touches = touches
    self.converted = converted
    self.revenueMinor = revenueMinor
  }
}
