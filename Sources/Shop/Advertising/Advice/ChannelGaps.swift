/// Channels that only one of the two sides knows: spend under a name that no visit has, or visits that nothing was
/// spent on where it usually is. Mostly the two sides call one channel by two names.
package enum ChannelGaps {
  /// Channels that people come by without money.
  private static let free: Set<String> = [AdvertisingHistory.directChannel, "referral", "email"]

  /// One sentence each; nothing where either side is not known at all.
  package static func notes(_ history: AdvertisingHistory) -> [String] {
    var spend: [String: Int64] = [:]
    var visitors: [String: Int64] = [:]
    for (index, key) in history.rows.enumerated() {
      let total = history.total(index)
      spend[key.channel, default: 0] &+= total.spendMinor
      visitors[key.channel, default: 0] &+= total.visitors
    }
    return notes(spend: spend, visitors: visitors)
  }

  /// The same from sums by channel's name; "unknown" is what no word or table knows.
  package static func notes(spend: [String: Int64], visitors: [String: Int64]) -> [String] {
    guard spend.values.contains(where: { $0 > 0 }), visitors.values.contains(where: { $0 > 0 }) else { return [] }
    var notes: [String] = []
    let paid = spend.filter { $0.value > 0 && visitors[$0.key, default: 0] == 0 }.keys.sorted()
    if !paid.isEmpty {
      notes.append(
        "\(paid.joined(separator: ", ")): spend, and no visit that came this way; see what links are tagged with "
          + "(millrace report utm-words) and map it under channels: in millrace.yaml")
    }
    let unpaid = visitors.filter { $0.value > 0 && spend[$0.key, default: 0] == 0 && !free.contains($0.key) }.keys
      .filter { $0 != "unknown" }.sorted()
    if !unpaid.isEmpty {
      notes.append(
        "\(unpaid.joined(separator: ", ")): visits, and no spend; if these were paid for, send their sheets or correct "
          + "the channel there")
    }
    if visitors["unknown", default: 0] > 0 {
      notes.append(
        "unknown: \(visitors["unknown", default: 0]) visitors came by links whose words name no channel "
          + "(millrace report utm-words); they count for no row of a plan")
    }
    return notes
  }
}
