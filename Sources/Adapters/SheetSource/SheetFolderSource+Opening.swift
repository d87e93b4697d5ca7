internal import Capture
internal import Entity
internal import Files
internal import Privacy
internal import Telemetry

/// Which sheet comes next, and what it is held against.
extension SheetFolderSource {
  /// Finds the next sheet that is new and whole, and notes what is to be said of the others.
  func openNextSheet(_ names: [String]) {
    isBarred = false
    if isOtherMapping { readAgain(names.filter(isSheet)) }
    forgetTakenAway(names.filter(isSheet))
    folderNotes = unsupported(names)
    var present: Set<String> = []
    var files: [(name: String, taken: SheetPosition.Taken)] = []
    for name in names.filter(isSheet) {
      guard let file = OpenFile(place + "/" + name) else {
        if OpenFile.isBarred(place + "/" + name) { isBarred = true }
        continue
      }
      let token = router.token(mapping.tokens.file, Array(name.utf8)).hexadecimal
      present.insert(token)
      if let note = setAside.note(on: name, token) { folderNotes.insert(note) }
      let taken = SheetPosition.Taken(
        name: token, size: file.size, modifiedMillis: file.modifiedMillis, inode: file.identity.inode)
      if !position.taken.contains(taken) { files.append((name, taken)) }
    }
    position.taken.removeAll { !present.contains($0.name) }
    held = held.filter { name, sheet in files.contains { $0.name == name && $0.taken == sheet.taken } }
    for sheet in held.values { folderNotes.insert(sheet.note) }
    // Order is what a comparison is about, so those of its list wait for one that is still being written; others do
    // not.
    var waiting: Set<[UInt8]> = []
    for file in files.sorted(by: precedes) where held[file.name] == nil {
      let list = kept.file(file.name)
      if OpenFile.systemMillis - file.taken.modifiedMillis < SheetLimits.settlingMillis {
        waiting.insert(list)
        folderNotes.insert(SourceNote(.waiting, "a \(mapping.title) is still being written"))
      } else if !waiting.contains(list), open(file.name, file.taken) {
        return
      }
    }
  }

  /// Sheets that another mapping has set aside, or refused rows of, count as new. Of several sheets that are one list
  /// at different times that is the newest.
  private func readAgain(_ names: [String]) {
    isOtherMapping = false
    let withRejected = kept.filesWithRejected
    var newest: [[UInt8]: (token: String, millis: Int64)] = [:]
    var again: Set<String> = []
    for name in names {
      let token = router.token(mapping.tokens.file, Array(name.utf8)).hexadecimal
      guard let taken = position.taken.first(where: { $0.name == token }) else { continue }
      let list = kept.numberedList(name).flatMap { withRejected.contains($0) ? $0 : nil } ?? kept.file(name)
      if setAside.has(token) || mapping.scope == .itsOwn && withRejected.contains(list) { again.insert(token) }
      guard mapping.scope != .itsOwn, withRejected.contains(list) || position.lastBad != "-" else { continue }
      if taken.modifiedMillis >= newest[list]?.millis ?? .min { newest[list] = (token, taken.modifiedMillis) }
    }
    again.formUnion(newest.values.map(\.token))
    position.taken.removeAll { again.contains($0.name) }
    if !again.isEmpty {
      position.lastGood = "-"
      position.lastBad = "-"
    }
    // Whatever is still wrong with them is to be told again.
    forgotten += kept.rejectedKeys(without: []).map { kept.forget($0) }
  }

  /// What was rejected of files that are gone no longer counts.
  private func forgetTakenAway(_ names: [String]) {
    guard hasWholeRejected || !kept.filesWithRejected.isEmpty else { return }
    let there = Set(names.map(kept.file)).union(names.compactMap(kept.numberedList))
    let gone = kept.rejectedKeys(without: there)
    forgotten += gone.map { kept.forget($0) }
    settled += gone
    if names.isEmpty { settleWhole() }
  }

  /// The older minute first, then by name.
  private func precedes(
    _ left: (name: String, taken: SheetPosition.Taken), _ right: (name: String, taken: SheetPosition.Taken)
  ) -> Bool {
    let (mine, theirs) = (left.taken.modifiedMillis / 60_000, right.taken.modifiedMillis / 60_000)
    return mine == theirs ? SheetOrder.precedes(left.name, right.name) : mine < theirs
  }

  private func isSheet(_ name: String) -> Bool {
    let lower = name.lowercased()
    return mapping.fileTypes.contains { lower.hasSuffix("." + $0) } && !isTemporary(lower)
  }

  private func isTemporary(_ lower: String) -> Bool {
    lower.hasPrefix("~$") || lower.hasPrefix(".")
      || [".tmp", ".part", ".partial", ".crdownload", "~"].contains { lower.hasSuffix($0) }
  }

  /// What lies in the folder and is never read.
  private func unsupported(_ names: [String]) -> Set<SourceNote> {
    let others = names.filter { !isSheet($0) && !isTemporary($0.lowercased()) }.sorted()
    guard !others.isEmpty else { return [] }
    let shown = others.prefix(SheetLimits.namedFiles).map(SheetsSetAside.shown)
    let more = others.count > shown.count ? [" and \(others.count - shown.count) more"] : []
    let types = mapping.fileTypes.sorted().joined(separator: ", ")
    return [
      SourceNote(
        .leftOut, "not read, since \(mapping.title)s are \(types): \(shown.joined(separator: ", "))\(more.joined())")
    ]
  }

  /// Answers whether the sheet is to be handed over; false: it is held.
  private func open(_ name: String, _ taken: SheetPosition.Taken) -> Bool {
    // Counted from the first batch on: a sheet that replaces a half-compared one must have newer versions than that.
    var sheet = SheetComparison(taken: taken, name: name, file: kept.file(name), ordinal: position.ordinal + 1)
    read(place + "/" + name, into: &sheet)
    if !accepted.contains(name), let odd = odd(sheet) {
      let shown = SheetsSetAside.shown(name)
      let note = SourceNote(
        .held, "\(shown) waits: \(odd); mend or remove it, or say `millrace capture --once --accept '\(shown)'`")
      held[name] = HeldSheet(taken: taken, file: sheet.file, note: note)
      folderNotes.insert(note)
      return false
    }
    position.ordinal += 1
    comparison = sheet
    return true
  }

  /// What somebody should have looked at before the sheet counts; nil: nothing.
  private func odd(_ sheet: SheetComparison) -> String? {
    if let doubt = sheet.doubt { return doubt }
    if sheet.losesMost {
      return
        "it lacks \(sheet.rows.isEmpty ? sheet.known : sheet.vanished.count) of the \(sheet.known) rows that it had before"
    }
    guard sheet.isWhole, mapping.scope == .itsOwn, sheet.rows.contains(where: { $0.content != nil }) else { return nil }
    if sheet.known > 0 {
      let earlier = SheetList.file(sheet.name)
      guard earlier != sheet.name, sheet.vanished.count == sheet.known else { return nil }
      return
        "it has none of the rows of \(SheetsSetAside.shown(earlier)), which by its name it replaces; "
        + "if it is another account's, give it a name of its own"
    }
    var digests: [[UInt8]: [UInt8]] = [:]
    for row in sheet.rows {
      guard let key = mapping.key(of: row.row), let content = row.content else { continue }
      digests[key] = kept.digest(content)
    }
    guard let shared = kept.overlap(of: digests, in: sheet.file) else { return nil }
    return
      "\(shared == digests.count ? "all" : "\(shared)") of its \(digests.count) rows stand in another sheet with the "
      + "same amounts, and would count twice; exports that overlap are sent under one name"
  }

  private func read(_ path: String, into sheet: inout SheetComparison) {
    var bytes: [UInt8] = []
    if mapping.scope == .everything {
      do { bytes = try Files.read(path, limit: SheetLimits.sheetBytes).bytes } catch {
        return setAside(&sheet, error.reason, [])
      }
      sheet.bytes = router.token(mapping.tokens.bytes, bytes).hexadecimal
      if sheet.bytes == position.lastGood || sheet.bytes == position.lastBad {
        sheet.isWhole = sheet.bytes == position.lastGood
        // Known bytes under another name: their rows are not rejected again, but the file is named.
        if !sheet.isWhole { sheet.unreadable = LoadedSheet.fault(of: path, mapping) }
        return
      }
    }
    do {
      take(try LoadedSheet(path, mapping), into: &sheet)
    } catch {
      setAside(&sheet, error.reason, bytes)
    }
  }

  private func take(_ loaded: LoadedSheet, into sheet: inout SheetComparison) {
    sheetsRead.add()
    rowsRead.add(Int64(loaded.rows.count))
    sheet.isWhole = loaded.missing.isEmpty
    // A sheet that lacks columns may lack its header altogether: then its first row is a person, whom no note may name.
    dropped =
      sheet.isWhole ? Set(loaded.dropped.map { SourceNote(.droppedColumn, "\(mapping.title): \($0)") }) : []
    if let worksheet = loaded.worksheet {
      let page = TextScrubber.scrubIfSuspicious(ClearText.cut(worksheet, to: SheetLimits.columnNameBytes))
      dropped.insert(
        SourceNote(.leftOut, "\(SheetsSetAside.shown(sheet.name)): its worksheet \"\(page)\" was read, and no other"))
    }
    let missing = loaded.missing.first.map { RowFault(reason: "sheet.missingColumn", detail: $0) }
    if loaded.isWindows1252 {
      dropped.insert(
        SourceNote(
          .leftOut,
          "\(SheetsSetAside.shown(sheet.name)): its text is no UTF-8 and was read as Windows-1252; where it is another "
            + "encoding, names are wrong: save it as UTF-8"))
    }
    sheet.rows = loaded.rows.map { line in
      SheetComparison.Row(
        number: UInt64(line.number), row: line.row, fault: missing ?? line.fault ?? fault(of: line.row))
    }
    sheet.isRefused = !sheet.rows.isEmpty && sheet.rows.allSatisfy { $0.fault != nil }
    if sheet.isWhole || mapping.scope != .everything {
      chooseList(&sheet)
      sheet.settle(kept, mapping)
      noteRolledOut(sheet)
      passOver(&sheet)
    } else if let begun = position.rejecting, begun.bytes == sheet.bytes {
      // Its first rows were rejected before an interruption.
      sheet.next = min(begun.rows, sheet.rows.count)
    }
  }

  /// A number in the name may count states of a list, or tell one list from another: the rows say which.
  private func chooseList(_ sheet: inout SheetComparison) {
    guard let own = kept.numberedList(sheet.name) else { return }
    if !kept.keys(of: own).rows.isEmpty {
      sheet.file = own
      return
    }
    // It was taken before, and not as a list of its own.
    if position.taken.contains(where: { $0.name == sheet.taken.name }) { return }
    let known = Set(kept.keys(of: sheet.file).rows)
    let keys = Set(sheet.rows.compactMap { mapping.key(of: $0.row) }.map { kept.key($0, in: sheet.file) })
    let shared = keys.intersection(known).count
    let fewer = min(known.count, keys.count)
    guard fewer > 0, shared * 2 < fewer else { return }
    guard shared * 10 <= fewer else {
      sheet.doubt =
        "it shares \(shared) of its \(keys.count) rows with a list whose name differs in a number only; "
        + "if it is that list at another time, accept it; if it is another, give it another name"
      return
    }
    sheet.file = own
    dropped.insert(
      SourceNote(
        .leftOut,
        "\(SheetsSetAside.shown(sheet.name)) is read as a list of its own: it shares \(shared) of its \(keys.count) "
          + "rows with those whose names differ in a number only"))
  }

  private func noteRolledOut(_ sheet: SheetComparison) {
    guard !sheet.rolledOut.isEmpty else { return }
    dropped.insert(
      SourceNote(
        .leftOut,
        "\(SheetsSetAside.shown(sheet.name)) no longer has \(sheet.rolledOut.count) rows from before its first day; "
          + "they stay, as in an export of the last days; `sheets: whole` at the source takes them away"))
  }

  /// Rows that are older, as they say themselves, than what is known of them change nothing; a sheet most of whose news
  /// is old is an older one, and takes nothing away.
  private func passOver(_ sheet: inout SheetComparison) {
    guard mapping.scope == .list else { return }
    var old: Set<Int> = []
    var (newer, added) = (0, 0)
    for (index, row) in sheet.rows.enumerated() where row.fault == nil {
      guard let entry = entry(of: row), let time = mapping.time(of: entry.content) else { continue }
      let key = kept.key(entry.key, in: sheet.file)
      guard let digest = kept.digest(of: key) ?? kept.earlierKey(of: key).flatMap({ kept.digest(of: $0) }) else {
        added += 1
        continue
      }
      guard digest != kept.digest(entry.content),
        let known = try? kept.content(of: key) ?? kept.earlierKey(of: key).flatMap({ try kept.content(of: $0) }),
        let knownTime = mapping.time(of: known)
      else { continue }
      if time < knownTime {
        old.insert(index)
      } else if time > knownTime {
        newer += 1
      }
    }
    guard !old.isEmpty else { return }
    let isOlder = newer == 0 && old.count >= added
    let what =
      isOlder
      ? "is older than what is known, and changes nothing"
      : "has \(old.count) rows that are older than what is known; they change nothing"
    dropped.insert(SourceNote(.leftOut, "\(SheetsSetAside.shown(sheet.name)) \(what)"))
    sheet.rows = sheet.rows.enumerated().filter { isOlder ? $1.fault != nil : !old.contains($0) }.map(\.element)
    if isOlder {
      sheet.vanished = []
      sheet.known = 0
    }
  }

  /// What a row says, together with others of its key on the sheet.
  func entry(of row: SheetComparison.Row) -> SheetEntry? {
    guard var entry = try? mapping.entry(of: row.row) else { return nil }
    if let content = row.content { entry.content = content }
    return entry
  }

  private func fault(of row: SheetRow) -> RowFault? {
    do {
      _ = try mapping.entry(of: row)
      return nil
    } catch {
      return error
    }
  }

  /// A sheet that cannot be read is one rejected record, told once per state of the file.
  private func setAside(_ sheet: inout SheetComparison, _ reason: String, _ bytes: [UInt8]) {
    unreadableSheets.add()
    let reason = ClearText.cut(reason, to: SheetLimits.reasonBytes)
    var cells =
      mapping.scope == .everything
      ? [String(decoding: bytes.prefix(CaptureLimits.rejectedRawBytes), as: UTF8.self)]
      : ["\(sheet.taken.size)", "\(sheet.taken.modifiedMillis)"]
    while cells.count < mapping.columns.count { cells.append("") }
    sheet.unreadable = reason
    sheet.isRefused = true
    sheet.rows = [
      SheetComparison.Row(
        number: 0, row: SheetRow(cells: cells), fault: RowFault(reason: Self.unreadable, detail: reason))
    ]
    if mapping.scope != .everything { sheet.settle(kept, mapping) }
  }

  static let unreadable = "sheet.unreadable"

  func finish(_ sheet: SheetComparison) {
    position.rejecting = nil
    if sheet.isWhole, sheet.bytes != "-" {
      position.lastGood = sheet.bytes
    } else {
      position.lastBad = sheet.bytes
    }
    position.take(sheet.taken)
    // A good version settles what an earlier one asked.
    guard sheet.isWhole, mapping.scope != .itsOwn else { return }
    for (name, other) in held
    where other.file == sheet.file && other.taken.modifiedMillis <= sheet.taken.modifiedMillis {
      position.take(other.taken)
      held[name] = nil
    }
  }
}

/// A sheet that somebody has to look at.
struct HeldSheet {
  var taken: SheetPosition.Taken
  /// How kept rows name the file.
  var file: [UInt8]
  var note: SourceNote
}
