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

  /// Of a channel's name in any case, its words joined by "_", "-" or a blank.
  package init?(named text: String) {
    let word = ChannelTable.normal(text.utf8)
    guard let known = MarketingChannel.allCases.first(where: { ChannelTable.normal($0.name.utf8) == word }) else {
      return nil
    }
    self = known
  }

  /// From a lead sheet's `lead_source`: a channel's name, or what sellers call one; in any case, with spaces around it.
  /// nil: unknown, shown as such, not guessed.
  package static func leadSource(_ text: String) -> MarketingChannel? {
    var text = text
    return text.withUTF8 { bytes in
      let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
      let head = bytes.drop(while: isSpace)
      guard let last = head.lastIndex(where: { !isSpace($0) }) else { return nil }
      let trimmed = UnsafeBufferPointer(rebasing: head[...last])
      if let known = leadSources.first(where: { ASCIIText.equals(trimmed, ignoringCase: $0.name) }) {
        return known.channel
      }
      let word = ChannelTable.normal(trimmed)
      return allCases.first { ChannelTable.normal($0.name.utf8) == word }
    }
  }

  private static let leadSources: [(name: StaticString, channel: MarketingChannel)] = [
    ("linkedin ads", .social), ("google search", .search), ("trade show", .tradeShow), ("webinar", .webinar),
    ("cold call", .coldCall), ("referral", .referral),
  ]
}
