/// Robots that uap-core's device "Spider" does not name. Each pattern is a convention of programs that no person
/// browses with; case does not matter. A change needs a new `EnrichmentRules.version`.
enum RobotRules {
  static let patterns: [String] = conventions + libraries + monitors + scanners + readers + previewers + assistants

  private static let conventions: [String] = [
    // Robots name themselves so; the two letters before keep the phones of Cubot out.
    #"(?:^|[^u]|[^c]u)bot(?:[^a-z]|$)"#, "robot", #"crawl(?:er|ing)?\b"#, "spider", "slurp", "scrap(?:er|y|ing)",
    "nutch", "archiver", "harvester", "indexer", #"\bchecker\b"#, #"\bvalidator\b"#, "fetcher", "sitemap",
    // A page of one's own, or an address, which capture has taken out: no browser carries either.
    #"https?://"#, #"\[redacted\]"#, "@[a-z]",
    // Browsers without a window.
    "headless", "phantomjs", "slimerjs", "lighthouse", "selenium", "puppeteer", "playwright", "webdriver", "htmlunit",
    #"^mozilla(?:/[45]\.0)?(?: \(compatible;?\))?$"#, "casperjs", "jsdom", "prerender", "rendertron", "cypress/",
  ]

  /// Libraries and command line tools, by the name that the agent begins with or by a name that is nothing else.
  private static let libraries: [String] = [
    #"^(?:curl|wget|python|java|ruby|perl|php|go|axios|node|node-fetch|undici|got|httpie|restsharp|okhttp|dart|deno|bun"#
      + #"|faraday|typhoeus|mechanize|rest-client|excon|httparty|http\.rb|unirest|reqwest|ureq|hyper|needle|superagent"#
      + #"|request|jersey|ktor|netty|reactor-?netty|akka-http|vert\.x|asynchttpclient|apache-http\w*|finagle|erlang"#
      + #"|hackney|elixir|tesla|finch|req|lwp|lwp-trivial|urlgrabber|pycurl|httpx|snoopy|symfony|laravel|zend\w*"#
      + #"|drupal|joomla|typo3|insomnia|bruno|postman\w*|paw|soapui|aria2|axel|lftp|httrack|wget2|fetch|libsoup|cpp|fasthttp|grequests"#
      + #"|postgrest|powershell|empty user agent|user-agent)(?:[/ ;:_.()-]|$)"#,
    "libwww-perl", "libcurl", "python-(?:requests|urllib|httpx)", "aiohttp", "http-?client", "guzzlehttp",
    "postmanruntime", "chef client", "puppet agent", "winhttp", "powershell", "wordpress/", "http_request", "pycurl",
    "webcopier", "teleport pro", "httrack", "offline explorer",
    "^microsoft[ -](?:office|outlook|word|excel|webdav|bits|"
      + "cryptoapi|url)", #"\bms-?office"#, "ansible", "terraform", "^git/", "^docker/", "^containerd/", "^apt-http",
    "debian apt-http", "^rclone/", "^restic/", "^minio", "boto3?/", "aws-sdk",
    "wkhtmlto(?:pdf|image)", "indy library", "^ahc/", "^guzzle", "apache cxf", "ms web services client", "^lavf/",
    #"\btreq\b"#, "pocketparser", "^bw/", "^mailgun", #"^microsoft\.data\."#,
  ]

  /// Health checks of load balancers and clusters, monitors, load tests.
  private static let monitors: [String] = [
    #"health[ _-]?check"#, #"\bhealth\b"#, "googlehc", "kube-probe", #"\bprobe\b"#, "envoy/", "haproxy", "consul",
    "traefik", "varnish", "blackbox", "prometheus", #"\bmonitor(?:ing|s)?\b"#, "alwayson", "readiness", "liveness",
    "pingdom", "uptime", "statuscake", "nagios", "icinga", "sensu/", "check_http", "check_curl", "zabbix", "monit/",
    "monitis", "new ?relic", "datadog", "dynatrace", "site24x7", "catchpoint", "gomezagent", "hetrix", "freshping",
    "updown", "better ?stack", "checkly", "nodeping", "montastic", #"\bprtg\b"#, "alertra", "jetmon", "hyperspin",
    "statuspage", "instatus", "cronitor", "oh ?dear", "pulsetic", "grafana", "appinsights", "elastic-heartbeat",
    "heartbeat/", "cloudflare-", "amazon-route53", "elb-",
    " ptst/", "webpagetest", "gtmetrix", "page ?speed", "speedcurve", "yellowlab", "apachebench", "^ab/", "^siege",
    "jmeter", "gatling", #"^k6\b"#, "locust", "vegeta", "^wrk", "^hey/", "artillery", "autocannon", "bombardier",
    "fortio", "loader.io", "blazemeter", "gatus/", "hyperping", "munin", "collectd", "telegraf", "splunk",
    "pingability",
    "healthchecks", "uptime-?kuma", "load balancer agent", "internal dummy connection", "amazon cloudfront",
    "wp-super-cache", "lscache", "libredtail", "windows-update-agent", "keepaliveclient",
    "thousandeyes", "ghost ?inspector", #"\brigor\b"#,
    // Calls of other programs.
    "hookshot", "webhook", "captain-hook", "paypal ipn", "zapier", "ifttt", "twilio", "^stripe/", "^hubspot",
    "prefetch ?proxy",
    "vercel", #"^next\.js"#, "cloudflare", "mirall/", "nextcloud", "owncloud", "davx5",
  ]

  private static let scanners: [String] = [
    "sqlmap", "nikto", "nmap", "masscan", "zgrab", "zmap", "nessus", "openvas", "greenbone", "acunetix", "netsparker",
    "invicti", "w3af", "arachni", "skipfish", "dirbuster", "gobuster", "dirb/", "ffuf", "feroxbuster", "fuzz faster",
    "wfuzz", "wpscan", "joomscan", "nuclei", "projectdiscovery", "burp", #"\bzap/"#, "owasp", "metasploit", "hydra",
    "havij", "fimap", "morfeus", "whatweb", "wappalyzer", "builtwith", "netcraft", "qualys", "detectify", "tenable",
    "rapid7", "intruder.io", "probely", "censys", "shodan", "expanse", "palo alto networks", "internet-?measurement",
    "internetcensus", "netsystemsresearch", "leakix", "l9explore", "l9tcpid", "binaryedge", "onyphe", "criminalip",
    "securitytrails", "urlscan", "virustotal", "ssllabs", "sslyze", "testssl", "tlsprober",
    #"\bscan(?:ner|ning|s)?\b"#, #"\bvuln"#, "hello,? world", "jorgee", "zmeu", "hakai", #"\bmirai\b"#, "sakura/",
    "banner detection", "cloud mapping", "gather analyze",
  ]

  /// Readers of feeds.
  private static let readers: [String] = [
    "feed(?:parser|burner|bin|ly|fetcher|validator|wrangler|press|demon|reader|hq)", "feed fetcher", "tiny tiny rss",
    "newsgator", "newsblur", "inoreader", "netvibes", "netnewswire", "reeder/", "liferea", "akregator", "freshrss",
    "miniflux", "the ?old ?reader", "bloglovin", "blogtrottr", "simplepie", "magpierss", "newsbeuter", "newsboat",
    "selfoss", "commafeed", "feedspot", "applesyndication", "xenforo", "discourse forum", "onebox",
    "rss(?:owl|reader|bot|guard|2email)", #"\brss\b"#, "podcatcher", "superfeedr", "flipboard(?:proxy|rss)",
  ]

  /// Who looks at a page to show it in small, or fetches its pictures for others.
  private static let previewers: [String] = [
    "facebookexternal", "facebookcatalog", "microsoftpreview", "^photon/", "notionembedder", "hatena", "linkwalker",
    "brandverity", "proximic", "admantx", "cincraw", "meta-external", #"ur[il] ?preview"#, "uripreview",
    #"(?:link|page|site|bing|web|snippet) ?-?preview"#, "slack-imgproxy", "imgproxy", "image ?proxy", "mailproxy",
    "^whatsapp/", "embedly", "iframely", "microlink", "vkshare", "^pinterest/", "^mastodon", "pleroma", "misskey",
    "akkoma", "^lemmy", "friendica", "peertube", "line-poker", "kakaotalk-scrap", "^viber", "favicon", "w3c_",
    "^google$", "^google-", "; google-", "mediapartners", "feedfetcher", "googleother", "google(?:producer|docs|agent)",
    "google[ -](?:pagerenderer|inspectiontool|read-aloud|safety|site-verification|extended|adwords|structured|favicon)",
    "apis-google", "duplexweb", "storebot", "adsbot", "appengine-google", "qwantify", "yahoo ad monitoring", "bitrix",
    "ia_archiver", "heritrix", "screaming frog", "sitebulb", "ahrefs", "semrush", "majestic", "moz\\.com", "seokicks",
    "riddler", "yandexmetrika", "xenu", "linkcheck", "w3c-checklink", "dataprovider", "zoominfo", "bubing",
  ]

  /// Crawlers and agents of language models.
  private static let assistants: [String] = [
    "chatgpt-", "img2dataset", "manus-user", "openai", "oai-search", "anthropic", "claude-", "perplexity(?:bot|-user)",
    "cohere-", "mistralai", "google-extended", "gemini-", "deepseek", "amazon-?q", "bedrock", "diffbot", "omgili",
    "webzio", "imagesift", "ai2bot", "iaskspider",
    "firecrawl", "^jina", "jinaai", "tavily", "exa-?search", "youbot", "phind", "browser-?use", "langchain",
    "llama-?index", "huggingface", "novaact", "applebot", "petalbot", "bytespider",
  ]

  /// An agent without what describes the machine: the first parentheses of a browser name its model, and makers give
  /// phones any name ("Robot S1"). Parts that hold a version, a page or an address are no model and stay. nil: the
  /// agent has no such part.
  static func withoutModel(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    let agents = ["Mozilla/", "Dalvik/", "Opera/"]
    guard agents.contains(where: { text.starts(with: $0.utf8) }),
      let open = text.firstIndex(of: UInt8(ascii: "(")), open < 20,
      let close = text.firstIndex(of: UInt8(ascii: ")")), close > open
    else { return nil }
    let parts = text[(open + 1)..<close].split(separator: UInt8(ascii: ";"))
    guard let platform = parts.first,
      ["Linux", "X11", "Windows", "Macintosh", "iPhone", "iPad", "iPod", "Android", "SMART-TV"]
        .contains(where: { platform.starts(with: $0.utf8) })
    else { return nil }
    var result = Array(text[...open])
    var hasModel = false
    for part in parts {
      if part.startIndex > platform.startIndex, isModel(part) {
        hasModel = true
      } else {
        result += part
        result.append(UInt8(ascii: ";"))
      }
    }
    result += text[close...]
    return hasModel ? result : nil
  }

  private static func isModel(_ part: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    // "Robot S1 Build/SP1A" is a model with its firmware.
    let build = Array(" Build/".utf8)
    var end = part.endIndex
    var index = part.startIndex
    while index + build.count <= part.endIndex {
      if part[index..<(index + build.count)].elementsEqual(build) {
        end = index
        break
      }
      index += 1
    }
    let signs = Array("/:@+[".utf8)
    return !part[..<end].contains(where: signs.contains)
  }
}

/// Version of all rules in this module's code, part of a generation's identity. Any change that may give other facts
/// for the same request needs a new one.
enum EnrichmentRules {
  static let version = "3"
}
