/// How a visit came: by the words of its landing, then by its referrer. The rules are those of the large analytics
/// tools' default channel groups, with Millrace's ten channels in place of theirs; docs/channels.md has them in words.
struct ChannelTable {
  private let own: [String: MarketingChannel]
  private let referrers: ReferrerTable

  /// `own` decides before all else: words, or "source / medium", in any case.
  init(own: [String: MarketingChannel], referrers: ReferrerTable) {
    self.own = Dictionary(
      own.map { entry in
        let parts = entry.key.utf8.split(separator: UInt8(ascii: "/")).map { ChannelTable.normal($0) }
        return (parts.joined(separator: "/"), entry.value)
      }, uniquingKeysWith: { first, _ in first })
    self.referrers = referrers
  }

  /// Of a visit that no word tags.
  @inline(__always)
  func channel(referrer: UnsafeBufferPointer<UInt8>) -> MarketingChannel { referrers.channel(of: referrer) }

  /// Of a tagged landing; never `direct` because nothing is known: then nil.
  func channel(
    source: UnsafeBufferPointer<UInt8>, medium: UnsafeBufferPointer<UInt8>, referrer: UnsafeBufferPointer<UInt8>
  ) -> MarketingChannel? {
    let (sourceWord, mediumWord) = (ChannelTable.normal(source), ChannelTable.normal(medium))
    if !own.isEmpty, let mapped = own["\(sourceWord)/\(mediumWord)"] ?? own[mediumWord] ?? own[sourceWord] {
      return mapped
    }
    let isSilent = ChannelWords.silent.contains(mediumWord)
    if isSilent, ChannelWords.silent.contains(sourceWord) {
      // A campaign's name alone says nothing of the way; the referrer may.
      let channel = referrer.isEmpty ? .direct : referrers.channel(of: referrer)
      return channel == .direct ? nil : channel
    }
    let meaning = ChannelWords.meaning(ofMedium: mediumWord)
    if case .firm(let channel)? = meaning { return channel }
    if let channel = ChannelWords.sources[sourceWord] ?? referrers.listed(host: source)
      ?? ChannelWords.network(in: sourceWord)
    {
      return channel
    }
    switch meaning {
    case .firm(let channel): return channel
    case .leaning(let fallback): return fallback
    case nil: return isSilent && ReferrerTable.isHost(source) ? .referral : nil
    }
  }

  /// "source / medium", for the list of words that nobody knows.
  static func words(source: UnsafeBufferPointer<UInt8>, medium: UnsafeBufferPointer<UInt8>) -> String {
    String(decoding: source, as: UTF8.self) + " / " + String(decoding: medium, as: UTF8.self)
  }

  /// In small letters, without blanks, hyphens, underscores and dots between words: "Paid Social" is "paid-social".
  static func normal(_ text: some Sequence<UInt8>) -> String {
    var bytes: [UInt8] = []
    for byte in text {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "+"): continue
      default: bytes.append(ASCIIText.lower(byte))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
