/// Bounds of the module, with their reasons.
enum Limits {
  /// Bytes of a user agent that are looked at. Browsers stay below 300, uap-core's longest case has 492.
  static let userAgentBytes = 512
  /// Bytes of a browser's or system's name that a mart may hold. uap-core copies some names out of the user agent
  /// (`^(.{0,200})/(\d+) … CFNetwork`), so without a bound a stranger could write paragraphs into reports.
  static let nameBytes = 64
  /// User agents remembered with their facts. A busy month of 10,000 real log lines had 559; 8,192 leave room for
  /// version churn and cost at most 8 MB.
  static let cachedAgents = 8_192
  /// Distinct facts shared among agents before the sharing starts afresh. Real traffic has a few hundred.
  static let sharedFacts = 4_096
  /// uap-core's file has 0.2 MB; twenty times that is another file.
  static let regexesBytes = 4 * 1024 * 1024
  /// tor's larger text has 16 MB, a full City database about 100 MB.
  static let countryBytes = 512 * 1024 * 1024
  /// A DNS name's longest text form; a longer host is nobody's.
  static let hostBytes = 253
  /// Longest text form of an IPv6 address, with an IPv4 tail.
  static let addressBytes = 45
  /// Addresses of a block: a /16 of IPv4, a /112 of IPv6. Who needs each address, because only tokens can be compared,
  /// spends some microseconds on each; a /8 would take a minute, a usual IPv6 network (/64) longer than anybody lives.
  static let blockAddresses = 1 << 16
}
