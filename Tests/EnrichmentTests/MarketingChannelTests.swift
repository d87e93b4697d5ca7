import Testing

@testable import Enrichment

@Suite("A marketing channel")
struct MarketingChannelTests {
  @Test("keeps its stored value and its name") func values() {
    let names = [
      "search", "social", "email", "referral", "affiliate", "display", "trade_show", "webinar", "cold_call", "direct",
    ]
    #expect(MarketingChannel.allCases.map(\.name) == names)
    #expect(MarketingChannel.allCases.map(\.rawValue) == Array(1...10))
  }

  @Test(
    "comes from a lead source",
    arguments: [
      ("LinkedIn Ads", MarketingChannel.social), ("Google Search", .search), ("trade show", .tradeShow),
      ("email", .email), ("Search", .search), ("social", .social), ("trade-show", .tradeShow), ("direct", .direct),
      ("Webinar", .webinar), (" COLD CALL\t", .coldCall), ("referral", .referral), ("", nil), (" ", nil),
      ("billboard", nil),
      ("Google", nil), ("trade show 2026", nil), ("trade\u{0}show", nil),
    ] as [(String, MarketingChannel?)])
  func leadSources(text: String, channel: MarketingChannel?) {
    #expect(MarketingChannel.leadSource(text) == channel)
  }

  @Test(
    "comes from a campaign's parameters",
    arguments: [
      ("google", "cpc", MarketingChannel.search), ("bing", "ppc", .search), ("", "paid_search", .search),
      ("duckduckgo", "organic", .search), ("google", "", .search), ("bing", "whatever", .search),
      ("facebook", "social", .social), ("LinkedIn", "", .social), ("x", "", .social), ("reddit", "post", .social),
      ("newsletter", "", .email), ("june", "EMAIL", .email), ("partner", "affiliate", .affiliate),
      ("network", "display", .display), ("network", "banner", .display), ("blog", "referral", .referral),
      ("google", "email", .email), ("facebook", "cpc", .social), ("unknown", "unknown", nil), ("", "", nil),
      ("xx", "cp", nil),
      // What is paid for goes by its source, as in the default channel groups of the large tools.
      ("linkedin", "cpc", .social), ("ig", "paid", .social), ("meta", "paid-social", .social), ("fb", "CPM", .social),
      ("google", "paid search", .search), ("google", "sem", .search), ("microsoft ads", "cpc", .search),
      ("dv360", "cpm", .display), ("adnet", "cpm", .display), ("criteo", "retargeting", .display),
      ("youtube", "video", .social), ("tiktok", "paid_social", .social), ("pinterest", "ppc", .social),
      // Spellings.
      ("mailchimp", "e-mail", .email), ("x", "Email_Marketing", .email), ("mailchimp", "newsletter", .email),
      ("awin", "affiliates", .affiliate), ("awin", "", .affiliate), ("cj", "cpa", .affiliate),
      ("facebook.com", "referral", .social), ("www.google.com", "organic", .search), ("l.instagram.com", "", .social),
      // A network's name within a source.
      ("fb_ads", "cpc", .social), ("fb-ig", "cpc", .social), ("facebook_instagram", "paid", .social),
      ("tiktok-eu", "ppc", .social), ("IGShopping", "", .social), ("google", "cpm", .search),
      // A source that is a site is one.
      ("chatgpt.com", "", .referral), ("partner.example", "(none)", .referral), ("spring.2026", "", nil),
      // Nobody's words.
      ("spring", "qr", nil), ("flyer", "", nil), ("", "print", nil), ("news", "push", nil), ("", "(not set)", nil),
      ("summer", "research", nil),
    ] as [(String, String, MarketingChannel?)])
  func campaigns(source: String, medium: String, channel: MarketingChannel?) throws {
    let enricher = try TestData.enricher()
    #expect(enricher.request(source: source, medium: medium, campaign: "c").channel == channel)
  }

  /// Goal: what Millrace calls a channel it understands where others write it.
  @Test("is understood by its own name, as medium and as source", arguments: MarketingChannel.allCases)
  func ownNames(channel: MarketingChannel) throws {
    let enricher = try TestData.enricher()
    for name in [
      channel.name, channel.name.uppercased(), channel.name.replacing("_", with: "-"),
      channel.name.replacing("_", with: " "), channel.name.replacing("_", with: ""),
    ] {
      #expect(enricher.request(source: "nowhere", medium: name).channel == channel, "\(name)")
      #expect(enricher.request(source: name).channel == channel, "\(name)")
      #expect(MarketingChannel(named: name) == channel)
    }
  }

  @Test("of unknown words is what millrace.yaml says, and they are told otherwise") func ownWords() throws {
    let rules = SiteRules(channels: [
      "QR": .tradeShow, "spring / flyer": .display, "our-app": .email, "cpc": .affiliate,
    ])
    let enricher = Enricher(agents: try TestData.agents.get(), rules: rules)
    #expect(enricher.request(source: "any", medium: "qr").channel == .tradeShow)
    #expect(enricher.request(source: "Spring", medium: "Flyer").channel == .display)
    #expect(enricher.request(source: "autumn", medium: "flyer").channel == nil)
    #expect(enricher.request(source: "our_app").channel == .email)
    // Own words go before those that Millrace knows.
    #expect(enricher.request(source: "google", medium: "cpc").channel == .affiliate)
    #expect(enricher.request(source: "autumn", medium: "flyer").unknownWords == "autumn / flyer")
    #expect(enricher.request(source: "our_app").unknownWords == "" && enricher.request().unknownWords == "")
  }

  @Test("of a campaign wins over the referrer") func precedence() throws {
    let enricher = try TestData.enricher()
    let google = "https://www.google.com/"
    #expect(enricher.request(referrer: google, source: "june", medium: "email").channel == .email)
    #expect(enricher.request(referrer: google, source: "odd", medium: "odd").channel == nil)
    #expect(enricher.request(referrer: google, campaign: "only").channel == .search)
  }

  @Test(
    "comes from a referrer",
    arguments: [
      ("", MarketingChannel.direct), ("-", .direct), ("https://shop.electroniz.example/products/1?x=1", .direct),
      ("https://SHOP.Electroniz.Example", .direct), ("https://www.shop.electroniz.example:8443/", .direct),
      ("https://notshop.electroniz.example.evil.example/", .referral), ("https://xshop.electroniz.example/", .referral),
      ("https://www.google.com/search?q=a", .search), ("http://google.co.uk", .search),
      ("https://www.google.com.br/", .search),
      ("https://google.de./", .search), ("https://news.google.fr/", .referral), ("https://www.google.com.ar/", .search),
      ("https://google.com/", .search),
      ("https://support.google.com/", .referral), ("https://translate.google.com/", .referral),
      ("https://images.google.de/", .search), ("https://mail.google.com/mail", .email),
      ("https://mail.yahoo.com/", .email), ("android-app://com.google.android.gm/", .email),
      ("https://www.yahoo.com/", .search), ("https://r.search.yahoo.com/", .search),
      ("https://tpc.googlesyndication.com/", .display), ("https://lm.facebook.com/", .social),
      ("android-app://com.linkedin.android/", .social), ("https://web.whatsapp.com/", .social),
      ("https://chatgpt.com/", .referral), ("https://copilot.microsoft.com/", .referral),
      ("https://www.paypal.com/", .referral), ("app://something", .referral),
      ("https://google.com.evil.example/", .referral), ("https://google.evil.example/", .referral),
      ("https://notgoogle.com/", .referral), ("https://www.bing.com/", .search), ("https://duckduckgo.com/", .search),
      ("https://uk.search.yahoo.com/", .search), ("https://finance.yahoo.com/", .referral),
      ("android-app://com.google.android.googlequicksearchbox/", .search),
      ("https://l.facebook.com/l.php?u=x", .social),
      ("https://go.mail.ru/search", .search), ("https://my.mail.ru/", .social), ("https://news.mail.ru/1/", .referral),
      ("https://e.mail.ru/inbox/", .email), ("https://yandex.ua/", .search), ("https://yandex.com.am/", .search),
      ("https://music.yandex.ru/", .referral), ("https://baike.baidu.com/item/x", .referral),
      ("https://m.baidu.com/", .search), ("https://cn.bing.com/", .search), ("https://help.duckduckgo.com/", .referral),
      ("https://html.duckduckgo.com/html/", .search), ("https://lite.qwant.com/", .search),
      ("https://blog.ecosia.org/post", .referral), ("https://search.seznam.cz/", .search),
      ("https://www.meetup.com/", .social), ("https://b.hatena.ne.jp/", .social), ("https://vk.ru/", .social),
      ("https://t.co/abc", .social), ("https://x.com", .social), ("https://netflix.com/", .referral),
      ("https://www.linkedin.com/feed", .social), ("https://old.reddit.com/r/x", .social),
      ("https://partner.example/a", .referral), ("https://user:pass@www.google.com:443/", .search),
      ("https://www.google.com@evil.example/", .referral), ("https://evil.example/@www.google.com", .referral),
      ("https://evil.example\\@www.google.com/", .referral),
      ("https://evil.example?x=https://www.google.com/", .referral),
      ("https://evil.example#@www.google.com", .referral), ("http://203.0.113.9/", .referral),
      ("http://[2001:db8::1]:80/", .referral), ("http://[2001:db8::1]", .referral), ("www.google.com", .direct),
      ("https://", .direct), ("https:///path", .direct), ("://x", .direct), ("about:blank", .direct),
      ("https:/x", .direct),
      ("http://.", .direct), ("http://..", .referral), ("http://:80/", .direct), ("http://a\u{0}b/", .referral),
    ])
  func referrers(referrer: String, channel: MarketingChannel) throws {
    #expect(try TestData.enricher().request(referrer: referrer).channel == channel)
  }

  @Test("needs no long look at a hostile referrer") func hostileReferrers() throws {
    let enricher = try TestData.enricher()
    #expect(enricher.request(referrer: "https://" + String(repeating: "a.", count: 500_000)).channel == .referral)
    #expect(enricher.request(referrer: String(repeating: "a", count: 1_000_000)).channel == .direct)
    #expect(enricher.request(referrer: "https://" + String(repeating: "@", count: 1_000_000)).channel == .direct)
  }
}
