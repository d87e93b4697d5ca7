/// Where capture stands in the folder of spend sheets: which files it has taken as they are.
struct SpendPosition: Sendable, Equatable {
  struct Taken: Sendable, Equatable {
    /// Keyed token of the file's name.
    var name: String
    var size: UInt64
    var modifiedMillis: Int64
    var inode: UInt64
  }

  /// Comparisons begun so far; the version of what the newest one finds.
  var ordinal: UInt64 = 0
  /// Files that are still there.
  var taken: [Taken] = []

  init() {}

  init?(_ text: String) {
    let parts = text.split(separator: " ").map(String.init)
    guard let first = parts.first, let ordinal = UInt64(first) else { return nil }
    self.ordinal = ordinal
    for part in parts.dropFirst() {
      let fields = part.split(separator: ":").map(String.init)
      guard fields.count == 4, let size = UInt64(fields[1]), let modified = Int64(fields[2]),
        let inode = UInt64(fields[3])
      else { return nil }
      taken.append(Taken(name: fields[0], size: size, modifiedMillis: modified, inode: inode))
    }
  }

  var text: String {
    (["\(ordinal)"] + taken.map { "\($0.name):\($0.size):\($0.modifiedMillis):\($0.inode)" })
      .joined(separator: " ")
  }
}
