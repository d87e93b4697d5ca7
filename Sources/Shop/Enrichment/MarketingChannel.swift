/// The one list of channels for UTM, referrers, lead sources and spend. Raw values are stored in marts: never change
/// one, only add.
package enum MarketingChannel: Int, CaseIterable, Sendable {
  case search = 1
  case social, email, referral, affiliate, display, tradeShow, webinar, coldCall, direct

  /// The name in reports: "search", …, "trade_show", "cold_call", "direct".
  package var name: String {
    switch self {
    case .search: "search"
    case .social: "social"
    case .email: "email"
    case .referral: "referral"
    case .affiliate: "affiliate"
    case .display: "display"
    case .tradeShow: "trade_show"
    case .webinar: "webinar"
    case .coldCall: "cold_call"
    case .direct: "direct"
    }
  }

  /// From a lead sheet's `lead_source`, in any case and with spaces around it. nil: unknown, shown as such, not
  /// guessed.
  package static func leadSource(_ text: String) -> MarketingChannel? {
    var text = text
    return text.withUTF8 { bytes in
      let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
      let head = bytes.drop(while: isSpace)
      guard let last = head.lastIndex(where: { !isSpace($0) }) else { return nil }
      let trimmed = UnsafeBufferPointer(rebasing: head[...last])
      return leadSources.first { ASCIIText.equals(trimmed, ignoringCase: $0.name) }?.channel
    }
  }

  private static let leadSources: [(name: StaticString, channel: MarketingChannel)] = [
    ("linkedin ads", .social), ("google search", .search), ("trade show", .tradeShow), ("webinar", .webinar),
    ("cold call", .coldCall), ("referral", .referral),
  ]
}

extension MarketingChannel {
  /// From a landing's UTM parameters; nil when neither says anything known. The medium decides, since it says how the
  /// visitor came; the source only where from. `google / email` is a newsletter, not a search.
  static func campaign(medium: UnsafeBufferPointer<UInt8>, source: UnsafeBufferPointer<UInt8>) -> MarketingChannel? {
    known(medium) ?? known(source)
  }

  private static func known(_ text: UnsafeBufferPointer<UInt8>) -> MarketingChannel? {
    guard !text.isEmpty else { return nil }
    return campaignWords.first { ASCIIText.equals(text, ignoringCase: $0.word) }?.channel
  }

  private static let campaignWords: [(word: StaticString, channel: MarketingChannel)] = [
    ("cpc", .search), ("organic", .search), ("email", .email), ("social", .social), ("affiliate", .affiliate),
    ("display", .display), ("referral", .referral), ("google", .search), ("facebook", .social), ("newsletter", .email),
    ("ppc", .search), ("paid_search", .search), ("banner", .display), ("bing", .search), ("duckduckgo", .search),
    ("linkedin", .social), ("instagram", .social), ("twitter", .social), ("x", .social), ("reddit", .social),
  ]
}
