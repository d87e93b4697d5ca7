internal import EventLog

/// A source that a mart depends on, with the topics that it comes by.
package struct MartSource: Hashable, Sendable {
  /// The source's name, as its events and heartbeats carry it.
  package var name: String
  /// Topics that its heartbeats come by.
  package var topics: [String]

  package init(_ name: String, topics: [String]) {
    self.name = name
    self.topics = topics
  }
}

/// How far the sources of a mart have been read.
package struct SourcesRead: Equatable, Sendable {
  /// The smallest moment over all partitions of all sources, milliseconds since 1970; nil: some source has not told.
  package var upTo: Int64?
  /// The sources that have not told, on one partition at least.
  package var silent: [String]

  package init(upTo: Int64?, silent: [String]) {
    self.upTo = upTo
    self.silent = silent
  }
}

extension MartReader {
  /// Holds what heartbeats told against the sources that must have told. A partition counts as soon as the mart knows of
  /// it, and a topic that it knows no partition of has told nothing: an age must never leave out who is silent.
  package func sourcesRead(_ expected: [MartSource]) throws(MartError) -> SourcesRead {
    let partitions = try positions().keys
    let ages = try sourceAges()
    var upTo: Int64?
    var silent: [String] = []
    for source in expected {
      var hasTold = !source.topics.isEmpty
      for topic in source.topics {
        let wanted = partitions.filter { $0.topic == topic }
        let told = ages.filter { $0.source == source.name && $0.partition.topic == topic }
        hasTold = hasTold && !wanted.isEmpty && Set(wanted).isSubset(of: told.map(\.partition))
        for age in told { upTo = min(upTo ?? .max, age.readUpTo) }
      }
      if !hasTold { silent.append(source.name) }
    }
    return SourcesRead(upTo: silent.isEmpty ? upTo : nil, silent: silent)
  }
}
