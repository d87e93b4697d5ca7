internal import Capture
package import EventLog
internal import Failures
internal import Files
internal import KafkaLog
internal import Marts
internal import Projections
internal import ShopMarts
package import Workspace

/// Makes a workspace use a complete copy of its log. From its making on, nothing is captured or projected in the
/// workspace.
///
/// Everything is worked out before anything is changed; what is changed then holds for the old log as well or is
/// recognized when the adoption is run again, so that one that is broken off can be repeated.
package final class LogAdoption {
  private let workspace: Workspace
  private let configuration: Configuration
  private let capture: CaptureRelocation
  private let marts: [MartRelocation]

  /// Takes the locks of capture and of every generation of every mart.
  package init(_ workspace: Workspace, _ configuration: Configuration, from place: LogCopyPlace) throws {
    guard place == workspace.place(configuration) else {
      throw Failure(
        .usage,
        "--adopt needs the log that the workspace uses as the source: --from \(workspace.place(configuration).name)")
    }
    self.workspace = workspace
    self.configuration = configuration
    capture = try CaptureRelocation(workspace: workspace.folder)
    marts = try Shop.marts.flatMap { definition in
      let directory = workspace.mart(definition.name)
      return try directory.generations().map { try MartRelocation(directory, generation: $0) }
    }
  }

  /// Throws, and has changed nothing, when the copy is not complete or something stands elsewhere than in the source.
  package func adopt(_ copy: LogCopy, as place: LogPlace) throws {
    if let missing = try copy.unfinished().first {
      throw Failure(
        .logDamaged, "the copy lacks records of \(missing); nothing was changed. Run the same command again")
    }
    let anchors = try movedAnchors(copy)
    let relocations = try marts.filter { try $0.logID() == copy.source.logID }.map {
      ($0, try relocation(of: $0, copy))
    }

    for (mart, change) in relocations {
      guard let change else { continue }
      try mart.overwritePositionsWithoutRows(change.positions, movingQuarantine: change.quarantine)
    }
    try capture.overwriteAnchors(anchors)
    try copy.target.adopt()
    try rewriteConfiguration(place)
  }

  private func movedAnchors(_ copy: LogCopy) throws -> [TopicPartition: [LogAnchor]] {
    var moved: [TopicPartition: [LogAnchor]] = [:]
    for (partition, anchors) in try capture.anchors() {
      for anchor in anchors {
        switch try copy.move(anchor, of: partition) {
        case .before: moved[partition, default: []].append(anchor)
        // Without a record before it there is nothing to compare with.
        case .to(let new): if !new.proof.isEmpty { moved[partition, default: []].append(new) }
        }
      }
    }
    return moved
  }

  private struct Relocation {
    var positions: [TopicPartition: LogAnchor] = [:]
    var quarantine: [TopicPartition: [(from: Offset, to: Offset)]] = [:]
  }

  /// nil: the generation was moved by an adoption that was broken off; it moves all its positions or none.
  private func relocation(of mart: MartRelocation, _ copy: LogCopy) throws -> Relocation? {
    var result = Relocation()
    for (partition, position) in try mart.positions() {
      guard case .to(let new) = try move(position, of: partition, mart, copy) else { return nil }
      result.positions[partition] = new
    }
    if copy.target.keepsOffsets { return result }
    for (partition, offsets) in try mart.quarantined() {
      result.quarantine[partition] = try offsets.map { (from: $0, to: try copy.target.translate($0, of: partition)) }
    }
    return result
  }

  private func move(
    _ anchor: LogAnchor, of partition: TopicPartition, _ mart: MartRelocation, _ copy: LogCopy
  ) throws -> LogCopy.Moved {
    do { return try copy.move(anchor, of: partition) } catch {
      guard error.kind == .damaged || error.kind == .positionGone else { throw error }
      throw Failure(.logDamaged, "mart \(mart.directory.name), generation \(mart.generation): \(error)")
    }
  }

  // MARK: millrace.yaml

  private func rewriteConfiguration(_ place: LogPlace) throws {
    let file = workspace.configurationFile
    let block = place.block
    do {
      let old = try Files.read(file, limit: 1 << 20)
      guard let text = String(validating: old.bytes, as: UTF8.self) else {
        throw Failure(.configuration, "it is not UTF-8")
      }
      let new = LogBlock.replacing(in: text, with: block)
      try check(new, place)
      try Files.replace(file, with: Array(new.utf8), mode: old.status.mode)
    } catch {
      let cause = Failure(explaining: error).message
      throw Failure(
        .configuration, "the workspace still uses its old log: change \(file) before anything else runs",
        details: ["The copy is ready, but \(file) could not be changed (\(cause)). Put these lines in it:"]
          + block.map { "  " + $0 })
    }
  }

  /// The new text must say what the old one said, but for the log.
  private func check(_ text: String, _ place: LogPlace) throws {
    let trial = workspace.configurationFile + ".trial"
    defer { try? Files.remove(trial) }
    try Files.replace(trial, with: Array(text.utf8))
    var expected = configuration
    expected.log = place
    guard try Configuration(file: trial) == expected else {
      throw Failure(.configuration, "its log: block is written in an unusual way")
    }
  }
}
