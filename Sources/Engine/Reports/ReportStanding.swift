package import EventLog
package import Money

/// Where the data stood when the report was made.
package struct ReportStanding: Sendable, Equatable {
  /// How far one mart had absorbed one partition.
  package struct Position: Sendable, Equatable {
    /// The mart's name.
    package var mart: String
    /// The partition's topic.
    package var topic: String
    /// The partition's number, from 0.
    package var partition: Int32
    /// Offset of the next record that the mart has not absorbed.
    package var nextOffset: Offset
  }

  /// The moment the figures stand for: that of the question, or the end of an earlier `--as-of` day.
  package var asOf: Timestamp
  /// Since when the least recent source has not been read; nil: some source has never told.
  package var ageSeconds: Int64?
  /// Who has never told, on one partition at least.
  package var silentSources: [String]
  /// Whether any source that the figures come from is configured.
  package var isAttended = true
  /// The age from which on the report is stale.
  package var freshnessLimitSeconds: Int64
  /// Of every mart that was read, in the order of its partitions.
  package var positions: [Position]
  /// Events in quarantine in the marts that were read.
  package var quarantined: Int64
  /// Newest event of the report's data; nil: there is none.
  package var newestEvent: Timestamp?

  /// Older than the users allow, or of unknown age. Figures whose sources are all switched off do not grow stale.
  package var isStale: Bool { ageSeconds.map { $0 > freshnessLimitSeconds } ?? isAttended }

  /// "data are 12 s old", "STALE: …".
  package var ageSentence: String {
    guard let ageSeconds else {
      if !isAttended { return "its sources are switched off: the figures stay as they were" }
      if silentSources.isEmpty { return "STALE: no source has said yet how far it was read" }
      let names = silentSources.joined(separator: ", source ")
      return "STALE: source \(names) has not said yet how far it was read"
    }
    let age = ReportStanding.duration(ageSeconds)
    if isStale {
      return "STALE: data are \(age) old, the limit is \(ReportStanding.duration(freshnessLimitSeconds))"
    }
    return "data are \(age) old"
  }

  /// Age, newest event and how many are left out, as one sentence for people.
  package var sentence: String {
    var text = ageSentence
    if let newestEvent { text += "; newest event \(newestEvent.iso)" }
    return text + "; \(groupedText(quarantined)) events in quarantine"
  }

  /// "Position: sales orders/0@12, …"; nil: the marts have absorbed nothing.
  package var positionSentence: String? {
    let places = positions.map { "\($0.mart) \($0.topic)/\($0.partition)@\($0.nextOffset)" }
    return places.isEmpty ? nil : "Position: \(places.joined(separator: ", "))"
  }

  static func duration(_ seconds: Int64) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) days"
    }
  }
}
