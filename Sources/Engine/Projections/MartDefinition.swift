package import Marts
package import Reports

/// A mart: its projections, in flush order.
package struct MartDefinition: Sendable {
  /// As people and folders name it: "sales".
  package var name: String
  /// What it is for, as a phrase.
  package var meaning: String
  /// Sources whose age counts for this mart's reports, with the topics they come by.
  package var sources: [MartSource]
  /// Topics that are read as well, of sources that never tell how far they were read: what people decide comes when it
  /// comes.
  package var otherTopics: [String]
  /// Makes a new set of them; each run has its own.
  package var projections: @Sendable () -> [any Projection]
  /// The reports that belong to it; they may read other marts as well.
  package var reports: [ReportDefinition]
  /// What of it may wait for something that has not arrived.
  package var parked: [ParkedFacts]

  package init(
    name: String, meaning: String, sources: [MartSource], otherTopics: [String] = [],
    projections: @escaping @Sendable () -> [any Projection], reports: [ReportDefinition] = [],
    parked: [ParkedFacts] = []
  ) {
    self.name = name
    self.meaning = meaning
    self.sources = sources
    self.otherTopics = otherTopics
    self.projections = projections
    self.reports = reports
    self.parked = parked
  }

  /// Every topic that it reads, sorted.
  package var topics: [String] { Array(Set(sources.flatMap(\.topics) + otherTopics)).sorted() }
}
