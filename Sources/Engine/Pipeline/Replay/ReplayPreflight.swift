internal import Entity
internal import EventLog
internal import Files
internal import Foundation
internal import Marts
internal import Projections

/// What a replay found before it began.
package struct ReplayPreflight: Sendable {
  /// The mart that is to be rebuilt.
  package var mart: String
  /// What is missing, as sentences; empty: the replay can begin.
  package var problems: [String] = []
  /// What is worth knowing.
  package var notes: [String] = []
  /// The generation being served; nil: none yet.
  package var oldGeneration: Int?
  /// The generation that an earlier replay began and this one goes on with.
  package var resumes: Int?
  /// Partitions that will be read.
  package var partitions = 0
  /// Events (offsets) between the log's start and its end.
  package var events: Int64 = 0
  /// Room that the new generation may take, with some to spare; bytes.
  package var neededBytes: Int64 = 0
  /// Room on its disk; bytes.
  package var freeBytes: Int64 = 0
}

extension Replay {
  /// Looks for everything that could stop the replay half-way, and changes nothing. Costs a few reads of the log.
  package func preflight() throws -> ReplayPreflight {
    var found = ReplayPreflight(mart: mart)
    if !holdsLock {
      found.problems.append("another replay or rollback of this mart is at work (millrace runs shows it)")
    }
    checkKeys(&found)
    var old: MartReader?
    do {
      found.oldGeneration = try directory.currentGeneration()
      if let generation = found.oldGeneration { old = try MartReader(directory, generation: generation) }
    } catch {
      switch error.kind {
      case .missing, .damaged:
        found.notes.append(
          "the generation being served cannot be read, so nothing can be compared: \(error.cause)")
      // A generation that may be whole must not be replaced unseen.
      default: found.problems.append("\(error)")
      }
    }
    do {
      let log = try setup.openLog()
      let snapshot = try checkSnapshot(log, old, &found)
      try checkLog(log, &found, from: snapshot)
      if setup.snapshot != nil, found.problems.isEmpty {
        found.notes.append(
          "begins from the snapshot, which holds \(snapshot.values.reduce(0) { $0 + Offset.first.distance(to: $1) }) of \(found.events) events"
        )
      }
      try checkSpace(old, &found)
      if let building = try resumable(old) {
        found.resumes = building
        found.notes.append("goes on with generation \(building), which an earlier replay began")
      }
    } catch let error as LogError {
      found.problems.append("\(error)")
    }
    for accepted in setup.accept where !accepts(accepted) {
      let known = setup.identity.parts.sorted { $0.key < $1.key }
        .map { "\(GenerationIdentity.shortName(of: $0.key))@\($0.value.prefix(12))" }
      found.problems.append("--accept \(accepted) names nothing of this mart; it has \(known.joined(separator: ", "))")
    }
    return found
  }

  private func checkKeys(_ found: inout ReplayPreflight) {
    do {
      _ = try setup.tokenizer()
    } catch {
      found.problems.append("token key version \(setup.identity.parts["keys.tokenVersion"] ?? "?"): \(error)")
    }
  }

  /// `starts`: where a snapshot stands, from which reading begins instead of the log's beginning.
  private func checkLog(
    _ log: any LogReader, _ found: inout ReplayPreflight, from starts: [TopicPartition: Offset]
  ) throws {
    guard log.logID == setup.identity.parts["log"] else {
      found.problems.append("the log is \(log.logID), not the expected one")
      return
    }
    for topic in setup.definition.topics where try log.partitions(of: topic).isEmpty {
      found.notes.append("the log has no topic \(topic) yet")
    }
    for partition in try partitions(of: log) {
      found.partitions += 1
      let bounds = try log.bounds(of: partition)
      found.events += bounds.count
      let start = starts[partition] ?? .first
      if bounds.earliest > start {
        found.problems.append(
          start == .first
            ? "\(partition) begins at offset \(bounds.earliest): \(bounds.earliest) of its first events are gone from the log; "
              + "name a copy of the log that has them with --from-archive DIR"
            : "\(partition) begins at offset \(bounds.earliest), and the snapshot ends at \(start): "
              + "\(start.distance(to: bounds.earliest)) events between them are gone from the log; name a newer snapshot, or a copy of the "
              + "log that has them with --from-archive DIR")
      }
      if let left = try log.secondsLeft(in: partition) {
        let needed = found.events / ReplayLimits.slowEventsPerSecond
        if left <= needed {
          found.problems.append(
            "the log removes the beginning of \(partition) in \(left) s, and the replay may take \(needed) s; raise the "
              + "topic's retention first")
        } else {
          found.notes.append("the log removes the beginning of \(partition) in \(left) s")
        }
      }
      try checkVersions(log, partition, bounds, &found)
    }
  }

  /// The newest event tells whether a later Millrace has written here; only a look, since a whole reading is the
  /// replay.
  private func checkVersions(
    _ log: any LogReader, _ partition: TopicPartition, _ bounds: LogBounds, _ found: inout ReplayPreflight
  ) throws {
    guard bounds.next > bounds.earliest else { return }
    let batch = try log.read(partition, from: bounds.next - 1, maximumBytes: 1)
    guard let record = batch.records.last, let value = record.value else { return }
    do throws(EventError) {
      _ = try SealedRecord(decoding: batch.bytes.span.extracting(value), FormatOneEntities([]))
    } catch {
      let what: String
      switch error {
      case .unknownFormat(let format): what = "events of format \(format)"
      case .unknownEncoding(let encoding): what = "content in encoding \(encoding)"
      default: return
      }
      found.problems.append(
        "\(partition) holds \(what), which this program does not know; use the Millrace that wrote them")
    }
  }

  private func checkSpace(_ old: MartReader?, _ found: inout ReplayPreflight) throws {
    var needed = found.events.multipliedReportingOverflow(by: ReplayLimits.bytesPerEvent).partialValue
    if let old, let counts = try? old.counts(), counts.eventsIn > 0 {
      let size = directory.size(of: old.generation)
      needed = Int64(clamping: Int128(size) * Int128(max(found.events, counts.eventsIn)) / Int128(counts.eventsIn))
    }
    needed += needed / 100 * ReplayLimits.spareSpacePercent
    found.neededBytes = needed
    found.freeBytes = Int64(clamping: try Files.freeBytes(at: Files.folder(of: directory.folder)))
    if found.freeBytes < needed {
      found.problems.append(
        "the disk has \(found.freeBytes >> 20) MiB free, the new generation needs about \(needed >> 20) MiB beside the old one"
      )
    }
  }
}
