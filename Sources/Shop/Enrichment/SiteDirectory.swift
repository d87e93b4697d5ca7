/// Sites whose visitors came by search or from a social network. A host belongs to the longest name here that it
/// equals or is a subdomain of. Part of `EnrichmentRules.version`.
enum SiteDirectory {
  static let search: [String] =
    [
      "bing.com", "duckduckgo.com", "ecosia.org", "startpage.com",
      "qwant.com", "search.brave.com",
      "kagi.com", "ask.com", "search.aol.com", "search.yahoo.com", "search.yahoo.co.jp", "yandex.com", "yandex.ru",
      "yandex.kz", "yandex.by", "yandex.com.tr", "ya.ru", "baidu.com", "sogou.com", "so.com", "search.naver.com",
      "search.daum.net", "seznam.cz", "search.lycos.com", "metager.de", "mojeek.com", "swisscows.com", "presearch.com",
      "com.google.android.googlequicksearchbox", "search.marginalia.nu", "search.rambler.ru", "search.gmx.net",
      "search.gmx.com", "suche.web.de", "search.t-online.de", "search.becovi.com", "lens.google.com",
    ]

  /// Search is their start page; mail, news, help and the like under their names are other sites.
  static let portals: [String] =
    ["google.com", "google.co.uk", "google.cat", "yahoo.com", "yahoo.co.jp", "msn.com", "aol.com", "naver.com"]
    + googleCountries

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
    "com.instagram.android", "com.reddit.frontpage", "com.pinterest", "com.snapchat.android",
    "com.zhiliaoapp.musically", "com.whatsapp", "org.telegram.messenger", "com.google.android.youtube", "lemmy.world",
    "vimeo.com", "twitch.tv", "tieba.baidu.com", "com.facebook.orca", "telegram.org", "line.me", "nextdoor.com",
  ]

  /// Parts of search engines' names where people read or write, and do not search: ordinary referrers.
  static let referral: [String] = [
    "news.google.com", "translate.google.com", "webcache.googleusercontent.com", "translate.yandex.com",
    "translate.yandex.ru", "market.yandex.ru", "pan.baidu.com",
  ]

  /// Mail programs and mail sites.
  static let email: [String] = [
    "mail.google.com", "com.google.android.gm", "mail.yahoo.com", "mail.yahoo.co.jp", "outlook.live.com",
    "outlook.office.com", "outlook.office365.com", "outlook.com", "mail.live.com", "com.microsoft.office.outlook",
    "mail.aol.com", "mail.yandex.ru", "mail.yandex.com", "email.seznam.cz", "mail.ru", "e.mail.ru", "mail.qq.com",
    "mail.163.com", "mail.proton.me", "mail.protonmail.com", "mail.zoho.com", "deref-gmx.net", "deref-web-02.de",
    "deref-mail.com", "webmail.t-online.de", "app.fastmail.com", "tutanota.com", "com.yahoo.mobile.client.android.mail",
  ]

  /// Networks that show advertisements.
  static let display: [String] = [
    "googlesyndication.com", "doubleclick.net", "googleadservices.com", "criteo.com", "criteo.net", "taboola.com",
    "outbrain.com", "adnxs.com", "adsrvr.org", "adform.net", "adroll.com", "teads.tv", "mgid.com",
  ]

  static let affiliate: [String] = [
    "awin1.com", "shareasale.com", "tradedoubler.com", "tradetracker.net", "linksynergy.com", "dpbolvw.net",
    "anrdoezrs.net", "jdoqocy.com", "kqzyfj.com", "tkqlhce.com", "pxf.io", "go.skimresources.com",
  ]
}
