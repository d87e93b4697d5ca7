/// The moments of a replay between which something durable changes. Tests end the process at each of them; after any,
/// the mart serves its old or its new generation, and the same command goes on.
package enum ReplayStep: String, CaseIterable, Sendable {
  case preflight
  /// It is written down that the next generation is being built.
  case announced
  /// The snapshot to begin from is in the new generation's place.
  case copied
  /// The first commit of the new generation.
  case building
  /// The new generation has been near the old one's positions.
  case caughtUp
  /// It stands exactly where the old one's snapshot does.
  case aligned
  case compared
  /// The write-ahead log is in the file.
  case checkpointed
  case verified
  /// The file is on the disk, and that it is verified is written down.
  case sealed
  /// Nobody writes the old generation.
  case handedOver
  case tailApplied
  case controlled
  /// `CURRENT` names the new generation.
  case swapped
  /// The new generation is no longer marked as one that is being built.
  case unmarked
  /// Old generations are deleted.
  case retired
}
