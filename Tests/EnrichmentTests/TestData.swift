import Foundation

@testable import Enrichment

/// Where the data of the Debian packages lie, and things loaded once for all tests.
enum TestData {
  static let regexes = "/usr/share/uap-core/regexes.yaml"
  static let cases = "/usr/share/uap-core/tests"
  static let geoip = "/usr/share/tor/geoip"
  static let geoip6 = "/usr/share/tor/geoip6"

  static let agents = Result { try UserAgentDatabase(regexes: regexes) }
  static let countries = Result { try CountryDatabase(paths: [geoip, geoip6]) }

  static func enricher(cachedAgents: Int = 64) throws -> Enricher {
    let rules = SiteRules(ownHosts: ["shop.electroniz.example"])
    return Enricher(agents: try agents.get(), rules: rules, cachedAgents: cachedAgents)
  }

  /// A file of the data shared among developers, which is not part of the repository; nil when it is not there.
  static func shared(_ name: String) -> String? {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder =
      ProcessInfo.processInfo.environment["MILLRACE_SHARED_DATA"]
      ?? root.deletingLastPathComponent().appendingPathComponent("shared/data").path
    let path = folder + "/" + name
    return FileManager.default.isReadableFile(atPath: path) ? path : nil
  }
}

extension Enricher {
  func agent(_ userAgent: String) -> UserAgentFacts { request(userAgent: userAgent).agent }

  func request(
    userAgent: String = "x", method: String = "GET", path: String = "/", status: Int32 = 200, referrer: String = "",
    source: String = "",
    medium: String = "", campaign: String = ""
  ) -> RequestFacts {
    facts(
      userAgent: userAgent, method: method, path: path, status: status, referrer: referrer, utmSource: source,
      utmMedium: medium, utmCampaign: campaign)
  }
}
