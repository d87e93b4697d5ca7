/// What enters the run ledger. The raw values are the ledger's names, and never change.
package enum JobKind: String, CaseIterable, Sendable {
  case capture
  case project
  case replay
  case rollback
  case backup
  case logCopy = "log copy"
  case sanitize

  /// The job that a word of the command line names; nil: none.
  package init?(word: String) {
    guard let kind = JobKind.allCases.first(where: { $0.word == word }) else { return nil }
    self = kind
  }

  /// The job that a run's name in the ledger stands for; nil: one that this program does not have.
  package init?(entry: String) {
    guard let kind = JobKind.allCases.first(where: { $0.rawValue == entry || $0.mart(of: entry) != nil }) else {
      return nil
    }
    self = kind
  }

  /// As one word of a command line.
  package var word: String { rawValue.replacing(" ", with: "-") }

  /// Whether each mart has runs of its own, whose name in the ledger ends with the mart's.
  package var isPerMart: Bool { self == .replay || self == .rollback }

  /// What a run is called in the ledger.
  func entry(of mart: String?) -> String { mart.map { "\(rawValue) \($0)" } ?? rawValue }

  /// The mart of a run's name in the ledger; nil: the run is of another kind.
  package func mart(of entry: String) -> String? {
    guard isPerMart, entry.hasPrefix("\(rawValue) ") else { return nil }
    return String(entry.dropFirst(rawValue.count + 1))
  }
}
