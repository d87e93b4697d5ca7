internal import Marts
internal import Projections
package import Workspace

/// A copy of a mart for people's own SQL tools.
package struct MartSnapshot: Sendable {
  package let mart: String
  /// The generation that was copied.
  package let generation: Int
  package let file: String

  /// Copies the mart that is being served, as one consistent state, into a file that must not be there yet. Throws
  /// `.usage` for a mart that is none, and a `MartError` where it is not built. Blocks; a live projector goes on.
  package static func take(of mart: String, in workspace: Workspace, to file: String) throws -> MartSnapshot {
    let definition = try Workspace.definition(named: mart)
    let reader = try MartReader(workspace.mart(definition.name))
    try reader.copy(to: file)
    return MartSnapshot(mart: definition.name, generation: reader.generation, file: file)
  }
}
