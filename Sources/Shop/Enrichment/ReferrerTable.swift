/// Channels by referrer. Names are found by a hash that grows label by label from the host's end, so a host costs one
/// pass whatever the number of names.
struct ReferrerTable {
  private struct Entry {
    var name: [UInt8]
    var channel: MarketingChannel
    /// The name itself and its start page only: other parts of an engine's name are ordinary sites.
    var isExact: Bool
  }

  /// Apart from the entries, so that a name that is in no table, which most labels are, costs the look at one number.
  private struct Slot {
    var hash: UInt64 = 0
    /// Place of the entry; below 0: free.
    var entry: Int32 = -1
  }

  private var entries: [Entry] = []
  /// Open addressing, at most a quarter full.
  private var slots: [Slot]
  private let mask: Int

  /// Own hosts win over the directory.
  init(ownHosts: [String]) {
    let names: [(String, MarketingChannel, Bool)] =
      ownHosts.map { ($0, .direct, false) }
      + SiteDirectory.portals.map { ($0, .search, true) } + SiteDirectory.search.map { ($0, .search, false) }
      + SiteDirectory.social.map { ($0, .social, false) } + SiteDirectory.email.map { ($0, .email, false) }
      + SiteDirectory.display.map { ($0, .display, false) } + SiteDirectory.affiliate.map { ($0, .affiliate, false) }
    var capacity = 16
    while capacity < names.count * 4 { capacity *= 2 }
    slots = Array(repeating: Slot(), count: capacity)
    mask = capacity - 1
    for (name, channel, isExact) in names {
      let bytes = name.utf8.map(ASCIIText.lower)
      guard !bytes.isEmpty, bytes.count <= Limits.hostBytes else { continue }
      let hash = bytes.reversed().reduce(ReferrerTable.seed, ReferrerTable.mix)
      var slot = Int(truncatingIfNeeded: hash >> 32) & mask
      while slots[slot].entry >= 0, entries[Int(slots[slot].entry)].name != bytes { slot = (slot + 1) & mask }
      guard slots[slot].entry < 0 else { continue }
      slots[slot] = Slot(hash: hash, entry: Int32(entries.count))
      entries.append(Entry(name: bytes, channel: channel, isExact: isExact))
    }
  }

  /// `direct` for no referrer, one without a host, or an own host; `referral` for a host that the tables do not know.
  func channel(of referrer: UnsafeBufferPointer<UInt8>) -> MarketingChannel {
    guard let host = ReferrerTable.host(of: referrer) else { return .direct }
    return listed(host: host) ?? .referral
  }

  /// What the tables say about a host; nil: nothing.
  func listed(host: UnsafeBufferPointer<UInt8>) -> MarketingChannel? {
    guard host.count <= Limits.hostBytes else { return nil }
    var channel: MarketingChannel?
    var hash = ReferrerTable.seed
    var index = host.count
    while index > 0 {
      index &-= 1
      hash = ReferrerTable.mix(hash, ASCIIText.lower(host[index]))
      if index == 0 || host[index &- 1] == UInt8(ascii: ".") {
        // Longer names come later in this pass and replace what shorter ones said.
        if let found = find(hash, UnsafeBufferPointer(rebasing: host[index...])),
          !found.isExact || ReferrerTable.isStartPage(host[..<index])
        {
          channel = found.channel
        }
      }
    }
    return channel
  }

  private func find(_ hash: UInt64, _ name: UnsafeBufferPointer<UInt8>) -> (channel: MarketingChannel, isExact: Bool)? {
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    while slots[slot].entry >= 0 {
      if slots[slot].hash == hash {
        let entry = entries[Int(slots[slot].entry)]
        if entry.name.count == name.count, zip(entry.name, name).allSatisfy({ $0 == ASCIIText.lower($1) }) {
          return (entry.channel, entry.isExact)
        }
      }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  /// What stands before an engine's name where people search: nothing, "www.", a phone's or a plain page, pictures, the
  /// page of a country.
  private static func isStartPage(_ prefix: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard !prefix.isEmpty else { return true }
    return startPages.contains {
      $0.utf8.count == prefix.count && zip($0.utf8, prefix).allSatisfy { $0 == ASCIIText.lower($1) }
    }
  }

  private static let startPages =
    [
      "www", "www2", "www4", "m", "wap", "mobile", "images", "image", "encrypted", "cse", "ipv4", "ipv6", "search",
      "lite",
    ]
    .map { $0 + "." }
    + ["html", "safe", "start", "cn", "uk", "us", "de", "fr", "es", "it", "jp", "br", "in", "ca", "mx", "au"].map {
      $0 + "."
    }

  /// Whether a source is written as a host: labels, and a last one of letters.
  static func isHost(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let labels = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard labels.count >= 2, let last = labels.last, last.count >= 2 else { return false }
    return last.allSatisfy { ($0 | 0x20) &- 0x61 < 26 }
      && labels.allSatisfy { label in
        !label.isEmpty
          && label.allSatisfy { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == UInt8(ascii: "-") }
      }
  }

  // FNV-1a: one multiplication a byte, and it can stop at any label.
  private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

  @inline(__always)
  private static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
    (hash ^ UInt64(byte)) &* 0x100_0000_01b3
  }

  /// The host of an absolute URL without user, port and final dot; nil when there is none. As browsers do, a backslash
  /// ends the host too, so `https://evil.example\.google.com` is evil.example.
  static func host(of url: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    var start = 0
    while start < url.count, isSchemeByte(url[start]) { start &+= 1 }
    guard start > 0, start &+ 3 <= url.count, url[start] == UInt8(ascii: ":"), url[start &+ 1] == UInt8(ascii: "/"),
      url[start &+ 2] == UInt8(ascii: "/")
    else { return nil }
    start &+= 3
    var end = start
    var portStart: Int?
    while end < url.count {
      switch url[end] {
      case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\\"):
        return trimmed(url, start, portStart ?? end)
      case UInt8(ascii: "@"):
        start = end &+ 1
        portStart = nil
      case UInt8(ascii: ":"):
        if portStart == nil { portStart = end }
      case UInt8(ascii: "]"):
        portStart = nil
      default:
        break
      }
      end &+= 1
    }
    return trimmed(url, start, portStart ?? end)
  }

  private static func trimmed(
    _ url: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
  ) -> UnsafeBufferPointer<UInt8>? {
    let end = end > start && url[end &- 1] == UInt8(ascii: ".") ? end &- 1 : end
    return end > start ? UnsafeBufferPointer(rebasing: url[start..<end]) : nil
  }

  @inline(__always)
  private static func isSchemeByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: ".")
  }
}
