package import Marts

/// Goes back to a generation that was served before. It then catches up from its own positions, by whoever projects.
package enum Rollback {
  /// What a rollback did.
  package struct Outcome: Equatable, Sendable {
    /// The generation that was current before.
    package var from: Int
    /// The one that is current now.
    package var to: Int
    /// Parts of the identity that this program has otherwise; while there are any, nobody can project into the
    /// generation.
    package var differences: [String]
  }

  /// `target` nil: the newest of those served before the current one. Blocks until a live projector has made way, at
  /// most the given time. Throws `ReplayError` and `MartError`.
  package static func run(
    _ directory: MartDirectory, to target: Int?, identity: GenerationIdentity?,
    withinMilliseconds limit: Int = ReplayLimits.handOverMilliseconds, step: (ReplayStep) -> Void = { _ in }
  ) throws -> Outcome {
    let mart = directory.name
    guard let lock = try directory.lockForReplay() else {
      throw ReplayError(
        .busy, mart: mart, cause: "a replay or another rollback of this mart is at work",
        hint: "wait for it, or stop it")
    }
    defer { withExtendedLifetime(lock) {} }
    let list = try GenerationList(directory)
    guard let current = list.current, let target = target ?? list.previous, target != current else {
      throw ReplayError(
        .usage, mart: mart, cause: list.current == nil ? "it has no generation yet" : "there is none to go back to",
        hint: "`millrace generations \(mart)` lists what is there")
    }
    guard list.kept.contains(target) else {
      throw ReplayError(
        .usage, mart: mart, cause: "generation \(target) is not one that was served before",
        hint: "`millrace generations \(mart)` lists what is there")
    }
    // Whatever cannot even be opened must not be shown to people.
    let found = try MartReader(directory, generation: target).identity()
    try HandOver(directory).ask(of: current, withinMilliseconds: limit) { _ in
      step(.handedOver)
      try directory.makeCurrent(target)
      step(.swapped)
    }
    return Outcome(from: current, to: target, differences: identity.map { $0.differences(from: found) } ?? [])
  }
}
