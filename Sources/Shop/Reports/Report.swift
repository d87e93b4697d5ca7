package import Money

/// The answer to a `ReportRequest`, ready to be rendered.
package struct Report: Sendable {
  package var name: ReportName
  package var table: ReportTable
  /// Tables beside the main one: monthly sales in the base currency, purchases.
  package var extras: [ReportTable]
  /// Sentences about what the figures leave out or assume.
  package var notes: [String]
  package var window: DayWindow?
  package var standing: ReportStanding
}

/// Where the data stood when the report was made.
package struct ReportStanding: Sendable, Equatable {
  package struct Position: Sendable, Equatable {
    package var mart: String
    package var topic: String
    package var partition: Int32
    /// Offset of the next record that the mart has not absorbed.
    package var nextOffset: Int64
  }

  /// The moment the figures stand for: that of the question, or the end of an earlier `--as-of` day.
  package var asOf: Timestamp
  /// Since when the least recent source has not been read; nil: some source has never told.
  package var ageSeconds: Int64?
  /// Who has never told, on one partition at least.
  package var silentSources: [String]
  /// Whether any source that the figures come from is configured.
  package var isAttended = true
  package var freshnessLimitSeconds: Int64
  package var positions: [Position]
  /// Events in quarantine in the marts that were read.
  package var quarantined: Int64
  /// Newest event in the report's main mart; nil: there is none.
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

package struct ReportTable: Sendable, Equatable {
  /// Key in JSON: "rows", "base_rows", "purchases".
  package var key: String
  /// Heading for people; nil for the main table.
  package var title: String?
  package var columns: [ReportColumn]
  /// Each as long as `columns`.
  package var rows: [[ReportCell]]

  package init(key: String = "rows", title: String? = nil, columns: [ReportColumn], rows: [[ReportCell]]) {
    self.key = key
    self.title = title
    self.columns = columns
    self.rows = rows
  }
}

package struct ReportColumn: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case text
    /// A number that names something: not grouped, not summed.
    case identifier
    case count
    /// Minor units of the row's column `currency`; its name ends in `_minor`.
    case money
    /// Hundredths of a percent; its name ends in `_bp`.
    case basisPoints
  }

  /// Key in JSON and head in CSV, snake_case.
  package var name: String
  package var kind: Kind

  package init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

package enum ReportCell: Sendable, Equatable {
  case text(String)
  case integer(Int64)

  var integer: Int64 { if case .integer(let value) = self { value } else { 0 } }
  var text: String { if case .text(let value) = self { value } else { "" } }
}

extension ReportCell: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
}
