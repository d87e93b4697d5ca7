/// Limits of the traffic mart, each with its reason.
enum TrafficLimits {
  /// Bytes of one answer: a terabyte. Sums over a day then need eight million such answers to overflow.
  static let answerBytes: Int64 = 1 << 40
  /// Gap between two requests that still belong to one session: the field's common definition.
  static let sessionGapMillis: Int64 = 30 * 60 * 1_000
  static let dayMillis: Int64 = 86_400_000
  /// Last moment of the year 9999, the last that ISO dates can name.
  static let lastMoment: Int64 = 253_402_300_799_999
  /// Surrogate numbers of visitors and clients kept in memory; about 100 bytes each, so some 25 MB. What is not kept is looked
  /// up in the mart.
  static let cachedVisitors = 131_072
  static let cachedClients = 131_072
  static let cachedUsers = 131_072
  /// Kinds of devices kept in memory; real traffic has a few hundred, hostile user agents can make more.
  static let cachedDevices = 16_384
}
