package import Capture
package import Enrichment
internal import Entity
internal import Events
internal import Files
package import Money
package import Privacy

/// A web log and its rotations: each text from its beginning to its end, the oldest first, then the current one as it
/// grows.
///
/// Which file holds which text is found out by `LogFiles`, so renaming, dating, compressing, copying and truncating,
/// and restarts neither lose nor repeat a line. A half-written last line waits; at the end of a rotated file it is a
/// line as soon as nobody has written to that file for `WeblogLimits.rotatedSettlingMillis`. What was not read to its
/// end and is nowhere any more is a break of history.
///
/// Unchecked: the session calls a source from one thread at a time.
package final class WeblogSource: CaptureSource, @unchecked Sendable {
  package let name: String
  /// The current file of the log.
  package var place: String { files.path }
  package let topics = [Topic.weblog]
  package let readsAhead = true

  private let files: LogFiles
  private let lines: LogLines
  /// Of breaks that were found since the start.
  private var breaks: Set<SourceNote> = []

  /// `name` stands in every record, and is never changed. `path`: the current file, which need not be there yet.
  /// `logins`: the system whose user names stand in it; never changed either. `rotated`: a folder that rotations are
  /// moved to; nil: they stay beside. `clock`: the file system's idea of now, in milliseconds; nil: as it is. Throws
  /// where the keys cannot be derived.
  package init(
    name: String, path: String, rotated: String? = nil, logins: String = SourceName.platform, keyring: Keyring,
    countries: CountryDatabase?, clock: (@Sendable () -> Int64)? = nil
  ) throws {
    self.name = name
    files = LogFiles(
      path: path, folders: rotated.map { [$0] } ?? [], router: try Router(keyring),
      clock: clock ?? { OpenFile.systemMillis })
    let builder = RequestBuilder(
      router: try Router(keyring), logins: SystemScope(logins, first: SourceName.platform), countries: countries)
    lines = LogLines(builder, router: try Router(keyring))
  }

  package func resume(from checkpoint: SourceCheckpoint) throws {
    try files.resume(from: checkpoint)
    breaks = []
  }

  package func delivered() throws {}

  package func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    let folder = Files.folder(of: files.path)
    guard Files.exists(folder) else {
      return SourceBatch(
        position: files.position, isCaughtUp: true, isReadable: false,
        notes: [
          SourceNote(
            .unread,
            "the folder of the web log, \(folder), is not there yet; make it, or mend the path in millrace.yaml")
        ])
    }
    var look = try files.look()
    var batch = LogLines.Batch(limit: limit)
    var isCaughtUp = true
    for unread in look.unread {
      if batch.isFull {
        isCaughtUp = false
        break
      }
      let ending = read(unread, into: &batch, &look)
      if ending == .isFull || ending == .changed {
        isCaughtUp = ending == .isFull && isAtEnd(unread)
        break
      }
    }
    breaks.formUnion(look.notes.filter { $0.kind == .historyBroken })
    var result = SourceBatch(
      events: batch.events, state: StateWrites(files.memory.takeChanges()), position: files.position,
      isCaughtUp: isCaughtUp,
      isReadable: !look.isBarred, notes: look.notes.union(breaks),
      share: look.total > 0 ? min(1, Double(look.done) / Double(look.total)) : 1)
    if look.isRotated { result.rotations = 1 }
    return result
  }

  private func read(
    _ unread: LogFiles.Unread, into batch: inout LogLines.Batch, _ look: inout LogFiles.Look
  ) -> LogLines.Ending {
    guard var mark = files.memory[unread.id], let bytes = files.bytes(of: unread, &look) else { return .atEnd }
    let start = mark.offset
    lines.name = (place.split(separator: "/").last.map(String.init) ?? place) + (unread.isCurrent ? "" : " (rotated)")
    let ending = lines.read(bytes, &mark, isEnded: unread.isSettled, into: &batch)
    if ending != .changed {
      files.memory.update(mark)
      if !bytes.isPacked { look.done += mark.offset - start }
    }
    switch ending {
    case .failed: files.couldNotRead(unread, bytes, &look)
    case .atEnd where bytes.isPacked:
      if bytes.isWhole { files.finish(unread.id) } else { files.waitForPacking(unread, &look) }
    case .atEnd where !unread.isCurrent && !unread.isSettled && mark.offset < bytes.now?.size ?? 0:
      // Workers of the server that still finish a request write to the old file.
      look.notes.insert(SourceNote(.waiting, "the last line of a rotated web log may still be written"))
    case .changed: files.hasChanged(unread.id)
    case .atEnd, .isFull: break
    }
    return ending
  }

  /// Whether the last file that was read has nothing more, and no other one follows.
  private func isAtEnd(_ unread: LogFiles.Unread) -> Bool {
    guard unread.isCurrent, let mark = files.memory[unread.id], let bytes = files.held[unread.id] else { return false }
    return mark.offset >= bytes.now?.size ?? 0
  }
}
