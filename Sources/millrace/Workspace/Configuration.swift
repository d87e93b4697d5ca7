internal import YAML

/// What millrace.yaml says. Every key is optional and has the default below; a key that is not listed here is refused.
struct Configuration: Sendable, Equatable {
  var baseCurrency = "USD"
  var partitions: Int32 = 4
  /// Older than this, a report is stale. Never above 60: that is the limit its users set.
  var freshnessLimitMinutes = 60
  /// Health is red when more than this share of a mart's events is in quarantine.
  var quarantineThresholdPercent = 1
  /// nil: this source is not captured.
  var platformDatabase: String? = "sources/platform.sqlite"
  var accessLog: String? = "sources/weblogs/access.log"
  var leadFolder: String? = "sources/leads"
  var ownHosts = ["shop.electroniz.example"]
  var signInPaths = ["/login"]
  var healthPaths = ["/health"]
  var userAgentData = "/usr/share/uap-core/regexes.yaml"
  var countryData = ["/usr/share/tor/geoip", "/usr/share/tor/geoip6"]
  /// Events per commit; larger is faster, smaller is fresher and uses less memory.
  var captureBatch = 20_000
  var projectBatch = 60_000

  /// The file that `millrace init` writes: all defaults, explained.
  static let template = """
    # Millrace. Paths are inside this folder unless they begin with a slash. Every key is optional.

    # Amounts are also shown in this currency; also the currency of prices that name none.
    base_currency: USD

    # Sources: a value of null switches one off.
    sources:
      platform_database: sources/platform.sqlite   # SQLite, in the shape of the platform
      access_log: sources/weblogs/access.log       # Apache's combined format; rotations access.log.1 … beside it
      lead_folder: sources/leads                   # XLSX and CSV sheets

    # A report older than this is called stale (at most 60).
    freshness_limit_minutes: 60

    # Health turns red when more of a mart's events than this are in quarantine.
    quarantine_threshold_percent: 1

    site:
      hosts: [shop.electroniz.example]             # referrers from here are visitors moving inside the site
      sign_in_paths: [/login]
      health_paths: [/health]

    # Data for devices and countries. Marts remember its hash: after a change of it they must be rebuilt.
    data:
      user_agents: /usr/share/uap-core/regexes.yaml
      countries: [/usr/share/tor/geoip, /usr/share/tor/geoip6]   # or one .mmdb file

    """

  init() {}

  /// Reads and checks the file. Throws `.configuration` with line and column.
  init(file: String) throws {
    do {
      let root = try YAMLDocument.load(path: file)
      var reader = Reader(file: file)
      try reader.read(root, into: &self)
    } catch let error as YAMLError {
      throw Failure(.configuration, "\(error)")
    }
  }

  private struct Reader {
    let file: String

    mutating func read(_ root: YAMLNode, into settings: inout Configuration) throws {
      try eachKey(
        of: root,
        [
          "base_currency": { settings.baseCurrency = try text($0) },
          "partitions": { settings.partitions = Int32(try integer($0, 1...64)) },
          "freshness_limit_minutes": { settings.freshnessLimitMinutes = try integer($0, 1...60) },
          "quarantine_threshold_percent": { settings.quarantineThresholdPercent = try integer($0, 0...100) },
          "sources": { node in
            try eachKey(
              of: node,
              [
                "platform_database": { settings.platformDatabase = try optionalText($0) },
                "access_log": { settings.accessLog = try optionalText($0) },
                "lead_folder": { settings.leadFolder = try optionalText($0) },
              ])
          },
          "site": { node in
            try eachKey(
              of: node,
              [
                "hosts": { settings.ownHosts = try list($0) },
                "sign_in_paths": { settings.signInPaths = try list($0) },
                "health_paths": { settings.healthPaths = try list($0) },
              ])
          },
          "data": { node in
            try eachKey(
              of: node,
              [
                "user_agents": { settings.userAgentData = try text($0) },
                "countries": { settings.countryData = $0.text == nil ? try list($0) : [try text($0)] },
              ])
          },
          "batches": { node in
            try eachKey(
              of: node,
              [
                "capture_events": { settings.captureBatch = try integer($0, 1...100_000) },
                "project_events": { settings.projectBatch = try integer($0, 1...500_000) },
              ])
          },
        ])
    }

    private func eachKey(of node: YAMLNode, _ keys: [String: (YAMLNode) throws -> Void]) throws {
      if node.isNull { return }
      guard let entries = node.entries else {
        throw node.error(in: file, "here stands \(node.kind) where keys are expected", hint: "write 'key: value' lines")
      }
      for entry in entries {
        guard let read = keys[entry.key] else {
          let near = nearest(to: entry.key, among: Array(keys.keys)).map { "did you mean '\($0)'?" }
          throw YAMLError(
            file: file, line: entry.line, column: entry.column, problem: "unknown key '\(printable(entry.key))'",
            hint: near ?? "known here: \(keys.keys.sorted().joined(separator: ", "))")
        }
        try read(entry.value)
      }
    }

    private func text(_ node: YAMLNode) throws -> String {
      guard let text = node.text, !text.isEmpty else {
        throw node.error(in: file, "here stands \(node.kind) where a text is expected", hint: "write one value after the colon")
      }
      return text
    }

    private func optionalText(_ node: YAMLNode) throws -> String? { node.isNull ? nil : try text(node) }

    private func integer(_ node: YAMLNode, _ range: ClosedRange<Int>) throws -> Int {
      guard let number = node.integer, range.contains(number) else {
        throw node.error(
          in: file, "a whole number is expected here",
          hint: "anything from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }

    private func list(_ node: YAMLNode) throws -> [String] {
      guard let elements = node.elements else {
        throw node.error(in: file, "here stands \(node.kind) where a list is expected", hint: "write [a, b]")
      }
      return try elements.map { try text($0) }
    }
  }
}
