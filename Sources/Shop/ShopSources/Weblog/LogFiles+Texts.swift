internal import Capture
internal import Files
internal import Money
internal import Privacy

/// Which text a file holds that did not stand there before.
extension LogFiles {
  /// What a file is to a text that begins like it.
  private enum Relation {
    /// It was told: it holds this text, or it must be looked at again.
    case told
    /// It holds another one.
    case other
  }

  /// Finds out which text a file holds: one that is known, or a new one.
  func assign(_ place: Place, _ look: inout Look) {
    if let twin = twins[place.identity], twin.glance == place.glance, isPresent(twin.id) { return }
    guard let bytes = open(place, for: nil, &look), let head = head(of: place, bytes, &look) else { return }
    for mark in memory.marks(beginningAs: head, router) {
      if relation(place, bytes, to: mark, &look) == .told { return }
    }
    if isShortCopy(place, bytes, head) { return }
    for mark in memory.headless where !isPresent(mark.id) {
      if mark.matches(bytes, router) == true { return move(mark, to: place) }
    }
    begin(place, bytes, head)
  }

  /// Finds out whether a file in another place holds one of these texts.
  func adopt(_ place: Place, among ids: Set<UInt64>, _ look: inout Look) -> Bool {
    guard let bytes = open(place, for: nil, &look), let head = head(of: place, bytes, &look) else { return false }
    return memory.marks(beginningAs: head, router)
      .contains { ids.contains($0.id) && relation(place, bytes, to: $0, &look) == .told }
  }

  private func isPresent(_ id: UInt64) -> Bool { found[id] != nil || held[id] != nil }

  /// nil: there is none, or not yet.
  private func head(of place: Place, _ bytes: LogBytes, _ look: inout Look) -> [UInt8]? {
    guard let head = bytes.bytes(at: 0, upTo: WeblogLimits.headBytes) else {
      _ = unreadable(place, bytes, &look)
      return nil
    }
    if head.count < WeblogLimits.headBytes, !bytes.isWhole {
      waitForPacking(place, &look)
      return nil
    }
    return head.isEmpty ? nil : head
  }

  /// A .gz without its end.
  func waitForPacking(_ place: Place, _ look: inout Look) {
    let name = place.path.split(separator: "/").last.map(String.init) ?? place.path
    if clock() - place.glance.modifiedMillis < WeblogLimits.packingMillis {
      look.notes.insert(SourceNote(.waiting, "\(name) is being written"))
    } else {
      look.notes.insert(
        SourceNote(.unread, "\(name) is no whole .gz; put a sound copy in its place, or take it away"))
    }
  }

  /// The same for one that was read so far.
  func waitForPacking(_ unread: Unread, _ look: inout Look) {
    if let place = found[unread.id] { waitForPacking(place, &look) }
  }

  /// A file is not what it was when it was looked at.
  func hasChanged(_ id: UInt64) {
    held[id] = nil
    if let place = found[id] { verified[place.identity] = nil }
    guard var mark = memory[id], mark.packed != nil else { return }
    mark.packed = FileMark.Packed(size: 0, modifiedMillis: 0)
    memory.update(mark)
  }

  /// A file's bytes could not be had.
  func couldNotRead(_ unread: Unread, _ bytes: LogBytes, _ look: inout Look) {
    guard let place = found[unread.id] else { return bar(&look) }
    _ = unreadable(place, bytes, &look)
  }

  private func relation(_ place: Place, _ bytes: LogBytes, to mark: FileMark, _ look: inout Look) -> Relation {
    if isPresent(mark.id) { return copyRelation(place, bytes, to: mark) }
    if mark.isLeftOut {
      move(mark, to: place)
      return .told
    }
    guard let matches = mark.matches(bytes, router) else {
      _ = unreadable(place, bytes, &look)
      return .told
    }
    if matches {
      move(mark, to: place)
      return .told
    }
    let isShorter =
      place.isPacked ? bytes.bytes(at: mark.offset - 1, upTo: 1)?.isEmpty ?? true : place.glance.size < mark.offset
    if isShorter {
      if place.isPacked, !bytes.isWhole {
        waitForPacking(place, &look)
      } else {
        // The original went on for a moment after it was copied: all that the copy holds has been read there.
        moveRead(mark, to: place, bytes)
      }
      return .told
    }
    if mark.head?.length == WeblogLimits.headBytes, !mark.isDone {
      look.notes.insert(
        SourceNote(
          .historyBroken, "a file of the web log was changed where it had been read; all its lines are read once more"))
      finish(mark.id)
    }
    return .other
  }

  /// A file beside the one that holds the text: a copy that is under way (logrotate's copytruncate, gzip), or that
  /// stays.
  private func copyRelation(_ place: Place, _ bytes: LogBytes, to mark: FileMark) -> Relation {
    let original = found[mark.id]
    let size = held[mark.id].flatMap { $0.isPacked ? nil : $0.now?.size } ?? original?.glance.size ?? 0
    if !place.isPacked, original?.isPacked != true {
      if place.glance.size > size {
        guard mark.matches(bytes, router) == true else { return .other }
        // The longer of the two goes on.
        move(mark, to: place)
        return .told
      }
      let whole = held[mark.id] ?? original.flatMap { LogBytes($0.path, isPacked: false) }
      if let whole, !Self.begins(whole, with: bytes, size: place.glance.size) { return .other }
    }
    twins[place.identity] = Twin(id: mark.id, glance: place.glance)
    return .told
  }

  /// A beginning of the log that is too short to be told by its head, or was known for a copy while the original was
  /// there.
  private func isShortCopy(_ place: Place, _ bytes: LogBytes, _ head: [UInt8]) -> Bool {
    guard !place.isPacked, !place.name.isCurrent else { return false }
    if let twin = twins[place.identity], let mark = memory[twin.id], !isPresent(twin.id),
      place.glance.size <= mark.offset
    {
      moveRead(mark, to: place, bytes)
      return true
    }
    guard head.count < WeblogLimits.headBytes, let first = firstMillis(bytes) else { return false }
    for (id, other) in found where memory[id]?.firstMillis == first && other.identity != place.identity {
      guard let original = held[id] ?? LogBytes(other.path, isPacked: other.isPacked),
        original.identity == other.identity, original.bytes(at: 0, upTo: head.count) == head
      else { continue }
      twins[place.identity] = Twin(id: id, glance: place.glance)
      return true
    }
    return false
  }

  /// Compares the first and the last bytes, which hold times to the second.
  private static func begins(_ file: LogBytes, with other: LogBytes, size: UInt64) -> Bool {
    let count = FileMark.tailLength(size)
    return [0, size - UInt64(count)].allSatisfy { offset in
      guard let mine = file.bytes(at: offset, upTo: count), let theirs = other.bytes(at: offset, upTo: count)
      else { return false }
      return mine == theirs
    }
  }

  // MARK: What follows

  /// The text stands there now, and goes on where it was read.
  private func move(_ mark: FileMark, to place: Place) {
    var mark = mark
    if held[mark.id]?.identity != place.identity { held[mark.id] = nil }
    mark.identity = place.identity
    mark.packed =
      place.isPacked
      ? FileMark.Packed(size: place.glance.size, modifiedMillis: place.glance.modifiedMillis) : nil
    if !mark.isLeftOut { mark.isDone = false }
    memory.update(mark)
    found[mark.id] = place
    verified[place.identity] = place.glance
    twins[place.identity] = nil
  }

  /// The text stands there now, and all that is there was read elsewhere.
  private func moveRead(_ mark: FileMark, to place: Place, _ bytes: LogBytes) {
    var mark = mark
    if !place.isPacked {
      let count = FileMark.tailLength(place.glance.size)
      guard let tail = bytes.bytes(at: place.glance.size - UInt64(count), upTo: count), tail.count == count else {
        return
      }
      mark.offset = place.glance.size
      mark.tail = router.token("weblog-tail", tail)
      mark.isSkipping = false
    }
    move(mark, to: place)
    if place.isPacked { finish(mark.id) }
  }

  /// A text that nobody has seen before.
  private func begin(_ place: Place, _ bytes: LogBytes, _ head: [UInt8]) {
    var mark = FileMark(
      identity: place.identity,
      head: FileMark.Head(length: head.count, token: router.token("weblog-head", head)))
    mark.firstMillis = firstMillis(bytes)
    if place.isPacked {
      mark.packed = FileMark.Packed(size: place.glance.size, modifiedMillis: place.glance.modifiedMillis)
    }
    if isUpgrade, place.isPacked || !(place.name.isCurrent || place.name.isNumbered) {
      mark.isLeftOut = true
      mark.isDone = true
    }
    mark = memory.add(mark)
    found[mark.id] = place
    verified[place.identity] = place.glance
    twins[place.identity] = nil
  }

  private func firstMillis(_ bytes: LogBytes) -> Int64? {
    guard let head = bytes.bytes(at: 0, upTo: WeblogLimits.firstLineBytes) else { return nil }
    return head.withUnsafeBufferPointer { LineFormat.firstTime($0)?.millis }
  }

  /// Texts whose beginnings were too short when they were seen first, or were not noted by an earlier version.
  func noteHeads(_ look: inout Look) {
    var leftOut = 0
    for (id, place) in found {
      guard var mark = memory[id] else { continue }
      if mark.isLeftOut { leftOut += 1 }
      let length = mark.head?.length ?? 0
      guard length < WeblogLimits.headBytes, !place.isPacked, place.glance.size > UInt64(length),
        let bytes = open(place, for: id, &look), let head = bytes.bytes(at: 0, upTo: WeblogLimits.headBytes),
        head.count > length
      else { continue }
      mark.head = FileMark.Head(length: head.count, token: router.token("weblog-head", head))
      if mark.firstMillis == nil { mark.firstMillis = firstMillis(bytes) }
      memory.update(mark)
    }
    if leftOut > 0 {
      look.notes.insert(
        SourceNote(.leftOut, "\(leftOut) rotations that an earlier version of Millrace left out are not read"))
    }
  }
}
