internal import Money
internal import Text

/// Where the comparison that goes round all tables stands. It is kept beside the known rows, so that a restart goes on.
struct ComparisonRound: Equatable {
  enum Stage: String {
    /// Rows that are there are held against what was delivered.
    case rows
    /// Rows that were delivered are looked for.
    case gone
  }

  /// When it began.
  var startedAt: Timestamp
  /// The table's place in the mapping; as many as there are tables: it is at its end.
  var table = 0
  var stage = Stage.rows
  /// In the stage of rows: the next row id.
  var fromRow = Int64.min
  /// In the other stage: the kept key that was looked for last.
  var after: [UInt8]?
  /// Whether anything was found in this stage of this table.
  var hasFound = false
  var new = 0
  var changed = 0
  var gone = 0

  init(startedAt: Timestamp) { self.startedAt = startedAt }

  /// nil: it is none of ours.
  init?(_ text: String) {
    let parts = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 9, let started = Int64(parts[0]), started >= 0, let table = Int(parts[1]), table >= 0,
      let stage = Stage(rawValue: parts[2]), let row = Int64(parts[3]), let new = Int(parts[6]),
      let changed = Int(parts[7]), let gone = Int(parts[8])
    else { return nil }
    startedAt = Timestamp(millis: started)
    self.table = table
    self.stage = stage
    fromRow = row
    after = parts[4] == "-" ? nil : Hexadecimal.bytes(parts[4])
    hasFound = parts[5] == "1"
    (self.new, self.changed, self.gone) = (new, changed, gone)
  }

  /// Holds no value of the source but keys as they are kept anyway.
  var text: String {
    let key = after.map { Hexadecimal.text($0) } ?? "-"
    let place = "\(table) \(stage.rawValue) \(fromRow) \(key)"
    return "\(startedAt.millis) \(place) \(hasFound ? 1 : 0) \(new) \(changed) \(gone)"
  }

  mutating func goTo(_ stage: Stage, of table: Int) {
    self.table = table
    self.stage = stage
    fromRow = .min
    after = nil
    hasFound = false
  }

  /// For people; no content of the source.
  func findings(at moment: Timestamp) -> String {
    "the comparison that goes round the tables has found, up to \(moment.iso), what no trigger saw: "
      + "\(new) new rows, \(changed) changed, \(gone) gone"
  }
}
