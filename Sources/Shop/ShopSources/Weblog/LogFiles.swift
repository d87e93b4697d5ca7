internal import Capture
internal import Events
internal import Files
internal import Money
internal import Privacy

/// The files of one web log: which are there, which text each holds, and what of it is still to be read.
///
/// A text is what the server wrote between two rotations (`FileMark`). It is found again by where it stands and by what
/// it holds, so renaming, copying, compressing and truncating neither lose nor repeat a line. Two files that begin
/// alike hold one text. One thread at a time.
final class LogFiles {
  /// A text with unread bytes.
  struct Unread {
    var id: UInt64
    /// nil: it could not be opened.
    var bytes: LogBytes?
    var isCurrent: Bool
    /// Nobody is writing to it any more.
    var isSettled: Bool
  }

  /// What a look brought.
  struct Look {
    /// In the order in which the texts were begun.
    var unread: [Unread] = []
    /// To be shown as long as later looks say so, too; breaks of history are told once.
    var notes: Set<SourceNote> = []
    /// A file that is there cannot be read.
    var isBarred = false
    /// Another file has got the log's own name since the look before.
    var isRotated = false
    /// Bytes in files that are not packed: all, and those that were read.
    var total: UInt64 = 0
    var done: UInt64 = 0
  }

  struct Place {
    var path: String
    var name: RotationName
    var glance: FileGlance
    var identity: FileIdentity { glance.identity }
    var isPacked: Bool { name.packing == .gzip }
  }
  struct Twin {
    var id: UInt64
    var glance: FileGlance
  }

  let path: String
  /// Folders beside the log's own that rotations are moved to, as configured.
  let folders: [String]
  /// Folders in which a text of this log was found, and the time of the file that it was: what was rotated since is
  /// there.
  var foundFolders: [String: Int64] = [:]
  /// What is said of folders whose rotations are not read; nil: to be looked up.
  private var folderNotes: Set<SourceNote>?
  let router: Router
  /// Milliseconds, as files' times are.
  let clock: @Sendable () -> Int64
  var memory = LogMemory(position: nil, rows: [])
  /// Whether an earlier version has read this log, and nobody looked since.
  var isUpgrade = false
  /// Files that are open, by text.
  var held: [UInt64: LogBytes] = [:]
  /// As the files were when they were found to hold their texts.
  var verified: [FileIdentity: FileGlance] = [:]
  /// Files that hold a beginning of a text that stands elsewhere, too.
  var twins: [FileIdentity: Twin] = [:]
  /// Since when texts that are not done stand nowhere.
  var missing: [UInt64: Int64] = [:]
  /// Texts that are held open, stand in no known place, and were looked for elsewhere.
  var searched: Set<UInt64> = []
  private var current: FileIdentity?
  /// Where texts stand at this look.
  var found: [UInt64: Place] = [:]

  init(path: String, folders: [String], router: Router, clock: @escaping @Sendable () -> Int64) {
    self.clock = clock
    self.path = path
    self.folders = folders
    self.router = router
  }

  func resume(from checkpoint: SourceCheckpoint) throws {
    memory = LogMemory(position: checkpoint.position, rows: try checkpoint.state.digests())
    isUpgrade = LogMemory.isEarlier(checkpoint.position)
    foundFolders = Self.folders(in: checkpoint.position)
    // What is open stays so: after a failure of the log, too, it may be the last that holds a file which is gone.
    let open = held.values
    (held, verified, twins, missing, current) = ([:], [:], [:], [:], nil)
    for bytes in open {
      guard let mark = memory.mark(at: bytes.identity), !mark.isDone, mark.matches(bytes, router) == true else {
        continue
      }
      held[mark.id] = bytes
    }
    searched = []
    folderNotes = nil
  }

  // MARK: A look

  func look() throws -> Look {
    let known = foundFolders
    var look = try lookOnce()
    let notes = folderNotes ?? unreadFolders()
    folderNotes = notes
    guard foundFolders.count > known.count else {
      look.notes.formUnion(notes)
      return look
    }
    // What else was moved there since is read with it.
    folderNotes = unreadFolders()
    var again = try lookOnce()
    again.notes.formUnion(look.notes.filter { $0.kind == .historyBroken })
    again.notes.formUnion(folderNotes ?? [])
    again.isRotated = again.isRotated || look.isRotated
    return again
  }

  private func lookOnce() throws -> Look {
    var look = Look()
    found = [:]
    let places = try list(&look)
    var strangers: [Place] = []
    for place in places where place.glance.size > 0 || memory.mark(at: place.identity) != nil {
      guard let mark = memory.mark(at: place.identity) else {
        strangers.append(place)
        continue
      }
      switch isStill(place, mark, &look) {
      case true?: found[mark.id] = place
      case false?: strangers.append(place)
      case nil: continue
      }
    }
    // What is open and was truncated before it went away holds another text by now.
    for (id, bytes) in held where found[id] == nil && memory[id]?.matches(bytes, router) != true { held[id] = nil }
    // The log itself before its copies, whole files before packed ones.
    strangers.sort { Self.rank($0) < Self.rank($1) }
    for place in strangers where place.glance.size > 0 { assign(place, &look) }
    isUpgrade = false
    noteHeads(&look)
    let known = Set(places.map(\.identity))
    twins = twins.filter { known.contains($0.key) }
    verified = verified.filter { known.contains($0.key) }
    if !look.isBarred { try followMissing(places, &look) }
    collect(places, &look)
    return look
  }

  private static func rank(_ place: Place) -> (Int, UInt64, String) {
    (place.name.isCurrent ? 0 : place.isPacked ? 2 : 1, .max - place.glance.size, place.path)
  }

  /// All files of the log, each once, the log itself first.
  private func list(_ look: inout Look) throws -> [Place] {
    let base = path.split(separator: "/").last.map(String.init) ?? path
    var places: [Place] = []
    var unreadable = 0
    var unknown: [String] = []
    for folder in [Files.folder(of: path)] + folders + foundFolders.keys.filter({ !folders.contains($0) }) {
      guard folder == Files.folder(of: path) || Files.isFolder(folder) else {
        if !folders.contains(folder) { continue }
        look.notes.insert(
          SourceNote(
            .unread,
            "the folder of the web log's rotations, \(folder), is not there yet; make it, or mend `rotated` in millrace.yaml"
          ))
        continue
      }
      for name in try Files.names(in: folder) {
        guard let rotation = RotationName(name, of: base) else {
          if RotationName.isLikely(name, of: base) { unknown.append(name) }
          continue
        }
        if rotation.packing == .other {
          unreadable += 1
        } else if let glance = FileGlance(folder + "/" + name),
          folders.contains(folder) || glance.modifiedMillis >= foundFolders[folder] ?? .min
        {
          places.append(Place(path: folder + "/" + name, name: rotation, glance: glance))
        }
      }
    }
    if unreadable > 0 {
      look.notes.insert(
        SourceNote(
          .leftOut,
          "\(unreadable) rotations are compressed by another program than gzip and are not read; with logrotate, write "
            + "delaycompress, or leave out compresscmd"))
    }
    if let first = unknown.first {
      look.notes.insert(
        SourceNote(
          .leftOut,
          "\(unknown.count) files beside the web log, as \(first), have no name of a rotation and are not read; if they are "
            + "rotations, name them by number or date"))
    }
    places.sort { ($0.name.isCurrent ? 0 : 1, $0.path) < ($1.name.isCurrent ? 0 : 1, $1.path) }
    var seen: Set<FileIdentity> = []
    return places.filter { seen.insert($0.identity).inserted }
  }

  /// Whether a file holds the text that stood there before; nil: it cannot be told now.
  func isStill(_ place: Place, _ mark: FileMark, _ look: inout Look) -> Bool? {
    if verified[place.identity] == place.glance { return true }
    let packed = FileMark.Packed(size: place.glance.size, modifiedMillis: place.glance.modifiedMillis)
    if place.isPacked, mark.packed == packed { return true }
    guard place.isPacked == (mark.packed != nil) else { return false }
    guard place.isPacked || place.glance.size >= mark.offset else { return letGo(mark, place) }
    guard let bytes = open(place, for: mark.id, &look) else { return nil }
    guard let matches = mark.matches(bytes, router) else { return unreadable(place, bytes, &look) }
    guard matches else { return letGo(mark, place) }
    verified[place.identity] = place.glance
    var changed = mark
    if place.isPacked { changed.packed = packed }
    // Somebody wrote to it once more.
    if !mark.isLeftOut, place.isPacked || place.glance.size > mark.offset { changed.isDone = false }
    memory.update(changed)
    return true
  }

  /// The file was truncated, or its identity was used again: what is open there is no longer this text.
  private func letGo(_ mark: FileMark, _ place: Place) -> Bool {
    verified[place.identity] = nil
    if held[mark.id]?.identity == place.identity { held[mark.id] = nil }
    return false
  }

  /// A file that is there, opened; nil: it is gone, or barred, which is noted.
  func open(_ place: Place, for id: UInt64?, _ look: inout Look) -> LogBytes? {
    if let id, let bytes = held[id], bytes.identity == place.identity { return bytes }
    guard let bytes = LogBytes(place.path, isPacked: place.isPacked) else {
      if OpenFile.isBarred(place.path) { bar(&look) }
      return nil
    }
    return bytes.identity == place.identity ? bytes : nil
  }

  func bar(_ look: inout Look) {
    look.isBarred = true
    look.notes.insert(
      SourceNote(.unread, "a file of the web log cannot be read; check its permissions and the disk"))
  }

  /// Says why the bytes of a file cannot be had.
  func unreadable(_ place: Place, _ bytes: LogBytes, _ look: inout Look) -> Bool? {
    guard bytes.isDamaged else {
      bar(&look)
      return nil
    }
    let name = place.path.split(separator: "/").last.map(String.init) ?? place.path
    look.notes.insert(SourceNote(.unread, "\(name) is no whole .gz; put a sound copy in its place, or take it away"))
    return nil
  }

  // MARK: What is to be read

  private func collect(_ places: [Place], _ look: inout Look) {
    let now = clock()
    // Where programs write to dated files at once, none has the log's own name; the newest is written to.
    let own =
      places.first { $0.name.isCurrent }
      ?? places.filter { !$0.isPacked }.max { $0.glance.modifiedMillis < $1.glance.modifiedMillis }
    look.isRotated = own != nil && current != nil && own?.identity != current
    current = own?.identity ?? current
    for (id, place) in found {
      guard let mark = memory[id], !mark.isLeftOut else { continue }
      let isCurrent = place.identity == own?.identity
      if !place.isPacked {
        look.total += place.glance.size
        look.done += min(mark.offset, place.glance.size)
      }
      let isSettled = !isCurrent && now - place.glance.modifiedMillis > WeblogLimits.rotatedSettlingMillis
      let isRead = !place.isPacked && mark.offset >= place.glance.size
      if mark.isDone, isRead || place.isPacked { continue }
      if isRead, !isCurrent, isSettled {
        finish(id)
      } else {
        look.unread.append(Unread(id: id, bytes: nil, isCurrent: isCurrent, isSettled: isSettled))
      }
    }
    // Those that are gone from their places, and open.
    for id in held.keys where found[id] == nil { collectHeld(id, now, &look) }
    look.unread.sort { order($0) < order($1) }
    hold(&look)
    look.unread.removeAll { unread in
      guard let mark = memory[unread.id], let place = found[unread.id], !place.isPacked else { return false }
      return mark.offset >= place.glance.size
    }
  }

  private func collectHeld(_ id: UInt64, _ now: Int64, _ look: inout Look) {
    guard let mark = memory[id], let bytes = held[id], let state = bytes.now else {
      held[id] = nil
      return
    }
    let isRead = bytes.isPacked ? mark.isDone : mark.offset >= state.size
    if isRead, now - state.modifiedMillis > WeblogLimits.heldMillis {
      finish(id)
    } else if !isRead {
      let isSettled = now - state.modifiedMillis > WeblogLimits.rotatedSettlingMillis
      look.unread.append(Unread(id: id, bytes: bytes, isCurrent: false, isSettled: isSettled))
    }
  }

  private func order(_ unread: Unread) -> (Int64, UInt64) {
    (memory[unread.id]?.firstMillis ?? (unread.isCurrent ? .max : .min), unread.id)
  }

  /// Keeps the newest of the files open that may still be written to, and opens the first that is to be read.
  private func hold(_ look: inout Look) {
    for (index, unread) in look.unread.enumerated().reversed() {
      guard let place = found[unread.id] else { continue }
      let isNear = look.unread.count - index <= WeblogLimits.heldFiles || index == 0
      guard isNear || held[unread.id] != nil, let bytes = open(place, for: unread.id, &look) else { continue }
      held[unread.id] = bytes
      look.unread[index].bytes = bytes
    }
  }

  /// Opens a text that was not opened at the look.
  func bytes(of unread: Unread, _ look: inout Look) -> LogBytes? {
    if let bytes = unread.bytes { return bytes }
    guard let place = found[unread.id], let bytes = open(place, for: unread.id, &look) else { return nil }
    held[unread.id] = bytes
    return bytes
  }

  /// A text was read to its end, and another file has taken its place.
  func finish(_ id: UInt64) {
    held[id] = nil
    guard var mark = memory[id], !mark.isDone else { return }
    mark.isDone = true
    memory.update(mark)
  }
}
