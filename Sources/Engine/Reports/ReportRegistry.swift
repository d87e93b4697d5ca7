/// The reports there are, and what follows from their list: names for help texts and typing mistakes, and the options of a
/// command that takes any of them.
package struct ReportRegistry: Sendable {
  /// In the order of help texts.
  package let reports: [ReportDefinition]

  /// Names must differ, and options of one name be of one kind: both are mistakes of ours, not of data.
  package init(_ reports: [ReportDefinition]) {
    precondition(Set(reports.map(\.name)).count == reports.count, "two reports of one name")
    var kinds: [String: ReportOption.Kind] = [:]
    for option in reports.flatMap(\.options) {
      let known = kinds[option.name] ?? option.kind
      guard let merged = known.merged(with: option.kind) else {
        preconditionFailure("option \(option.name) has two kinds")
      }
      kinds[option.name] = merged
    }
    self.reports = reports
  }

  /// Of all reports.
  package var names: [String] { reports.map(\.name) }

  /// The report of this name, or nil.
  package func report(named name: String) -> ReportDefinition? { reports.first { $0.name == name } }

  /// One line for each report: its name and its meaning, aligned.
  package var list: String {
    let width = (names.map(\.count).max() ?? 0) + 2
    return reports.map { report in
      "  " + report.name + String(repeating: " ", count: width - report.name.count) + report.meaning
    }.joined(separator: "\n")
  }

  /// Every option that some report takes, once, in the order in which they are first named; its help says what it means for
  /// which reports.
  package var options: [(name: String, kind: ReportOption.Kind, help: String)] {
    var found: [(name: String, kind: ReportOption.Kind, help: String)] = []
    for option in reports.flatMap(\.options) where !found.contains(where: { $0.name == option.name }) {
      let all = reports.compactMap { $0.option(named: option.name)?.kind }
      let kind = all.reduce(option.kind) { $0.merged(with: $1) ?? $0 }
      found.append((option.name, kind, help(of: option.name)))
    }
    return found
  }

  /// "first day of the window (default: 12 months; 30 days for site-traffic)", or, where the option means different things,
  /// "top-devices: how many rows (default: 5); popular-products: …".
  private func help(of name: String) -> String {
    var meanings: [(meaning: String, fallbacks: [(text: String?, reports: [String])])] = []
    for report in reports {
      guard let option = report.option(named: name) else { continue }
      let text = name == ReportOption.from.name ? report.window?.words : option.fallbackText
      if !meanings.contains(where: { $0.meaning == option.meaning }) { meanings.append((option.meaning, [])) }
      guard let meaning = meanings.firstIndex(where: { $0.meaning == option.meaning }) else { continue }
      if let known = meanings[meaning].fallbacks.firstIndex(where: { $0.text == text }) {
        meanings[meaning].fallbacks[known].reports.append(report.name)
      } else {
        meanings[meaning].fallbacks.append((text, [report.name]))
      }
    }
    let takers = meanings.flatMap { $0.fallbacks.flatMap(\.reports) }
    return meanings.map { meaning, fallbacks in
      let names = fallbacks.flatMap(\.reports).joined(separator: ", ")
      let isShared = meanings.count == 1 && takers.count > 1
      return (isShared ? "" : names + ": ") + meaning + ReportRegistry.fallback(fallbacks)
    }.joined(separator: "; ")
  }

  /// " (default: A; B for x, y)"; the first report's comes first and needs no name.
  private static func fallback(_ fallbacks: [(text: String?, reports: [String])]) -> String {
    let said = fallbacks.compactMap { fallback in fallback.text.map { (text: $0, reports: fallback.reports) } }
    guard let first = said.first else { return "" }
    let others = said.dropFirst().map { "; \($0.text) for \($0.reports.joined(separator: ", "))" }
    return " (default: " + first.text + others.joined() + ")"
  }
}
