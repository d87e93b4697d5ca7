/// Everything derived from one request's clear fields.
package struct RequestFacts: Sendable {
  package var agent: UserAgentFacts
  package var channel: MarketingChannel
  package var isBot: Bool
  package var isHealthCheck: Bool
  /// A request to a sign-in path answered below 400.
  package var isSignIn: Bool
  /// As the landing names it; "" for all others.
  package var campaign: String

  package init(
    agent: UserAgentFacts, channel: MarketingChannel, isBot: Bool, isHealthCheck: Bool, isSignIn: Bool,
    campaign: String = ""
  ) {
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

  package init(ownHosts: [String] = [], signInPaths: [String] = ["/login"], healthPaths: [String] = ["/health"]) {
    self.ownHosts = ownHosts
    self.signInPaths = signInPaths
    self.healthPaths = healthPaths
  }
}
