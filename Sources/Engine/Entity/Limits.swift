package import Money
internal import Wire

/// Limits of what an event may say. Those of its bytes: `WireLimits`.
package enum EventLimits {
  /// The largest encoded event; a producer replaces a larger one by a `rejected` marker.
  package static let encodedBytes = WireLimits.messageBytes
  /// The longest text or sealed box of one field.
  package static let fieldBytes = WireLimits.fieldBytes
  /// Parts of a row's key: what PostgreSQL takes as columns of one index; others take fewer.
  package static var keyParts: Int { 32 }
  /// Digits after a decimal's point (`Decimal64.maximumScale`).
  package static let decimalScale = UInt32(Decimal64.maximumScale)
  /// The first and last day that reports and SQL date functions agree on: 1970-01-01 and 9999-12-31.
  package static let firstDay = CivilDate(daysSinceEpoch: 0)
  package static let lastDay = CivilDate(daysSinceEpoch: 2_932_896)

  /// Whether a moment lies on one of these days.
  package static func holds(_ moment: Timestamp) -> Bool {
    let day = moment.day
    return day >= firstDay && day <= lastDay
  }
}
