/// The generations of a mart by what they are.
package struct GenerationList: Equatable, Sendable {
  /// The one being served.
  package var current: Int?
  /// Served before, ascending.
  package var kept: [Int] = []
  /// To take the current one's place: being built, or waiting for a person's decision. Ascending.
  package var building: [Int] = []
  /// Built, or being built, for looking only. Ascending.
  package var detached: [Int] = []

  /// Reads the mart's folder: `CURRENT`, the files and their states. Throws `.damaged` where `CURRENT` names no
  /// generation.
  package init(_ directory: MartDirectory) throws(MartError) {
    current = try directory.currentGeneration()
    for generation in try directory.generations() where generation != current {
      switch try directory.state(of: generation)?.purpose {
      case nil: kept.append(generation)
      case .replacement: building.append(generation)
      case .detached: detached.append(generation)
      }
    }
  }

  /// What a rollback goes to: the newest of those served before the current one.
  package var previous: Int? { kept.last { $0 < current ?? 0 } }
}
