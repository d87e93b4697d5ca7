/// What a user agent says, as far as reports use it. Equal agents share one object while the enricher remembers them;
/// compare by value, identity is a short cut only.
package final class UserAgentFacts: Hashable, Sendable {
  /// "Desktop", "Phone", "Tablet", "Bot" or "Unknown": `DeviceClass` has the rules.
  package let deviceClass: String
  /// uap-core's family of the operating system: "Windows", "Mac OS X", "iOS", "Android", "Linux", … "Other".
  package let os: String
  /// uap-core's family of the browser: "Chrome", "Edge", "Mobile Safari", "Googlebot", … "Other".
  package let browser: String
  package let isBot: Bool

  package init(deviceClass: String, os: String, browser: String, isBot: Bool) {
    self.deviceClass = deviceClass
    self.os = os
    self.browser = browser
    self.isBot = isBot
  }

  package static func == (one: UserAgentFacts, other: UserAgentFacts) -> Bool {
    one === other
      || (one.deviceClass == other.deviceClass && one.os == other.os && one.browser == other.browser
        && one.isBot == other.isBot)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(deviceClass)
    hasher.combine(os)
    hasher.combine(browser)
    hasher.combine(isBot)
  }
}
