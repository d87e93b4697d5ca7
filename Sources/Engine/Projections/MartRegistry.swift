package import Reports

/// The marts there are, and what follows from their list: names for help texts and typing mistakes, the reports, and
/// what may be parked.
package struct MartRegistry: Sendable {
  /// In the order in which `status` lists them.
  package let marts: [MartDefinition]
  /// Every report, in the order of the marts that they belong to.
  package let reports: ReportRegistry

  /// Names must differ, and reports may read registered marts only: both are mistakes of ours, not of data.
  package init(_ marts: [MartDefinition]) {
    let names = Set(marts.map(\.name))
    precondition(names.count == marts.count, "two marts of one name")
    for report in marts.flatMap(\.reports) {
      precondition(
        names.isSuperset(of: report.marts + [report.newestEvent.mart]), "\(report.name) reads an unknown mart")
    }
    self.marts = marts
    reports = ReportRegistry(marts.flatMap(\.reports))
  }

  /// Of all marts, in their order.
  package var names: [String] { marts.map(\.name) }

  /// The mart of this name, or nil.
  package func mart(named name: String) -> MartDefinition? { marts.first { $0.name == name } }

  /// "sales, traffic or leads".
  package var choice: String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }

  /// Topics that some mart reads, sorted.
  package var topics: [String] { Array(Set(marts.flatMap(\.topics))).sorted() }

  /// What of each mart may wait for something that has not arrived.
  package var parked: [(mart: String, facts: [ParkedFacts])] { marts.map { ($0.name, $0.parked) } }
}
