internal import Capture
internal import Files
internal import Money
internal import Text

/// Texts that stand nowhere any more, and folders in which they were found.
extension LogFiles {
  /// Texts that were not read to their end and stand nowhere: they are looked for in other files and folders beside,
  /// and after a moment history is broken.
  func followMissing(_ places: [Place], _ look: inout Look) throws {
    // What is held open is read there; where it has gone others may follow.
    var gone = memory.open.filter { found[$0] == nil && !(held[$0] != nil && searched.contains($0)) }
    searched = memory.open.filter { found[$0] == nil && held[$0] != nil }
    if !gone.isEmpty {
      for place in elsewhere(but: Set(places.map(\.identity))) {
        var isOurs = false
        if let mark = memory.mark(at: place.identity), gone.contains(mark.id), isStill(place, mark, &look) == true {
          found[mark.id] = place
          isOurs = true
        } else if place.name.isCurrent == false, place.glance.size > 0 {
          isOurs = adopt(place, among: gone, &look)
        }
        let folder = Files.folder(of: place.path)
        if isOurs, folder != Files.folder(of: path) {
          foundFolders[folder] = min(foundFolders[folder] ?? .max, place.glance.modifiedMillis)
        }
        gone = gone.filter { found[$0] == nil }
        if gone.isEmpty { break }
      }
    }
    gone = gone.filter { held[$0] == nil }
    missing = missing.filter { gone.contains($0.key) }
    let now = clock()
    for id in gone.sorted() {
      let since = missing[id] ?? now
      missing[id] = since
      if now - since < WeblogLimits.missingMillis {
        look.notes.insert(SourceNote(.waiting, "a file of the web log is missing, as if it were being renamed"))
      } else {
        look.notes.insert(SourceNote(.historyBroken, breakText(of: id, places)))
        missing[id] = nil
        finish(id)
      }
    }
  }

  /// Files of any name in the log's folder, and rotations in the folders that lie in it.
  private func elsewhere(but known: Set<FileIdentity>) -> [Place] {
    let folder = Files.folder(of: path)
    let base = path.split(separator: "/").last.map(String.init) ?? path
    let names = ((try? Files.names(in: folder)) ?? []).prefix(WeblogLimits.searchedNames)
    var places: [Place] = []
    func add(_ name: String, in folder: String) {
      guard let glance = FileGlance(folder + "/" + name), !known.contains(glance.identity) else { return }
      // Of a name that is no rotation's: only what stood there before is looked for.
      let isRotation = RotationName(name, of: base).map { $0.packing != .other } ?? false
      guard isRotation || memory.mark(at: glance.identity) != nil else { return }
      guard var rotation = RotationName(isRotation ? name : base, of: base) else { return }
      if isRotation { rotation.isCurrent = false }
      places.append(Place(path: folder + "/" + name, name: rotation, glance: glance))
    }
    for name in names {
      let inner = folder + "/" + name
      guard Files.isFolder(inner) else {
        add(name, in: folder)
        continue
      }
      for name in ((try? Files.names(in: inner)) ?? []).prefix(WeblogLimits.searchedNames) { add(name, in: inner) }
    }
    return places
  }

  private func breakText(of id: UInt64, _ places: [Place]) -> String {
    let mark = memory[id]
    let read = mark?.lastMillis.map { Timestamp(millis: $0) }
    let isTruncated = places.contains { $0.identity == mark?.identity }
    let following = found.keys.compactMap { memory[$0]?.firstMillis }
      .filter { $0 >= mark?.lastMillis ?? mark?.firstMillis ?? .min }.min().map { Timestamp(millis: $0) }
    return
      (isTruncated
      ? "a web log was truncated, and no copy of it is there: "
      : "a file of the web log was deleted, moved or packed before it was seen to its end: ")
      + (read.map { "it was read up to \($0.iso), " } ?? "nothing of it was read, ")
      + (following.map { "the next file begins at \($0.iso); " } ?? "no newer file is there; ")
      + "lines written in between may be missing; docs/operations.md says how rotations are followed"
  }

  // MARK: Folders that were found

  /// The source's own text beside the rows of `memory`.
  var position: String {
    memory.position
      + foundFolders.sorted { $0.key < $1.key }.map { " \($0.value)=\(Hexadecimal.text(Array($0.key.utf8)))" }.joined()
  }

  /// As `position` wrote them down.
  static func folders(in position: String?) -> [String: Int64] {
    var folders: [String: Int64] = [:]
    for word in (position ?? "").split(separator: " ") {
      let parts = word.split(separator: "=")
      guard parts.count == 2, let since = Int64(parts[0]), let bytes = Hexadecimal.bytes(String(parts[1])) else {
        continue
      }
      folders[String(decoding: bytes, as: UTF8.self)] = since
    }
    return folders
  }
}
