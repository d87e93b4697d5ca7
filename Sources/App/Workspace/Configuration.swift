package import Capture
package import Enrichment
internal import Entity
internal import Events
internal import Failures
internal import Pipeline
internal import YAML

/// What millrace.yaml says. Every key is optional and has the default below; a key that is not listed here is refused.
package struct Configuration: Sendable, Equatable {
  /// ISO 4217, as it is written; `currency()` checks it.
  package var baseCurrency = "USD"
  /// Of each topic; 1 to 64. Only topics that are made from now on get another number.
  package var partitions: Int32 = 4
  package var log = LogPlace.embedded(folder: LogPlace.ownFolder)
  /// Older than this, a report is stale. Never above 60: that is the limit its users set.
  package var freshnessLimitMinutes = 60
  /// Health is red when more than this share of a mart's events is in quarantine.
  package var quarantineThresholdPercent = 1
  /// What is captured. A source that is not among them is switched off.
  package var sources = SourceRegistry.shop.defaults
  /// Sources that are listed with null as their place: they are not captured, and keep their names. Their own places
  /// say nothing.
  package var switchedOff: [SourceDescription] = []
  /// Names of the sources that are captured.
  package var sourceNames: Set<String> { Set(sources.map(\.name)) }
  /// Referrers from here are visitors moving inside the site.
  package var ownHosts = ["shop.electroniz.example"]
  package var signInPaths = ["/login"]
  package var healthPaths = ["/health"]
  /// Regular expressions of further robots' user agents, in any case.
  package var robots: [String] = []
  /// What words of UTM parameters mean, beside those that Millrace knows.
  package var channels: [String: MarketingChannel] = [:]
  /// What stands for nobody where an e-mail address or a company's name is wanted, beside what Millrace knows: addresses,
  /// domains behind their "@", words.
  package var placeholders: [String] = []
  /// User names of the site's own staff; their visits count for no budget.
  package var staffUsers: [String] = []
  /// Where the site's own staff browse from; visits from there count for no budget.
  package var staffNetworks: [AddressBlock] = []
  /// Regular expressions of uap-core.
  package var userAgentData = "/usr/share/uap-core/regexes.yaml"
  /// The two texts of tor-geoipdb, or one .mmdb file.
  package var countryData = Configuration.defaultCountryData
  static let defaultCountryData = ["/usr/share/tor/geoip", "/usr/share/tor/geoip6"]
  /// Events per commit; larger is faster, smaller is fresher and uses less memory.
  package var captureBatch = CaptureLimits.batchEvents
  package var projectBatch = PipelineLimits.flushEvents

  /// The file that `millrace init` writes: all defaults, explained.
  package static let template = """
    # Millrace. Paths are inside this folder unless they begin with a slash. Every key is optional.

    # Amounts are also shown in this currency; also the currency of prices that name none.
    base_currency: USD

    # Sources: several of a kind may be listed. A name stands in every record, so it is given once and never changed; one
    # that is left out, or whose path or folder is null, is switched off.
    sources:
    \(firstSources)

    # A report older than this is called stale (at most 60).
    freshness_limit_minutes: 60

    # Health turns red when more of a mart's events than this are in quarantine.
    quarantine_threshold_percent: 1

    site:
      hosts: [shop.electroniz.example]             # referrers from here are visitors moving inside the site
      sign_in_paths: [/login]
      health_paths: [/health]
      staff_users: []                              # own people's user names: their visits count for no budget
      staff_networks: []                           # own people's IP addresses and blocks, e.g. [203.0.113.0/24, "2001:db8::7"]

    # Further programs that are no people, as regular expressions of their user agents; and what words of your links mean
    # (utm_medium, utm_source, or "source / medium"). After a change of either, marts ask to be rebuilt.
    # robots: ["acme-agent/"]
    # channels: {qr: trade_show, "spring / flyer": display}
    # What stands for nobody in e-mail addresses and companies' names, beside n/a, none, test@… and their like. Addresses
    # are judged when they are captured, names when a report is asked for.
    # placeholders: [walk-in@shop.example, "@kiosk.example", "cash sale"]

    # Data for devices and countries. Marts remember its hash: after a change of it they must be rebuilt.
    data:
      user_agents: /usr/share/uap-core/regexes.yaml
      countries: [/usr/share/tor/geoip, /usr/share/tor/geoip6]   # or one .mmdb file

    """

  /// All defaults.
  package init() {}

  /// The same of a text; `file` stands in errors.
  package init(text: String, file: String) throws {
    do {
      try read(YAMLDocument.parse(text, name: file), file)
    } catch let error as YAMLError {
      throw Failure(.configuration, "\(error)")
    }
  }

  private mutating func read(_ root: YAMLNode, _ file: String) throws {
    try Reader(file: file, registry: .shop).read(root, into: &self)
  }

  /// Reads and checks the file. Throws `.configuration` with line and column.
  package init(file: String) throws {
    do {
      try read(YAMLDocument.load(path: file), file)
    } catch let error as YAMLError {
      throw Failure(.configuration, "\(error)")
    }
  }

  struct Reader {
    let file: String
    /// What kinds of sources may be listed.
    let registry: SourceRegistry

    func read(_ root: YAMLNode, into settings: inout Configuration) throws {
      let keys = [
        "base_currency", "partitions", "freshness_limit_minutes", "quarantine_threshold_percent", "sources", "site",
        "robots", "channels", "placeholders", "data", "batches", "log",
      ]
      for entry in try entries(of: root, keys) {
        let value = entry.value
        switch entry.key {
        case "base_currency": settings.baseCurrency = try text(value)
        case "partitions": settings.partitions = Int32(try integer(value, 1...64))
        case "freshness_limit_minutes": settings.freshnessLimitMinutes = try integer(value, 1...60)
        case "quarantine_threshold_percent": settings.quarantineThresholdPercent = try integer(value, 0...100)
        case "sources": try readSources(value, into: &settings)
        case "site": try readSite(value, into: &settings)
        case "robots": settings.robots = try readRobots(value)
        case "channels": settings.channels = try readChannels(value)
        case "placeholders": settings.placeholders = try readPlaceholders(value)
        case "data": try readData(value, into: &settings)
        case "log": try readLog(value, into: &settings)
        default: try readBatches(value, into: &settings)
        }
      }
    }

    private func readSite(_ node: YAMLNode, into settings: inout Configuration) throws {
      for entry in try entries(of: node, ["hosts", "sign_in_paths", "health_paths", "staff_users", "staff_networks"]) {
        switch entry.key {
        case "hosts": settings.ownHosts = try list(entry.value)
        case "sign_in_paths": settings.signInPaths = try list(entry.value)
        case "health_paths": settings.healthPaths = try list(entry.value)
        case "staff_users": settings.staffUsers = try list(entry.value)
        default: settings.staffNetworks = try blocks(entry.value)
        }
      }
    }

    /// Addresses and blocks of them, together no more than one block may have.
    private func blocks(_ node: YAMLNode) throws -> [AddressBlock] {
      let blocks = try elements(of: node).map { element in
        let text = try text(element)
        do throws(EnrichmentError) {
          return try AddressBlock(text)
        } catch {
          throw element.error(in: file, error.cause, hint: error.hint)
        }
      }
      guard blocks.reduce(0, { $0 + $1.count }) <= AddressBlock.maximumCount else {
        throw node.error(
          in: file, "these blocks have more than \(AddressBlock.maximumCount) addresses together",
          hint: "name only those that people browse from")
      }
      return blocks
    }

    private func readData(_ node: YAMLNode, into settings: inout Configuration) throws {
      for entry in try entries(of: node, ["user_agents", "countries"]) {
        switch entry.key {
        case "user_agents": settings.userAgentData = try text(entry.value)
        default: settings.countryData = entry.value.text == nil ? try list(entry.value) : [try text(entry.value)]
        }
      }
    }

    private func readBatches(_ node: YAMLNode, into settings: inout Configuration) throws {
      for entry in try entries(of: node, ["capture_events", "project_events"]) {
        switch entry.key {
        case "capture_events": settings.captureBatch = try integer(entry.value, 1...100_000)
        default: settings.projectBatch = try integer(entry.value, 1...500_000)
        }
      }
    }

    /// The entries of a mapping, all of whose keys are known; none for an absent value.
    func entries(of node: YAMLNode, _ known: [String]) throws -> [YAMLNode.Entry] {
      if node.isNull { return [] }
      guard let entries = node.entries else {
        throw node.error(in: file, "here stands \(node.kind) where keys are expected", hint: "write 'key: value' lines")
      }
      for entry in entries where !known.contains(entry.key) {
        let near = nearest(to: entry.key, among: known).map { "did you mean '\($0)'?" }
        throw YAMLError(
          file: file, line: entry.line, column: entry.column, problem: "unknown key '\(printable(entry.key))'",
          hint: near ?? "known here: \(known.joined(separator: ", "))")
      }
      return entries
    }

    func text(_ node: YAMLNode) throws -> String {
      guard let text = node.text, !text.isEmpty else {
        throw node.error(
          in: file, "here stands \(node.kind) where a text is expected", hint: "write one value after the colon")
      }
      return text
    }

    func integer(_ node: YAMLNode, _ range: ClosedRange<Int>) throws -> Int {
      guard let number = node.integer, range.contains(number) else {
        throw node.error(
          in: file, "a whole number is expected here", hint: "anything from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }

    func list(_ node: YAMLNode) throws -> [String] { try elements(of: node).map { try text($0) } }

    func elements(of node: YAMLNode) throws -> [YAMLNode] {
      guard let elements = node.elements else {
        throw node.error(in: file, "here stands \(node.kind) where a list is expected", hint: "write [a, b]")
      }
      return elements
    }
  }
}
