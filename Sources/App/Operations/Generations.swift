internal import Failures
package import Marts
internal import Pipeline
package import Projections
package import Workspace

/// The generations of one mart: which there are, which is served, and going back.
package struct Generations {
  package struct Entry: Sendable, Equatable {
    package enum Role: String, Sendable {
      /// What reports read.
      case current
      /// Served before.
      case kept
      /// Begun by a replay that has not ended, or whose differences nobody has accepted.
      case building
      /// Built with an end of its own, for looking only.
      case detached
    }

    package var number: Int
    package var role: Role
    /// The end that it was built up to, as it was given; empty where there was none.
    package var until: String
    /// nil: cannot be read now.
    package var eventsIn: Int64?
    package var bytes: Int64
    /// `name@version` of each projection, sorted; nil: cannot be read now.
    package var projections: [String]?
  }

  private let definition: MartDefinition
  private let directory: MartDirectory
  private let workspace: Workspace

  /// Looks at nothing yet.
  package init(of definition: MartDefinition, in workspace: Workspace) {
    self.definition = definition
    self.workspace = workspace
    directory = workspace.mart(definition.name)
  }

  /// By number. Takes no lock, so one may have gone when it is asked for.
  package func list() throws -> [Entry] {
    let list = try GenerationList(directory)
    let numbers = ([list.current].compactMap(\.self) + list.kept + list.building + list.detached).sorted()
    return numbers.map { number in
      let reader = try? MartReader(directory, generation: number)
      let parts = (try? reader?.identity().parts)?.filter { $0.key.hasPrefix("projection.") }
      return Entry(
        number: number,
        role: number == list.current
          ? .current : list.kept.contains(number) ? .kept : list.building.contains(number) ? .building : .detached,
        until: (try? directory.state(of: number))??.until ?? "", eventsIn: try? reader?.counts().eventsIn,
        bytes: directory.size(of: number),
        projections: parts?.sorted { $0.key < $1.key }.map {
          "\(GenerationIdentity.shortName(of: $0.key))@\($0.value)"
        })
    }
  }

  /// Never the current one, and none that somebody has open.
  package func delete(_ number: Int) throws {
    guard let lock = try directory.lockForReplay() else {
      throw Failure(.locked, "a replay or rollback of \(directory.name) is at work; wait for it")
    }
    defer { withExtendedLifetime(lock) {} }
    guard try directory.generations().contains(number) else {
      throw Failure(.usage, "\(directory.name) has no generation \(number)")
    }
    guard try directory.currentGeneration() != number else {
      throw Failure(.usage, "generation \(number) is the one being served")
    }
    guard try directory.delete(number) else {
      throw Failure(.locked, "somebody reads or writes generation \(number) of \(directory.name); try again later")
    }
  }

  package struct RolledBack: Sendable {
    package var from: Int
    package var to: Int
    /// Projections of another version than this program has; it will not project into that generation.
    package var foreign: [(projection: String, made: String, here: Int)]
  }

  /// Serves generation `number` again, by default the one before; a live projector follows. A job of the ledger.
  package func rollBack(to number: Int?) throws -> RolledBack {
    let job = try JobRun(workspace.ledger(), .rollback, of: definition.name)
    let outcome = try job.track {
      // Only what is known without reading data for enrichment: a rollback is to be quick.
      let outcome = try Rollback.run(directory, to: number, identity: nil) {
        CrashPoint.reach("rollback.\($0.rawValue)")
      }
      job.count("swapped from", Int64(outcome.from))
      job.count("swapped to", Int64(outcome.to))
      return outcome
    }
    let parts = try MartReader(directory, generation: outcome.to).identity().parts
    let foreign = definition.projections().map { type(of: $0) }.compactMap { projection in
      let made = parts["projection.\(projection.name)"] ?? "absent"
      return made == "\(projection.version)" ? nil : (projection.name, made, projection.version)
    }
    return RolledBack(from: outcome.from, to: outcome.to, foreign: foreign)
  }

  /// Two generations held against each other, per table and month.
  package func compare(_ old: Int, with new: Int) throws -> MartComparison {
    let old = try MartReader(directory, generation: old)
    let new = try MartReader(directory, generation: new)
    return try old.snapshot { _ in
      try new.snapshot { _ in try MartComparison.compare(old, new, tables: definition.schema.tables) }
    }
  }
}
