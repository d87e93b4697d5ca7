/// Sites whose visitors came by search or from a social network. A host belongs to the longest name here that it
/// equals or is a subdomain of. Part of `EnrichmentRules.version`.
enum SiteDirectory {
  static let search: [String] = [
    "search.brave.com", "search.aol.com", "search.yahoo.com", "search.yahoo.co.jp", "search.naver.com",
    "search.daum.net", "search.lycos.com", "metager.de", "mojeek.com", "swisscows.com", "presearch.com", "dogpile.com",
    "com.google.android.googlequicksearchbox", "search.marginalia.nu", "search.rambler.ru", "nova.rambler.ru",
    "search.gmx.net", "search.gmx.com", "suche.web.de", "search.t-online.de", "search.becovi.com", "lens.google.com",
    "go.mail.ru", "search.ukr.net", "search.smt.docomo.ne.jp", "search.auone.jp", "websearch.rakuten.co.jp",
    "search.xyz", "info.com", "yep.com", "gibiru.com",
  ]

  /// Search is their start page; mail, news, help and the like under their names are other sites.
  static let portals: [String] =
    [
      "google.com", "google.co.uk", "google.cat", "yahoo.com", "yahoo.co.jp", "msn.com", "aol.com", "naver.com",
      "bing.com", "duckduckgo.com", "ecosia.org", "startpage.com", "qwant.com", "kagi.com", "ask.com", "ya.ru",
      "baidu.com", "sogou.com", "so.com", "seznam.cz",
    ]
    + googleCountries
    + [
      "com", "ru", "kz", "by", "uz", "ua", "com.tr", "com.am", "com.ge", "az", "md", "co.il", "ee", "lt", "lv", "tj",
      "tm", "fr", "eu",
    ]
    .map { "yandex.\($0)" }

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
    "my.mail.ru", "vk.ru", "vkontakte.ru", "discordapp.com", "meetup.com", "yelp.com", "tripadvisor.com",
    "tripadvisor.co.uk", "tripadvisor.ca", "tripadvisor.de", "tripadvisor.fr", "disqus.com", "slashdot.org", "digg.com",
    "zhihu.com", "douban.com", "ameblo.jp", "hatena.ne.jp", "mixi.jp", "livejournal.com", "fosstodon.org",
    "truthsocial.com", "bilibili.com", "slack.com", "com.slack", "deviantart.com", "goodreads.com",
    "foursquare.com", "stackoverflow.com", "stackexchange.com", "trustpilot.com", "viadeo.com", "yammer.com",
    "getpocket.com", "instapaper.com", "scoop.it", "plurk.com", "taringa.net", "odnoklassniki.ru", "renren.com",
    "groups.google.com", "glassdoor.com", "hi5.com", "last.fm", "myspace.com", "couchsurfing.com", "wykop.pl",
    "vimeo.com", "twitch.tv", "tieba.baidu.com", "com.facebook.orca", "telegram.org", "line.me", "nextdoor.com",
  ]

  /// Mail programs and mail sites.
  static let email: [String] = [
    "mail.google.com", "com.google.android.gm", "mail.yahoo.com", "mail.yahoo.co.jp", "outlook.live.com",
    "outlook.office.com", "outlook.office365.com", "outlook.com", "mail.live.com", "com.microsoft.office.outlook",
    "mail.aol.com", "mail.yandex.ru", "mail.yandex.com", "email.seznam.cz", "e.mail.ru", "light.mail.ru",
    "touch.mail.ru", "octavius.mail.ru", "mail.qq.com", "webmail.freenet.de",
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
