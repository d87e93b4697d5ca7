package import Capture
package import Enrichment
internal import Entity
internal import Events
internal import Files
internal import Glibc
package import Money
package import Privacy

/// A web log and its rotations: oldest file first, each to its end, then the current one as it grows.
///
/// Files are recognised by identity and content (`FileMark`), so renaming (access.log → access.log.1), copying and
/// truncating, and restarts neither lose nor repeat a line. A half-written last line waits; at the end of a rotated
/// file it is a line as soon as nobody has written to that file for `WeblogLimits.rotatedSettlingMillis`.
///
/// Unchecked: the session calls a source from one thread at a time.
package final class WeblogSource: CaptureSource, @unchecked Sendable {
  package let name: String
  /// The current file of the log.
  package var place: String { path }
  package let topics = [Topic.weblog]
  package let readsAhead = true

  private struct Candidate {
    var path: String
    /// 0: the current file.
    var suffix: Int
    var mark: FileMark
    var size: UInt64
    var modifiedMillis: Int64
  }
  private struct Verified: Equatable {
    var size: UInt64
    var modifiedMillis: Int64
    var offset: UInt64
  }

  private let path: String
  private let router: Router
  private var builder: RequestBuilder
  /// Newest knowledge last; files that are gone for now stay, for a rename may be under way.
  private var marks: [FileMark] = []
  private var verified: [FileIdentity: Verified] = [:]
  /// Copies of a file that is still being followed, as long as both are there: copy → original.
  private var copies: [FileIdentity: FileIdentity] = [:]
  private var notes: Set<SourceNote> = []
  /// The file of the log's own name at the last look.
  private var current: FileIdentity?
  /// A file that is there could not be read at the last look, so nothing may be said about how far the source was read.
  private var isBarred = false
  private var buffer: UnsafeMutableRawBufferPointer
  /// Whether a file's first line is of the common format.
  private var commonFiles: [FileIdentity: Bool] = [:]

  /// `name` stands in every record, and is never changed. `path`: the current file, which need not be there yet.
  /// `logins`: the system whose user names stand in it; never changed either. Throws where the keys cannot be derived.
  package init(
    name: String, path: String, logins: String = SourceName.platform, keyring: Keyring, countries: CountryDatabase?
  ) throws {
    self.name = name
    self.path = path
    router = try Router(keyring)
    builder = RequestBuilder(
      router: try Router(keyring), logins: SystemScope(logins, first: SourceName.platform), countries: countries)
    buffer = .allocate(byteCount: WeblogLimits.blockBytes, alignment: 16)
  }

  deinit { buffer.deallocate() }

  package func resume(from checkpoint: SourceCheckpoint) throws {
    marks = (checkpoint.position ?? "").split(separator: " ").compactMap { FileMark($0) }
    verified = [:]
    copies = [:]
    current = nil
  }

  package func delivered() throws {}

  package func poll(limit: BatchLimit, now: Timestamp) throws -> SourceBatch {
    guard Files.exists(Files.folder(of: path)) else {
      return SourceBatch(
        position: position, isCaughtUp: true, isReadable: false,
        notes: [
          SourceNote(
            .unread,
            "the folder of the web log, \(Files.folder(of: path)), is not there yet; "
              + "make it, or mend the path in millrace.yaml"
          )
        ])
    }
    notes = notes.filter { $0.kind == .historyBroken }
    isBarred = false
    let candidates = try candidates()
    let newest = candidates.last.flatMap { $0.suffix == 0 ? $0.mark.identity : nil }
    let isRotated = newest != nil && current != nil && newest != current
    current = newest ?? current
    var events: [PendingEvent] = []
    var bytes = 0
    var isCaughtUp = true
    for candidate in candidates where candidate.mark.offset < candidate.size {
      // Data in a newer file ends nothing: workers of the server that still finish a request write to the old one.
      let isEnded =
        candidate.suffix > 0
        && OpenFile.systemMillis - candidate.modifiedMillis > WeblogLimits.rotatedSettlingMillis
      let isDone = read(candidate, isEnded: isEnded, limit: limit, &events, &bytes)
      if !isDone {
        isCaughtUp = false
        break
      }
      if candidate.suffix > 0, !isEnded, !isBarred, offset(of: candidate) < candidate.size {
        notes.insert(SourceNote(.waiting, "the last line of a rotated web log may still be written"))
      }
    }
    let total = candidates.reduce(0) { $0 + Double($1.size) }
    let done = candidates.reduce(0) { $0 + Double(offset(of: $1)) }
    var batch = SourceBatch(
      events: events, position: position, isCaughtUp: isCaughtUp, isReadable: !isBarred, notes: notes,
      share: total > 0 ? min(1, done / total) : 1)
    if isRotated { batch.rotations = 1 }
    return batch
  }

  private func offset(of candidate: Candidate) -> UInt64 {
    marks.first { $0.identity == candidate.mark.identity }?.offset ?? 0
  }

  private var position: String { marks.map(\.text).joined(separator: " ") }

  // MARK: Which files

  private static func isCompressed(_ name: String) -> Bool {
    ["gz", "bz2", "xz", "zst"].contains { name.hasSuffix($0) }
  }

  /// All files of the log that are there, oldest first, each with how far it was read.
  private func candidates() throws -> [Candidate] {
    let folder = Files.folder(of: path)
    let base = path.split(separator: "/").last.map(String.init) ?? path
    var found: [(suffix: Int, path: String)] = []
    var unread = 0
    var dated = 0
    for name in try Files.names(in: folder) {
      if name == base {
        found.append((0, folder + "/" + name))
      } else if name.hasPrefix(base + ".") {
        let rest = name.dropFirst(base.count + 1)
        if rest.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }), let suffix = Int(rest), suffix > 0 {
          found.append((suffix, folder + "/" + name))
        } else if Self.isCompressed(name) {
          unread += 1
        }
      } else if name.hasPrefix(base + "-"), let digit = name.utf8.dropFirst(base.utf8.count + 1).first,
        digit &- UInt8(ascii: "0") <= 9
      {
        // logrotate's "dateext"; such a name says a day, and nothing of which of two files of a day is the older.
        if Self.isCompressed(name) { unread += 1 } else { dated += 1 }
      }
    }
    if dated > 0 {
      notes.insert(
        SourceNote(.leftOut, "\(dated) rotations that are named by date are not read; let them be numbered (.1, .2, …)")
      )
    }
    if unread > 0 { notes.insert(SourceNote(.leftOut, "\(unread) compressed rotations are not read")) }
    found.sort { $0.suffix > $1.suffix }

    var candidates: [Candidate] = []
    var known: Set<FileIdentity> = []
    var orphans = Set(marks.map(\.identity))
    var strangers: [Int] = []
    for (suffix, path) in found {
      guard let file = OpenFile(path) else {
        if OpenFile.isBarred(path) { bar() }
        continue
      }
      guard known.insert(file.identity).inserted else { continue }
      let fresh = FileMark(identity: file.identity, offset: 0, tail: Token(high: 0, low: 0))
      var candidate = Candidate(
        path: path, suffix: suffix, mark: fresh, size: file.size, modifiedMillis: file.modifiedMillis)
      if let mark = marks.last(where: { $0.identity == file.identity }), isStill(file, mark) {
        candidate.mark = mark
        orphans.remove(mark.identity)
      } else {
        strangers.append(candidates.count)
      }
      candidates.append(candidate)
    }
    adoptCopies(&candidates, strangers, orphans)
    let waiting = copiesUnderWay(candidates, strangers, followed: known.subtracting(orphans))
    copies = copies.filter { known.contains($0.key) }
    return candidates.filter { !waiting.contains($0.mark.identity) }
  }

  /// Rotations that are copies of the current file, which is about to be truncated (logrotate's copytruncate). Their
  /// lines are read where they were written; once the original is truncated, `adoptCopies` goes on in the copy.
  private func copiesUnderWay(
    _ candidates: [Candidate], _ strangers: [Int], followed: Set<FileIdentity>
  ) -> Set<FileIdentity> {
    guard let current = candidates.last, current.suffix == 0, current.mark.offset > 0 else { return [] }
    var waiting: Set<FileIdentity> = []
    for candidate in strangers.map({ candidates[$0] }) where candidate.suffix > 0 && candidate.mark.offset == 0 {
      let identity = candidate.mark.identity
      if let original = copies[identity], followed.contains(original) {
        waiting.insert(identity)
        continue
      }
      guard candidate.size > 0, candidate.size <= current.size else { continue }
      guard let original = OpenFile(current.path), let copy = OpenFile(candidate.path),
        original.identity == current.mark.identity, copy.identity == identity, original.size >= candidate.size
      else {
        // Changed since it was listed: the next look knows more.
        waiting.insert(identity)
        continue
      }
      guard Self.begins(original, with: copy, bytes: candidate.size) else { continue }
      copies[identity] = original.identity
      waiting.insert(identity)
    }
    return waiting
  }

  /// Compares the first and the last bytes, which hold times to the second.
  private static func begins(_ file: borrowing OpenFile, with other: borrowing OpenFile, bytes size: UInt64) -> Bool {
    let count = FileMark.tailLength(size)
    for offset in [0, size - UInt64(count)] {
      guard let mine = file.bytes(at: offset, count: count), let theirs = other.bytes(at: offset, count: count),
        mine == theirs
      else { return false }
    }
    return true
  }

  /// A file with a mark, checked again only when it has changed.
  private func isStill(_ file: borrowing OpenFile, _ mark: FileMark) -> Bool {
    let now = Verified(size: file.size, modifiedMillis: file.modifiedMillis, offset: mark.offset)
    if verified[file.identity] == now { return true }
    guard mark.matches(file, router) else {
      verified[file.identity] = nil
      return false
    }
    verified[file.identity] = now
    return true
  }

  /// A new file that begins with what was read of a file that is gone or truncated is its copy: reading goes on there.
  private func adoptCopies(_ candidates: inout [Candidate], _ strangers: [Int], _ orphans: Set<FileIdentity>) {
    var orphaned = marks.filter { orphans.contains($0.identity) && $0.offset > 0 }
    for index in strangers {
      guard let file = OpenFile(candidates[index].path), file.identity == candidates[index].mark.identity else {
        continue
      }
      if let copied = orphaned.lastIndex(where: { $0.offset <= file.size && $0.matches(file, router) }) {
        var mark = orphaned.remove(at: copied)
        let truncated = mark.identity
        mark.identity = file.identity
        candidates[index].mark = mark
        // The truncated original begins anew; its old mark must not be found again.
        marks.removeAll { $0.identity == truncated || $0.identity == file.identity }
        marks.append(mark)
      } else if let original = copies[file.identity],
        let longer = orphaned.lastIndex(where: { $0.identity == original && $0.offset > file.size })
      {
        // The original went on for a moment after it was copied: all that the copy holds has been read there.
        orphaned.remove(at: longer)
        let count = FileMark.tailLength(file.size)
        guard let tail = file.bytes(at: file.size - UInt64(count), count: count) else { continue }
        let mark = FileMark(
          identity: file.identity, offset: file.size, tail: router.token("weblog-tail", tail))
        candidates[index].mark = mark
        marks.removeAll { $0.identity == original || $0.identity == file.identity }
        marks.append(mark)
      }
    }
    for index in strangers where candidates[index].mark.offset == 0 {
      let identity = candidates[index].mark.identity
      // Other files' identities are used again after they were deleted, which loses nothing.
      if identity == marks.last?.identity, orphaned.contains(where: { $0.identity == identity }) {
        // Truncated, and no copy of the old content is there.
        notes.insert(
          SourceNote(
            .historyBroken, "a web log was truncated; lines written just before and not yet read may be missing"))
      }
      marks.removeAll { $0.identity == identity }
    }
  }

  private func bar() {
    isBarred = true
    notes.insert(SourceNote(.unread, "a file of the web log cannot be read; check its permissions and the disk"))
  }

  private func remember(_ mark: FileMark) {
    marks.removeAll { $0.identity == mark.identity }
    marks.append(mark)
    if marks.count > WeblogLimits.rememberedFiles { marks.removeFirst(marks.count - WeblogLimits.rememberedFiles) }
  }

  // MARK: Lines

  /// Reads lines until the file's end or the limit. False: there is more, or the file is not what it was.
  private func read(
    _ candidate: Candidate, isEnded: Bool, limit: BatchLimit, _ events: inout [PendingEvent], _ bytes: inout Int
  ) -> Bool {
    guard let file = OpenFile(candidate.path), file.identity == candidate.mark.identity else { return false }
    var mark = candidate.mark
    let stream = file.identity.text
    let start = mark.offset
    defer { if mark.offset != start { remember(mark) } }
    builder.takesCommon = isCommon(file, from: start)
    builder.file = candidate.path.split(separator: "/").last.map(String.init) ?? candidate.path
    while true {
      // The limits count what a line becomes: its own bytes and about 200 of keys, seals and header.
      if events.count >= limit.events || bytes >= limit.bytes { return mark.offset >= file.size }
      // With what stands before it, so that the mark of what is read here comes from these very bytes: a mark whose
      // hash could not be read would not be recognised, and the file would be taken for another one.
      let overlap = FileMark.tailLength(mark.offset)
      guard let read = file.read(at: mark.offset - UInt64(overlap), into: buffer) else {
        // Asking again at once would only repeat the error; the next look does.
        bar()
        return true
      }
      // Also where the file was truncated meanwhile, which the next look notices.
      if read <= overlap { return true }
      let bytesRead = UnsafeBufferPointer(rebasing: buffer.bindMemory(to: UInt8.self)[..<read])
      let block = UnsafeBufferPointer(rebasing: bytesRead[overlap...])
      let isFileEnd = read < buffer.count
      let (position, isFull) = takeLines(
        of: block, stream, isLast: isFileEnd && isEnded, limit: limit, &mark, &events, &bytes)
      mark.offset += UInt64(position)
      if position > 0 {
        let end = overlap + position
        mark.tail = router.token("weblog-tail", Array(bytesRead[(end - FileMark.tailLength(mark.offset))..<end]))
      }
      if isFull { return mark.offset >= file.size }
      // Nothing consumed: the rest is a half-written line.
      if isFileEnd || position == 0 { return true }
    }
  }

  /// As the file's first whole line is; a line of a longer format that was cut must not pass for a common one.
  private func isCommon(_ file: borrowing OpenFile, from start: UInt64) -> Bool {
    if start > 0, let known = commonFiles[file.identity] { return known }
    let head = file.bytes(at: 0, count: Int(min(file.size, UInt64(WeblogLimits.lineBytes)))) ?? []
    let isCommon = head.withUnsafeBufferPointer { LineFormat.isCommon($0) }
    if commonFiles.count >= WeblogLimits.rememberedFiles { commonFiles = [:] }
    commonFiles[file.identity] = isCommon
    return isCommon ?? true
  }

  /// Takes what lines a block holds, which begins where the mark stands. `isLast`: nobody writes to the file's last
  /// line any more. Answers how many bytes were taken, and whether that is because the limit was reached.
  private func takeLines(
    of block: UnsafeBufferPointer<UInt8>, _ stream: String, isLast: Bool, limit: BatchLimit, _ mark: inout FileMark,
    _ events: inout [PendingEvent], _ bytes: inout Int
  ) -> (position: Int, isFull: Bool) {
    var position = 0
    while position < block.count {
      if events.count >= limit.events || bytes >= limit.bytes { return (position, true) }
      let rest = UnsafeBufferPointer(rebasing: block[position...])
      var length = Self.lineLength(rest)
      let isTerminated = length < rest.count
      if !isTerminated, !isLast {
        // The end of a block inside a line: read again from the line's start, unless it is too long anyway.
        if rest.count <= WeblogLimits.lineBytes { break }
        if !mark.isSkipping { events.append(tooLong(rest, stream, mark.offset + UInt64(position))) }
        mark.isSkipping = true
        return (block.count, false)
      }
      let consumed = length + (isTerminated ? 1 : 0)
      let offset = mark.offset + UInt64(position)
      position += consumed
      bytes += consumed + 200
      if mark.isSkipping {
        mark.isSkipping = false
        continue
      }
      if length > 0, rest[length - 1] == UInt8(ascii: "\r") { length -= 1 }
      if length == 0 { continue }
      let line = UnsafeBufferPointer(rebasing: rest[..<length])
      events.append(
        length > WeblogLimits.lineBytes
          ? tooLong(line, stream, offset) : builder.event(of: line, stream: stream, offset: offset))
    }
    return (position, false)
  }

  private static func lineLength(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let start = bytes.baseAddress, let end = memchr(start, 0x0a, bytes.count) else { return bytes.count }
    return UnsafeRawPointer(end) - UnsafeRawPointer(start)
  }

  private func tooLong(_ line: UnsafeBufferPointer<UInt8>, _ stream: String, _ offset: UInt64) -> PendingEvent {
    builder.rejected(
      "weblog.lineTooLong", "more than \(WeblogLimits.lineBytes) bytes", line, stream: stream, offset: offset)
  }
}
