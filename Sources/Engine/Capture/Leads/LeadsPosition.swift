/// Where capture stands in the inbox: which sheets it has taken, and which of them was the last.
struct LeadsPosition: Sendable, Equatable {
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
    var content: String
    var rows: Int
  }

  /// Comparisons begun so far; the version of what the newest one finds.
  var ordinal: UInt64 = 0
  /// Keyed token of the last good and the last bad sheet's bytes; "-" where there was none.
  var lastGood = "-"
  var lastBad = "-"
  /// nil: none is being rejected.
  var rejecting: Rejecting?
  /// Files that are still there.
  var taken: [Taken] = []

  init() {}

  init?(_ text: String) {
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count >= 3, let ordinal = UInt64(parts[0]) else { return nil }
    self.ordinal = ordinal
    lastGood = parts[1]
    lastBad = parts[2]
    for part in parts[3...] {
      let fields = part.split(separator: ":").map(String.init)
      if fields.count == 2, let rows = Int(fields[1]), rows >= 0 {
        rejecting = Rejecting(content: fields[0], rows: rows)
        continue
      }
      guard fields.count == 4, let size = UInt64(fields[1]), let modified = Int64(fields[2]),
        let inode = UInt64(fields[3])
      else { return nil }
      taken.append(Taken(name: fields[0], size: size, modifiedMillis: modified, inode: inode))
    }
  }

  var text: String {
    (["\(ordinal)", lastGood, lastBad] + (rejecting.map { ["\($0.content):\($0.rows)"] } ?? [])
      + taken.map { "\($0.name):\($0.size):\($0.modifiedMillis):\($0.inode)" })
      .joined(separator: " ")
  }
}
