// CONTRACT STUB: the owner of this module replaces this file by real ones with these signatures.

package struct EnrichmentError: Error, Equatable, Sendable, CustomStringConvertible {
  package var operation: String
  package var cause: String
  package var hint: String
  package init(operation: String, cause: String, hint: String) {
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }
  package var description: String { "enrichment: cannot \(operation): \(cause); \(hint)" }
}

/// Countries of IP addresses, from `tor-geoipdb` text files or one `.mmdb`. Immutable after loading; any thread.
package final class CountryDatabase: @unchecked Sendable {
  /// `paths`: one .mmdb, or tor's geoip and geoip6 text files.
  package init(paths: [String]) throws(EnrichmentError) { fatalError("contract") }
  /// First eight bytes of the SHA-256 over the data.
  package var version: UInt64 { fatalError("contract") }
  /// ISO alpha-2 in capitals, "" when unknown. Never a wrong country for what is not an address.
  package func country(of address: IPAddress) -> String { fatalError("contract") }
}

package enum IPAddress: Hashable, Sendable {
  case v4(UInt32)
  case v6(high: UInt64, low: UInt64)
  /// Parses text (inet_pton rules; IPv4-mapped IPv6 becomes v4). nil when it is none.
  package init?(_ text: some Collection<UInt8>) { fatalError("contract") }
  /// "203.0.113.0/24" or "2001:db8:1::/48".
  package var truncatedPrefix: String { fatalError("contract") }
}

/// The one list of channels for UTM, referrers, lead sources and spend (DOMAIN.md §3). Raw values are stored in marts.
package enum MarketingChannel: Int, CaseIterable, Sendable {
  case search = 1
  case social, email, referral, affiliate, display, tradeShow, webinar, coldCall, direct
  /// "search", …, "trade_show", "cold_call", "direct".
  package var name: String { fatalError("contract") }
  /// From a lead sheet's `lead_source` ("LinkedIn Ads" → social, …); nil: unknown, shown as such, not guessed.
  package static func leadSource(_ text: String) -> MarketingChannel? { fatalError("contract") }
}

/// What a user agent says. Interned: equal agents share one object.
package final class UserAgentFacts: Sendable {
  /// "Desktop", "Phone", "Tablet", "Bot", "Other" … plus family where it is informative (see owner's docs).
  package let deviceClass: String
  package let os: String
  package let browser: String
  package let isBot: Bool
  package init(deviceClass: String, os: String, browser: String, isBot: Bool) {
    self.deviceClass = deviceClass
    self.os = os
    self.browser = browser
    self.isBot = isBot
  }
}

/// Everything derived from one request's clear fields.
package struct RequestFacts: Sendable {
  package var agent: UserAgentFacts
  package var channel: MarketingChannel
  package var isBot: Bool
  package var isHealthCheck: Bool
  /// A request to a sign-in path answered below 400.
  package var isSignIn: Bool
}

/// Rules of the site, from the configuration; part of the generation's identity.
package struct SiteRules: Sendable, Equatable {
  package var ownHosts: [String]
  package var signInPaths: [String]
  package var healthPaths: [String]
  package init(ownHosts: [String] = [], signInPaths: [String] = ["/login"], healthPaths: [String] = ["/health"]) {
    self.ownHosts = ownHosts
    self.signInPaths = signInPaths
    self.healthPaths = healthPaths
  }
}

/// User agent data compiled once (about 62 MB), shared by all enrichers. Any thread.
package final class UserAgentDatabase: @unchecked Sendable {
  package init(regexes path: String) throws(EnrichmentError) { fatalError("contract") }
}

/// Derives request facts. Holds a bounded cache; one thread at a time.
package final class Enricher {
  package init(agents: UserAgentDatabase, rules: SiteRules) { fatalError("contract") }
  package func facts(
    userAgent: String, method: String, path: String, status: Int32, referrer: String, utmSource: String,
    utmMedium: String, utmCampaign: String
  ) -> RequestFacts { fatalError("contract") }
  /// Hashes of all data and rules that the facts depend on, for the generation's identity.
  package var identity: [String: String] { fatalError("contract") }
}
