import Testing

@testable import Enrichment

private let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)"
private let chrome = "\(webkit) Chrome/120.0.0.0"

/// Programs and people by their user agents, as logs of real sites have them.
@Suite("Robots")
struct RobotTests {
  @Test(
    "are health checks, monitors and load tests",
    arguments: [
      "ELB-HealthChecker/2.0", "GoogleHC/1.0", "kube-probe/1.28", "Amazon-Route53-Health-Check-Service (ref 1a2b)",
      "Envoy/HC", "Consul Health Check", "Prometheus/2.48.0", "Blackbox Exporter/0.24.0", "HAProxy/2.8", "Site24x7",
      "Better Uptime Bot Mozilla/5.0", "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
      "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "Mozilla/5.0 (compatible; monitoring360bot/1.1)",
      "check_http/v2.3.3 (monitoring-plugins 2.3.3)", "Datadog/Synthetics", "StatusCake", "updown.io daemon 2.11",
      "Azure Traffic Manager Endpoint Monitor", "AlwaysOn", "Zabbix", "GitHub-Hookshot/044aadd", "Uptime-Kuma/1.23.11",
      "Checkly/1.0 (https://www.checklyhq.com)",
      "ApacheBench/2.3", "k6/0.47.0 (https://k6.io/)", "Apache-HttpClient/4.5.14 (Java/17)",
      "Artillery (https://artillery.io)",
      "Mozilla/5.0 (X11; Linux x86_64) \(chrome) Safari/537.36 PTST/231019",
      "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) \(chrome) Mobile Safari/537.36 Chrome-Lighthouse",
    ])
  func monitors(userAgent: String) throws { try check(userAgent) }

  @Test(
    "are scanners, libraries and tools",
    arguments: [
      "Mozilla/5.0 (X11; Linux x86_64) \(webkit) wkhtmltopdf Version/10.0 Safari/602.1", "AHC/2.1",
      "Apache/2.4.57 (Debian) (internal dummy connection)",
      "Mozilla/3.0 (compatible; Indy Library)", "Mozilla/4.0 (compatible; ms-office; MSOffice 16)", "Guzzle/6.5",
      "Load Balancer Agent", "KeepAliveClient", "Lavf/58.29.100", "Apache CXF 3.3.4", "mailgun/treq-0.2.1",
      "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 4.0)", "Photon/1.0", "img2dataset/1.45",
      "sqlmap/1.7.2#stable (https://sqlmap.org)", "Nikto/2.5.0", "masscan/1.3", "Mozilla/5.00 (Nikto/2.1.6)",
      "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)", "Mozilla/5.0 zgrab/0.x",
      "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)", "Fuzz Faster U Fool v2.1.0-dev",
      "Mozilla/5.0 (compatible; InternetMeasurement/1.0; +https://internet-measurement.com/)", "WPScan v3.8.25",
      "Mozilla/5.0 Jorgee",
      "Expanse, a Palo Alto Networks company, searches across the global IPv4 space multiple times per day",
      "Java/17.0.2", "okhttp/4.9.3", "Scrapy/2.11 (+https://scrapy.org)", "node-fetch/1.0", "Dart/3.1 (dart:io)",
      "insomnia/8.4.5", "curl/8.4.0", "libcurl/7.88", "Faraday v2.7", "GuzzleHttp/7", "axios/0.27", "aria2/1.36",
      "node",
      "python-httpx/0.25.0", "Python/3.11 aiohttp/3.9.1", "Ruby", "PostmanRuntime/7.35.0", "Wget/1.21.3",
      "Go-http-client/2.0",
      "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041", "libwww-perl/6.67",
      "reqwest/0.11",
      "Mozilla/4.0 (compatible; Win32; WinHttp.WinHttpRequest.5)", "Microsoft Office Word 2014", "HTTPie/3.2.2",
      "WordPress/6.4; https://blog.example", "Symfony HttpClient (Curl)", "Jakarta Commons-HttpClient/3.1",
    ])
  func tools(userAgent: String) throws { try check(userAgent) }

  @Test(
    "are readers of feeds, previewers and crawlers",
    arguments: [
      "Feedly/1.0", "NewsBlur Feed Fetcher", "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)",
      "Tiny Tiny RSS/23.05", "FreshRSS/1.22.1 (Linux)", "Miniflux/2.0.50", "NetNewsWire (RSS Reader)",
      "facebookexternalhit/1.1", "TelegramBot (like TwitterBot)", "Slack-ImgProxy (+https://api.slack.com/robots)",
      "Twitterbot/1.0", "SkypeUriPreview", "Embedly/0.2", "Bitrix link preview", "WhatsApp/2.23.20.0 A",
      "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", "Pinterest/0.2",
      "Mediapartners-Google", "AdsBot-Google", "GoogleOther",
      "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) \(chrome) Mobile Safari/537.36 (compatible; GoogleOther)",
      "Mozilla/5.0 (X11; Linux x86_64; Storebot-Google/1.0) \(chrome) Safari/537.36",
      "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0); 360Spider", "Sogou web spider/4.0",
      "Mozilla/5.0 (compatible; YandexMetrika/2.0; +http://yandex.com/bots yabs01)", "Qwantify/2.4w",
      "Mozilla/5.0 (compatible; archive.org_bot +http://archive.org/details/archive.org_bot)",
      "Screaming Frog SEO Spider/19.0",
      "Mozilla/5.0 (Windows NT 6.1; Win64; x64; +http://url-classification.io/wiki/index.php?title=URL_server_crawler) KStandBot/1.0",
      "BUbiNG (+http://law.di.unimi.it/BUbiNG.html)",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; [redacted])",
      "Mozilla/5.0 (Linux; Android 5.0) \(webkit) Mobile Safari/537.36 (compatible; Bytespider; [redacted])",
      "Mozilla/5.0 \(webkit); compatible; Perplexity-User/1.0", "anthropic-ai", "ChatGPT-User/1.0", "CCBot/2.0",
      "meta-externalagent/1.1", "Claude-User/1.0", "cohere-ai", "DuckAssistBot/1.2", "Applebot/0.1",
      // Whoever runs it left an address, which capture took out.
      "Some Agent ([redacted])",
    ])
  func readers(userAgent: String) throws { try check(userAgent) }

  @Test(
    "are not people, whatever their devices and browsers are called",
    arguments: [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) \(chrome) Safari/537.36",
      "Mozilla/5.0 (Linux; Android 9; CUBOT_P20) \(webkit) Chrome/95.0.4638.74 Mobile Safari/537.36",
      "Mozilla/5.0 (Linux; Android 12; Robot S1 Build/x) \(chrome) Mobile Safari/537.36",
      "Mozilla/5.0 (Linux; Android 13; Spider X; wv) \(chrome) Mobile Safari/537.36",
      "Mozilla/5.0 (X11; Linux x86_64; Crawler Chromium fan) \(chrome) Safari/537.36",
      "Dalvik/2.1.0 (Linux; U; Android 12; Robot 5 Build/SP1A)",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Mobile/15E148 Instagram 309.0.0.28.114",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        + "[FBAN/FBIOS;FBAV/440.0.0.0]",
      "Mozilla/5.0 (Linux; Android 12; SM-G991B Build/SP1A; wv) \(webkit) Version/4.0 Chrome/119.0 Mobile Safari/537.36 "
        + "[FB_IAB/FB4A;FBAV/440.0]",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/290.0 "
        + "Mobile/15E148 Safari/604.1",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
        + "[Pinterest/iOS]",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
        + "Mobile/15E148 Safari/605.1.15 (Ecosia ios@10.2.1.1800)",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Flipboard/4.3.31",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 ChatGPT/1.2025.1",
      "MyShopApp/3.2 (com.example.shop; build:12; iOS 17.1.0) Alamofire/5.8", "DuckDuckGo/7.67 (iPhone; iOS 17.1)",
      "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) \(webkit) SamsungBrowser/3.0 TV Safari/537.36",
      "Opera/9.80 (Android; Opera Mini/7.5/191.273; U; en) Presto/2.12.423 Version/12.16",
      "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
      "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)", "Lynx/2.9.0dev.10 libwww-FM/2.14",
      "Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 (like Gecko)",
      "Mozilla/5.0 (X11; Linux x86_64) \(webkit) Ubuntu Chromium/99.0 Chrome/99.0 Safari/537.36 [number]",
    ])
  func people(userAgent: String) throws {
    let facts = try TestData.enricher().agent(userAgent)
    #expect(!facts.isBot && facts.deviceClass != "Bot")
  }

  @Test("may be named by their users, in any case, and a pattern that fits all is refused") func own() throws {
    let agents = try UserAgentDatabase(regexes: TestData.regexes, robots: ["acme-agent/", "^Inhouse"])
    let enricher = Enricher(agents: agents, rules: SiteRules())
    #expect(enricher.agent("ACME-Agent/2").isBot && enricher.agent("inhouse").isBot)
    #expect(!enricher.agent("an inhouse acme-agent").isBot)
    let phone = "Mozilla/5.0 (Linux; Android 12; acme-agent/ Build/x) \(chrome) Mobile Safari/537.36"
    #expect(enricher.agent(phone).isBot)
    for pattern in [".*", "a?", "(", "x|"] {
      #expect(throws: EnrichmentError.self, "\(pattern)") { try UserAgentDatabase.check(robot: pattern) }
    }
  }

  private func check(_ userAgent: String) throws {
    let facts = try TestData.enricher().agent(userAgent)
    #expect(facts.isBot && facts.deviceClass == "Bot")
  }
}
