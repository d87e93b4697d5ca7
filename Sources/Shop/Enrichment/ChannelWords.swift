/// Words of UTM parameters, as `ChannelTable.normal` writes them. Part of `EnrichmentRules.version`.
enum ChannelWords {
  enum Meaning: Equatable {
    /// The medium says how the visitor came, whatever the source.
    case firm(MarketingChannel)
    /// How it was paid for, or hardly anything: a known source decides, then this.
    case leaning(MarketingChannel?)
  }

  /// Says nothing.
  static let silent: Set<String> = [
    "", "(none)", "none", "(notset)", "notset", "null", "undefined", "nil", "n/a", "na", "(direct)", "(other)",
  ]

  static func meaning(ofMedium word: String) -> Meaning? {
    if silent.contains(word) { return nil }
    if let known = media[word] { return known }
    // "paid-social-video", "email_blast", "cpc-brand".
    for (part, channel) in parts where word.contains(part) { return .firm(channel) }
    return word.contains("cp") || word.hasPrefix("paid") || word.hasPrefix("ppc") ? .leaning(nil) : nil
  }

  private static let parts: [(String, MarketingChannel)] = [
    ("social", .social), ("email", .email), ("newsletter", .email), ("affiliate", .affiliate), ("display", .display),
    ("banner", .display), ("programmatic", .display), ("paidsearch", .search), ("webinar", .webinar),
    ("tradeshow", .tradeShow),
  ]

  private static let media: [String: Meaning] = {
    var words: [String: Meaning] = [:]
    // Every name of a channel is a word.
    for channel in MarketingChannel.allCases { words[ChannelTable.normal(channel.name.utf8)] = .firm(channel) }
    let firm: [(MarketingChannel, [String])] = [
      (.search, ["sem", "sea", "seo", "adwords", "googleads", "bingads", "searchads", "paidsearch", "organicsearch"]),
      (
        .social,
        ["socialnetwork", "socialmedia", "sm", "smm", "socialads", "paidsocial", "organicsocial", "influencer"]
      ),
      (.email, ["email", "mail", "newsletter", "emailing", "edm", "mailing", "drip"]),
      (.affiliate, ["affiliates", "affiliation", "aff", "partnerprogram"]),
      (
        .display,
        ["banner", "banners", "expandable", "interstitial", "gdn", "dsp", "native", "richmedia", "nativeads"]
      ),
      (.tradeShow, ["fair", "tradefair", "expo", "exhibition"]), (.webinar, ["webcast"]),
      (.coldCall, ["coldcalling", "telesales", "outboundcall"]),
    ]
    for (channel, names) in firm { for name in names { words[name] = .firm(channel) } }
    let leaning: [(MarketingChannel?, [String])] = [
      (.search, ["cpc", "ppc", "organic"]), (.display, ["cpm", "cpv", "retargeting", "remarketing"]),
      (.affiliate, ["cpa", "cps", "cpl"]), (.referral, ["referral", "referrer", "link", "partner", "backlink", "app"]),
      (nil, ["paid", "cpp", "ads", "ad", "video", "sponsored", "post", "shopping", "web", "website"]),
    ]
    for (channel, names) in leaning { for name in names { words[name] = .leaning(channel) } }
    // The channel's own name, but sites that are networks or engines name it, too.
    words["referral"] = .leaning(.referral)
    return words
  }()

  /// What a source's name says that holds a network's: "fb_ads", "facebook_instagram", "tiktok-eu"; nil: nothing.
  static func network(in source: String) -> MarketingChannel? {
    let isSocial =
      source.hasPrefix("fb") || source.hasSuffix("fb") || instagram.contains(source)
      || networks.contains { source.contains($0) }
    if isSocial { return .social }
    return displayNetworks.contains { source.contains($0) } ? .display : nil
  }

  private static let displayNetworks = ["criteo", "outbrain", "taboola", "adroll", "doubleclick"]

  private static let networks = [
    "facebook", "instagram", "tiktok", "linkedin", "twitter", "pinterest", "snapchat", "reddit", "youtube", "whatsapp",
  ]
  private static let instagram: Set<String> = [
    "igshopping", "igads", "igad", "igstory", "igstories", "igfeed", "igreels", "igbio", "igfb",
  ]

  static let sources: [String: MarketingChannel] = {
    let names: [(MarketingChannel, [String])] = [
      (
        .search,
        [
          "google", "googleads", "adwords", "googleadwords", "googlesearch", "googleshopping", "bing", "bingads",
          "microsoft", "microsoftads", "msn", "yahoo", "duckduckgo", "ddg", "ecosia", "yandex", "baidu", "naver",
          "startpage", "qwant", "brave", "sogou", "seznam", "kagi", "ask", "aol", "daum", "applesearchads", "search",
        ]
      ),
      (
        .social,
        [
          "facebook", "fb", "facebookads", "instagram", "ig", "instagramads", "meta", "metaads", "msg", "messenger",
          "an",
          "audiencenetwork", "threads", "th", "twitter", "x", "twitterads", "linkedin", "li", "linkedinads", "tiktok",
          "tiktokads", "youtube", "yt", "pinterest", "pinterestads", "reddit", "redditads", "snapchat", "snap",
          "whatsapp", "wa", "telegram", "tumblr", "vk", "vkontakte", "xing", "quora", "discord", "bluesky", "bsky",
          "mastodon", "weibo", "wechat", "line", "twitch", "vimeo", "social", "socialmedia",
        ]
      ),
      (
        .email,
        [
          "newsletter", "email", "mail", "mailchimp", "klaviyo", "sendgrid", "brevo", "sendinblue", "activecampaign",
          "constantcontact", "mailerlite", "campaignmonitor", "mailjet", "gmail", "outlook", "marketo", "hubspotemail",
          "emarsys", "cleverreach", "substack",
        ]
      ),
      (
        .affiliate,
        [
          "affiliate", "affiliates", "awin", "cj", "commissionjunction", "shareasale", "rakuten", "tradedoubler",
          "impact",
          "impactradius", "partnerize", "tradetracker", "clickbank", "admitad", "belboon", "zanox", "webgains",
          "flexoffers", "skimlinks",
        ]
      ),
      (
        .display,
        [
          "dv360", "doubleclick", "gdn", "googledisplay", "displayvideo360", "criteo", "taboola", "outbrain", "adroll",
          "thetradedesk", "ttd", "rtbhouse", "teads", "amazondsp", "xandr", "adform", "mgid", "revcontent", "display",
        ]
      ),
      (.direct, ["direct"]), (.referral, ["referral"]), (.tradeShow, ["tradeshow"]), (.webinar, ["webinar"]),
      (.coldCall, ["coldcall"]),
    ]
    var words: [String: MarketingChannel] = [:]
    for (channel, list) in names { for name in list { words[name] = channel } }
    return words
  }()
}
