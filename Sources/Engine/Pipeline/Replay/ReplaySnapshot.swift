internal import EventLog
internal import Files
internal import Marts
internal import Projections

extension Replay {
  /// What the snapshot is told by, so that a rebuild goes on only with what was begun from this very file; empty: none.
  var snapshotText: String {
    guard let path = setup.snapshot else { return "" }
    let status = try? Files.status(path)
    return "\(path) \(status?.inode ?? 0) \(status?.size ?? 0)"
  }

  /// Puts the snapshot in the place of a new generation. A copy that was broken off has no generation's name, so it is
  /// not mistaken for one.
  func takeSnapshot(_ generation: Int) throws {
    guard let path = setup.snapshot, !Files.exists(directory.path(of: generation)) else { return }
    try MartReader(snapshot: path, name: mart).copy(to: directory.path(of: generation))
    setup.step(.copied)
  }

  /// Whether a mart can go on from the snapshot that was named: it is one of this mart, made of the same parts,
  /// undamaged, and the log holds what it was made from. Answers where it stands; empty: none was named, or it cannot
  /// be used.
  ///
  /// Reads the whole snapshot, some hundred MB a second, unless an earlier replay has begun with it already.
  func checkSnapshot(
    _ log: any LogReader, _ old: MartReader?, _ found: inout ReplayPreflight
  ) throws -> [TopicPartition: Offset] {
    guard let path = setup.snapshot else { return [:] }
    // What was begun from this very file was checked then.
    if let building = try resumable(old) {
      return try MartReader(directory, generation: building).positions().mapValues(\.nextOffset)
    }
    do {
      let snapshot = try MartReader(snapshot: path, name: mart)
      let before = found.problems.count
      try checkIdentity(of: snapshot, &found)
      // Of other parts there are other tables, about which nothing can be said.
      if found.problems.count > before { return [:] }
      for finding in try snapshot.verify(setup.definition.schema) {
        found.problems.append("the snapshot is not as it must be: \(finding)")
      }
      let positions = try snapshot.positions()
      try checkPositions(positions, log, &found)
      checkNotAhead(positions, of: try old?.positions(), &found)
      return positions.mapValues(\.nextOffset)
    } catch let error as MartError {
      found.problems.append("\(error)")
      return [:]
    }
  }

  private func checkIdentity(of snapshot: MartReader, _ found: inout ReplayPreflight) throws(MartError) {
    let identity = try snapshot.identity()
    let differences = setup.identity.differences(from: identity)
    if differences.isEmpty { return }
    let own = Set(setup.identity.parts.keys.filter { $0.hasPrefix("projection.") })
    let its = identity.parts.keys.filter { $0.hasPrefix("projection.") }
    if own.isDisjoint(with: its) {
      let names = its.map(GenerationIdentity.shortName(of:)).sorted().joined(separator: ", ")
      found.problems.append("the snapshot is one of another mart (it has \(names))")
      return
    }
    let list = differences.map {
      "\($0) was \(identity.parts[$0] ?? "absent"), is \(setup.identity.parts[$0] ?? "absent")"
    }
    found.problems.append(
      "the snapshot was made from other parts (\(list.joined(separator: "; "))); rebuild from the log alone: "
        + "`millrace replay \(mart)`")
  }

  private func checkPositions(
    _ positions: [TopicPartition: LogAnchor], _ log: any LogReader, _ found: inout ReplayPreflight
  ) throws {
    let known = Set(try partitions(of: log))
    for (partition, position) in positions.sorted(by: { $0.key < $1.key }) {
      guard known.contains(partition) else {
        found.problems.append("the snapshot was fed from \(partition), which the log does not have")
        continue
      }
      let bounds = try log.bounds(of: partition)
      switch try log.check(position, of: partition, within: bounds) {
      // That records are missing from there on is said of the log as a whole.
      case .holds, .gone: break
      case .beyondEnd:
        found.problems.append(
          "the snapshot is ahead of the log: it stands at offset \(position.nextOffset) of \(partition), which ends at "
            + "\(bounds.next); the log lost its tail, or is an older copy")
      case .differs:
        found.problems.append(
          "the log does not hold what the snapshot was made from: other records stand before offset "
            + "\(position.nextOffset) of \(partition)")
      }
    }
  }

  /// A generation is compared with the one being served where that one stands, so it must not begin behind that.
  private func checkNotAhead(
    _ positions: [TopicPartition: LogAnchor], of old: [TopicPartition: LogAnchor]?,
    _ found: inout ReplayPreflight
  ) {
    guard let old else { return }
    for (partition, position) in positions.sorted(by: { $0.key < $1.key }) {
      let served = old[partition]?.nextOffset ?? .first
      guard position.nextOffset > served else { continue }
      found.problems.append(
        "the snapshot is newer than the generation being served (\(partition): \(position.nextOffset), and \(served)); "
          + "let that one catch up first: `millrace project \(mart) --once`")
    }
  }
}
