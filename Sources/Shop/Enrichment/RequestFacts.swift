/// Everything derived from one request's clear fields.
package struct RequestFacts: Sendable {
  package var agent: UserAgentFacts
  /// nil: the landing is tagged with words that nobody knows, or by a campaign's name alone.
  package var channel: MarketingChannel?
  package var isBot: Bool
  package var isHealthCheck: Bool
  /// A request to a sign-in path answered below 400.
  package var isSignIn: Bool
  /// As the landing names it; "" for all others.
  package var campaign: String
  /// "source / medium" of a landing whose words nobody knows; "" for all others.
  package var unknownWords: String
  /// A connection on which nothing was asked: an empty one, one that timed out, a TLS greeting on the plain port.
  package var isNobodys: Bool

  package init(
    agent: UserAgentFacts, channel: MarketingChannel?, isBot: Bool, isHealthCheck: Bool, isSignIn: Bool,
    campaign: String = "", unknownWords: String = "", isNobodys: Bool = false
  ) {
    self.unknownWords = unknownWords
    self.isNobodys = isNobodys
    self.campaign = campaign
    self.agent = agent
    self.channel = channel
    self.isBot = isBot
    self.isHealthCheck = isHealthCheck
    self.isSignIn = isSignIn
  }
}

/// Rules of the site, from the configuration; part of the generation's identity.
package struct SiteRules: Sendable, Equatable {
  /// Hosts of the site itself, subdomains included: a referrer from there is no referrer.
  package var ownHosts: [String]
  /// Whole paths, without query.
  package var signInPaths: [String]
  package var healthPaths: [String]
  /// What words of UTM parameters mean here: "medium", "source" or "source / medium" → channel.
  package var channels: [String: MarketingChannel]

  package init(
    ownHosts: [String] = [], signInPaths: [String] = ["/login"], healthPaths: [String] = ["/health"],
    channels: [String: MarketingChannel] = [:]
  ) {
    self.channels = channels
    self.ownHosts = ownHosts
    self.signInPaths = signInPaths
    self.healthPaths = healthPaths
  }
}
