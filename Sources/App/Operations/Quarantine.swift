internal import Capture
package import EventLog
internal import Events
internal import Failures
internal import Files
package import Marts
package import Money
internal import Projections
internal import ShopMarts
package import Workspace

/// What was left out of the marts and still counts: which records, why, and what to do about them.
///
/// A rejected record stays in the log and in the quarantine of the marts. It no longer counts once a later look at the
/// source found it mended or gone (capture keeps books of that), when another mapping has refused it, or when somebody
/// has discarded it (`discard`).
package struct Quarantine {
  /// One record.
  package struct Entry: Sendable {
    /// Name of the source; empty: not readable.
    package var source: String
    /// "capture", "decode", "open", "validate" or "fold".
    package var stage: String
    /// Typed, e.g. "row.badNumber".
    package var reason: String
    /// The column, or what else is wrong; never content.
    package var detail: String
    /// Where it stands in its source, for people; empty: only its place in the log is known.
    package var place: String
    /// Where its event stands in the log.
    package var partition: TopicPartition
    /// nil: no mart has absorbed it yet.
    package var offset: Offset?
    /// Of its source's numbers; 0: not readable.
    package var epoch: Int64
    /// In partition and epoch; 0: not readable.
    package var number: Int64
    /// nil: no mart has absorbed it yet.
    package var capturedAt: Timestamp?

    /// Where it stands, for people.
    package var shownPlace: String { place.isEmpty ? "\(partition), offset \(offset?.rawValue ?? 0)" : place }
  }

  /// Records of one source that were left out for one reason in one column.
  package struct Group: Sendable {
    package var first: Entry
    package var count: Int
    /// What to do about them, as a clause.
    package var remedy: String
  }

  /// By source and place in the log.
  package let entries: [Entry]
  private let workspace: Workspace

  /// Reads capture's books and the quarantine of every mart there is. `source`, `reason`: of one alone. Blocks.
  package init(of workspace: Workspace, source: String? = nil, reason: String? = nil) throws {
    self.workspace = workspace
    let books = try CaptureRejections.read(workspace: workspace.folder)
    let rules = try workspace.quarantineRules()
    var found: [CaptureRejections.Place: Entry] = [:]
    for open in books.open {
      let event = open.event
      let entry = QuarantineEntry(
        partition: event.partition, offset: .first, source: event.source, epoch: event.epoch, number: event.number,
        stage: QuarantineRules.capture, reason: open.reason, detail: open.detail, capturedAt: 0, valueHash: [])
      guard rules.counts(entry) else { continue }
      found[event] = Entry(
        source: event.source, stage: entry.stage, reason: open.reason, detail: open.detail, place: open.place,
        partition: event.partition, offset: nil, epoch: event.epoch, number: event.number, capturedAt: nil)
    }
    for definition in Shop.marts {
      guard try workspace.mart(definition.name).currentGeneration() != nil else { continue }
      for entry in try MartReader(workspace.mart(definition.name)).quarantine(limit: .max) where rules.counts(entry) {
        // A record without a number is told by its offset.
        let event = CaptureRejections.Place(
          source: entry.source, partition: entry.partition, epoch: entry.epoch,
          number: entry.number > 0 ? entry.number : -entry.offset.rawValue - 1)
        found[event] = Entry(
          source: entry.source, stage: entry.stage, reason: entry.reason,
          detail: found[event]?.detail ?? entry.detail, place: found[event]?.place ?? "", partition: entry.partition,
          offset: entry.offset, epoch: entry.epoch, number: entry.number,
          capturedAt: Timestamp(millis: entry.capturedAt))
      }
    }
    entries = found.sorted { left, right in
      (left.key.source, left.key.partition, left.key.epoch, left.key.number)
        < (right.key.source, right.key.partition, right.key.epoch, right.key.number)
    }.map(\.value).filter { (source == nil || $0.source == source) && (reason == nil || $0.reason == reason) }
  }

  /// The most frequent first. `kinds`: of the sources, by name.
  package func groups(kinds: [String: String]) -> [Group] {
    var groups: [[String]: Group] = [:]
    for entry in entries {
      let key = [entry.source, entry.stage, entry.reason, entry.detail]
      groups[
        key,
        default: Group(
          first: entry, count: 0,
          remedy: Remedy.words(for: entry.reason, stage: entry.stage, kind: kinds[entry.source] ?? ""))
      ].count += 1
    }
    return groups.sorted { left, right in
      if left.value.count != right.value.count { return left.value.count > right.value.count }
      return left.key.lexicographicallyPrecedes(right.key)
    }.map(\.value)
  }

  /// What is listed no longer counts; what comes later does. Answers how many records that are. Throws `.locked` while
  /// another discards.
  package func discard() throws -> Int {
    guard let lock = try LockFile.tryLock("\(workspace.folder)/quarantine.lock") else {
      throw Failure(.locked, "another 'millrace quarantine discard' is at work; try again")
    }
    defer { withExtendedLifetime(lock) {} }
    var marks = try Discards.read(workspace)
    for entry in entries {
      let reach = QuarantineRules.Reach(source: entry.source, partition: entry.partition)
      let mark = QuarantineRules.Mark(
        epoch: entry.epoch, number: entry.number > 0 ? entry.number : entry.offset?.rawValue ?? 0)
      let known = marks[entry.reason, default: [:]][reach]
      if known.map({ $0 < mark }) ?? true { marks[entry.reason, default: [:]][reach] = mark }
    }
    try Discards.write(marks, workspace)
    return entries.count
  }
}

extension Workspace {
  /// What has been discarded stands there, in the workspace's folder.
  package static let discardsFile = "quarantine.discarded"

  /// Which events in quarantine still count. Blocks.
  package func quarantineRules() throws -> QuarantineRules {
    let books = try CaptureRejections.read(workspace: folder)
    var rules = QuarantineRules()
    rules.settled = Set(
      books.settled.map {
        QuarantineRules.Number(
          stream: StreamKey(source: $0.source, epoch: $0.epoch, partition: $0.partition), number: $0.number)
      })
    for cut in books.cuts {
      rules.cuts[QuarantineRules.Reach(source: cut.source, partition: cut.partition)] =
        QuarantineRules.Mark(epoch: cut.epoch, number: cut.number)
    }
    rules.discarded = try Discards.read(self)
    // A mart that cannot be read says so itself, where it is asked.
    rules.corrected = (try? CorrectedRows.find(in: self)) ?? []
    return rules
  }
}

extension Workspace {
  /// What is to be said on reports of sources whose history broke, or is being compared, by their names. Blocks.
  package func brokenHistories() throws -> [String: [String]] {
    let sources = try CaptureStatus.read(workspace: folder).sources
    let notes = sources.map { source in
      (
        source.name,
        source.notes.filter { $0.kind == .historyBroken || $0.kind == .comparing }.map { note in
          note.text + (source.notedSince[note].map { " (since \($0.iso))" } ?? "")
        }
      )
    }
    return Dictionary(notes, uniquingKeysWith: { first, _ in first })
  }
}

extension Workspace {
  /// What capture has rejected and still counts. Blocks.
  func openRejections() throws -> [CaptureRejections.Open] {
    let rules = try quarantineRules()
    return try CaptureRejections.read(workspace: folder).open.filter { open in
      rules.counts(
        QuarantineEntry(
          partition: open.event.partition, offset: .first, source: open.event.source, epoch: open.event.epoch,
          number: open.event.number, stage: QuarantineRules.capture, reason: open.reason, detail: open.detail,
          capturedAt: 0, valueHash: []))
    }
  }
}

/// The file of what was discarded: a line for each reason, source and partition with the last event.
enum Discards {
  typealias Marks = [String: [QuarantineRules.Reach: QuarantineRules.Mark]]

  static func read(_ workspace: Workspace) throws -> Marks {
    let path = "\(workspace.folder)/\(Workspace.discardsFile)"
    guard Files.exists(path) else { return [:] }
    var marks: Marks = [:]
    let text = String(decoding: try Files.read(path, limit: 16 << 20).bytes, as: UTF8.self)
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 6, let partition = Int32(parts[3]), let epoch = Int64(parts[4]), let number = Int64(parts[5])
      else { continue }
      let reach = QuarantineRules.Reach(source: parts[1], partition: TopicPartition(parts[2], partition))
      marks[parts[0], default: [:]][reach] = QuarantineRules.Mark(epoch: epoch, number: number)
    }
    return marks
  }

  static func write(_ marks: Marks, _ workspace: Workspace) throws {
    let lines = marks.flatMap { reason, reaches in
      reaches.map { reach, mark in
        [
          reason, reach.source, reach.partition.topic, "\(reach.partition.partition)", "\(mark.epoch)",
          "\(mark.number)",
        ].joined(separator: "\t")
      }
    }
    let text = lines.sorted().map { $0 + "\n" }.joined()
    try Files.replace("\(workspace.folder)/\(Workspace.discardsFile)", with: Array(text.utf8), mode: 0o600)
  }
}
