/// The UTM parameters of a landing's query, percent-decoded. Where they name no source or medium, the click id that the
/// advertising platform adds by itself does ("gclid" is google / cpc); the id itself, which stands for one click of one
/// person, is not kept.
struct LandingTags {
  var source: Slice<UnsafeBufferPointer<UInt8>>?
  var medium: Slice<UnsafeBufferPointer<UInt8>>?
  var campaign: Slice<UnsafeBufferPointer<UInt8>>?
  /// What the first click id says.
  private(set) var click: Click?

  struct Click {
    var source: String
    /// "": the id says where from, and not whether it was paid for.
    var medium: String
  }

  init(query: Slice<UnsafeBufferPointer<UInt8>>) {
    for pair in query.split(separator: UInt8(ascii: "&")) {
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
      var name = pair[..<equals]
      // A link that was escaped for a page once too often: "&amp;utm_medium=".
      if name.starts(with: "amp;".utf8) { name = name.dropFirst(4) }
      guard let first = name.first, name.count <= Self.longestName else { continue }
      let value = pair[(equals &+ 1)...]
      if first | 0x20 == UInt8(ascii: "u"), Self.equals(name, "utm_source") {
        source = value
      } else if first | 0x20 == UInt8(ascii: "u"), Self.equals(name, "utm_medium") {
        medium = value
      } else if first | 0x20 == UInt8(ascii: "u"), Self.equals(name, "utm_campaign") {
        campaign = value
      } else if click == nil, !value.isEmpty, Self.mayBeClick(first, name.count) {
        click = Self.clicks.first { Self.equals(name, $0.name) }.map { Click(source: $0.source, medium: $0.medium) }
      }
    }
  }

  /// Most names are no click's: a look at first letter and length tells.
  @inline(__always)
  private static func mayBeClick(_ first: UInt8, _ count: Int) -> Bool {
    shapes & (1 &<< (UInt64(first | 0x20) &* 7 &+ UInt64(count))) != 0
  }

  private static let longestName = max("utm_campaign".utf8.count, clicks.map(\.name.utf8CodeUnitCount).max() ?? 0)

  private static let shapes = clicks.reduce(UInt64(0)) { shapes, click in
    shapes | (1 &<< (UInt64(click.name.utf8Start[0] | 0x20) &* 7 &+ UInt64(click.name.utf8CodeUnitCount)))
  }

  private static func equals(_ name: Slice<UnsafeBufferPointer<UInt8>>, _ word: StaticString) -> Bool {
    guard name.count == word.utf8CodeUnitCount else { return false }
    for (index, byte) in name.enumerated() {
      let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
      if lower != word.utf8Start[index] { return false }
    }
    return true
  }

  /// In small letters. Platforms' own pages name them; https://support.google.com/analytics/answer/11242870 and
  /// Matomo's list of click ids have most.
  private static let clicks: [(name: StaticString, source: String, medium: String)] = [
    ("gclid", "google", "cpc"), ("gbraid", "google", "cpc"), ("wbraid", "google", "cpc"),
    ("gad_source", "google", "cpc"),
    ("gad_campaignid", "google", "cpc"), ("dclid", "dv360", "cpm"), ("srsltid", "google", "organic"),
    ("msclkid", "bing", "cpc"), ("yclid", "yandex", "cpc"), ("ysclid", "yandex", "organic"), ("s_kwcid", "", "cpc"),
    ("fbclid", "facebook", ""), ("igshid", "instagram", ""), ("igsh", "instagram", ""), ("ttclid", "tiktok", "cpc"),
    ("twclid", "twitter", "cpc"), ("li_fat_id", "linkedin", "cpc"), ("epik", "pinterest", ""),
    ("sccid", "snapchat", "cpc"),
    ("rdt_cid", "reddit", "cpc"), ("qclid", "quora", "cpc"), ("vkclid", "vk", "cpc"),
    ("tblci", "taboola", "native"), ("dicbo", "outbrain", "native"), ("obclid", "outbrain", "native"),
    ("cto_pld", "criteo", "display"), ("mc_cid", "mailchimp", "email"), ("mc_eid", "mailchimp", "email"),
    ("_hsenc", "hubspot", "email"), ("_hsmi", "hubspot", "email"), ("mkt_tok", "marketo", "email"),
    ("_kx", "klaviyo", "email"), ("vero_id", "vero", "email"), ("ml_subscriber", "mailerlite", "email"),
    ("irclickid", "impact", "affiliate"), ("awc", "awin", "affiliate"), ("cjevent", "cj", "affiliate"),
    ("sscid", "shareasale", "affiliate"), ("ransiteid", "rakuten", "affiliate"), ("ranmid", "rakuten", "affiliate"),
    ("tduid", "tradedoubler", "affiliate"), ("clickref", "partnerize", "affiliate"), ("ndclid", "nextdoor", "cpc"),
    ("mibextid", "facebook", ""), ("_ke", "klaviyo", "email"), ("dm_i", "dotdigital", "email"),
    ("oly_enc_id", "omeda", "email"), ("elqtrackid", "eloqua", "email"), ("bta_tid", "bronto", "email"),
    ("ck_subscriber_id", "kit", "email"), ("vero_conv", "vero", "email"), ("wickedid", "wicked", "email"),
    ("ttd_uuid", "thetradedesk", "display"),
  ]
}
