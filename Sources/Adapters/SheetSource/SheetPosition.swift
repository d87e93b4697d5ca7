internal import Capture

/// Where capture stands in a folder of sheets: which it has taken, and where each is the whole list also which of them
/// was the last.
struct SheetPosition: Sendable, Equatable {
  struct Taken: Sendable, Equatable {
    /// Keyed token of the file's name: names may tell whose list it is.
    var name: String
    var size: UInt64
    var modifiedMillis: Int64
    var inode: UInt64
  }

  /// A sheet without its columns, of which that many rows are rejected.
  struct Rejecting: Sendable, Equatable {
    /// Keyed token of its bytes.
    var bytes: String
    var rows: Int
  }

  /// Comparisons begun so far; the version of what the newest one finds.
  var ordinal: UInt64 = 0
  /// Keyed token of the last good and the last bad sheet's bytes; "-" where there was none. Only where a sheet is all.
  var lastGood = "-"
  var lastBad = "-"
  /// nil: none is being rejected.
  var rejecting: Rejecting?
  /// Files that are still there.
  var taken: [Taken] = []

  /// Whether all that earlier builds took with other rules is still to be told once more. Only where a sheet has its
  /// own rows.
  var isRetelling = false

  init() {}

  init?(_ text: String, _ scope: SheetScope) {
    var parts = text.split(separator: " ").map(String.init)[...]
    if scope == .itsOwn {
      isRetelling = parts.first != Self.told
      if !isRetelling { parts = parts.dropFirst() }
    }
    guard let ordinal = parts.popFirst().flatMap({ UInt64($0) }) else { return nil }
    self.ordinal = ordinal
    if scope != .itsOwn {
      guard let good = parts.popFirst(), let bad = parts.popFirst() else { return nil }
      lastGood = good
      lastBad = bad
    }
    for part in parts {
      let fields = part.split(separator: ":").map(String.init)
      if scope != .itsOwn, fields.count == 2, let rows = Int(fields[1]), rows >= 0 {
        rejecting = Rejecting(bytes: fields[0], rows: rows)
        continue
      }
      guard fields.count == 4, let size = UInt64(fields[1]), let modified = Int64(fields[2]),
        let inode = UInt64(fields[3])
      else { return nil }
      taken.append(Taken(name: fields[0], size: size, modifiedMillis: modified, inode: inode))
    }
  }

  func text(_ scope: SheetScope) -> String {
    let list = taken.map { "\($0.name):\($0.size):\($0.modifiedMillis):\($0.inode)" }
    let whole =
      scope != .itsOwn ? [lastGood, lastBad] + (rejecting.map { ["\($0.bytes):\($0.rows)"] } ?? []) : []
    let mark = scope == .itsOwn && !isRetelling ? [Self.told] : []
    return (mark + ["\(ordinal)"] + whole + list).joined(separator: " ")
  }

  /// Stands before positions of builds that add up what sheets say.
  private static let told = "+"

  /// A sheet was taken as it is.
  mutating func take(_ sheet: Taken) {
    taken.removeAll { $0.name == sheet.name }
    taken.append(sheet)
  }
}
