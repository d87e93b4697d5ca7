/// Sites whose visitors came by search or from a social network. A host belongs to the longest name here that it
/// equals or is a subdomain of. Part of `EnrichmentRules.version`.
enum SiteDirectory {
  static let search: [String] =
    [
      "google.com", "google.co.uk", "google.cat", "bing.com", "duckduckgo.com", "ecosia.org", "startpage.com",
      "qwant.com", "search.brave.com",
      "kagi.com", "ask.com", "search.aol.com", "search.yahoo.com", "search.yahoo.co.jp", "yandex.com", "yandex.ru",
      "yandex.kz", "yandex.by", "yandex.com.tr", "ya.ru", "baidu.com", "sogou.com", "so.com", "search.naver.com",
      "search.daum.net", "seznam.cz", "search.lycos.com", "metager.de", "mojeek.com", "swisscows.com", "presearch.com",
      "com.google.android.googlequicksearchbox",
    ] + googleCountries

  /// Google answers under most countries' names in one of three forms.
  private static let googleCountries = CountryCode.names.dropFirst().flatMap { name in
    let country = name.lowercased()
    return ["google.\(country)", "google.co.\(country)", "google.com.\(country)"]
  }

  static let social: [String] = [
    "facebook.com", "fb.com", "fb.me", "messenger.com", "instagram.com", "linkedin.com", "lnkd.in", "twitter.com",
    "t.co",
    "x.com", "reddit.com", "redd.it", "pinterest.com", "pin.it", "youtube.com", "youtu.be", "tiktok.com", "tumblr.com",
    "snapchat.com", "threads.net", "threads.com", "bsky.app", "mastodon.social", "mstdn.social", "vk.com", "ok.ru",
    "weibo.com", "xing.com", "quora.com", "flickr.com", "discord.com", "t.me", "wa.me", "whatsapp.com",
    "news.ycombinator.com", "com.linkedin.android", "com.facebook.katana", "com.twitter.android",
    "com.instagram.android", "com.reddit.frontpage",
  ]

  /// Parts of search engines' names where people read or write, and do not search: ordinary referrers.
  static let referral: [String] = [
    "mail.google.com", "docs.google.com", "drive.google.com", "sites.google.com", "groups.google.com",
    "accounts.google.com", "classroom.google.com", "chat.google.com", "mail.yandex.ru", "mail.yandex.com",
    "email.seznam.cz",
  ]
}
