/// Robots that uap-core's device "Spider" does not name. Each pattern is a convention of programs that no person
/// browses with; case does not matter. A change needs a new `EnrichmentRules.version`.
enum RobotRules {
  static let patterns: [String] = [
    // Robots name themselves so; the two letters before keep the phones of Cubot out.
    #"(?:^|[^u]|[^c]u)bot(?:[^a-z]|$)"#, "robot", #"crawl(?:er|ing)"#, "spider", "slurp", "scrap(?:er|y)", "nutch",
    // By custom a robot gives its page as +http://…; no browser does.
    #"\+ ?https?://"#,
    // Browsers without a window.
    "headless", "phantomjs", "slimerjs", "lighthouse", "selenium", "puppeteer",
    // Libraries and command line tools.
    #"^(?:curl|wget|python|java|ruby|perl|php|go-http-client|axios|node-fetch|undici|got|httpie|restsharp)\b"#,
    "libwww-perl", "python-(?:requests|urllib|httpx)", "aiohttp", "http-?client", "guzzlehttp", "postmanruntime",
    "chef client", "puppet agent",
    // Fetchers of feeds and previews.
    "feed(?:parser|burner|bin|ly|fetcher|validator|wrangler)", "tiny tiny rss", "newsgator", "facebookexternalhit",
    "(?:bing|web )preview",
    // Monitors.
    "pingdom", "uptime", "statuscake", "nagios", "check_http", "zabbix", "monitis", "newrelic", "datadog", "site24x7",
  ]
}

/// Version of all rules in this module's code, part of a generation's identity. Any change that may give other facts
/// for the same request needs a new one.
enum EnrichmentRules {
  static let version = "1"
}
