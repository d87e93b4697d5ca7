internal import Capture

/// Sheets of one folder that could not be read at all. Such a sheet stops nothing: it counts as taken until its file
/// changes, and as long as it lies in the folder a note names it and says why.
///
/// Kept among the rows of its source, so that the note outlives a restart: under a key of a length that no row has,
/// with the reason, which never has content, as the digest.
struct SheetsSetAside {
  /// By kept key.
  private var reasons: [[UInt8]: String] = [:]
  /// A letter and the file's token in hexadecimal.
  private static let keyBytes = 33

  init() {}

  /// Takes out of a source's kept rows those that are of this kind.
  init(takingFrom digests: inout [[UInt8]: [UInt8]]) {
    for (key, reason) in digests where key.count == Self.keyBytes {
      reasons[key] = String(decoding: reason, as: UTF8.self)
      digests[key] = nil
    }
  }

  /// Whether the sheet whose name has this token was set aside.
  func has(_ token: String) -> Bool { reasons[Self.key(token)] != nil }

  /// After a look at the sheet whose name has this token. `reason`: why it cannot be read; nil: it was read.
  mutating func settle(_ token: String, _ reason: String?) -> [StateWrite] {
    let key = Self.key(token)
    guard reasons[key] != reason else { return [] }
    reasons[key] = reason
    return [StateWrite(key: key, digest: reason.map { Array($0.utf8) })]
  }

  /// What to say of a sheet that lies in the folder; nil: nothing.
  func note(on name: String, _ token: String) -> SourceNote? {
    guard let reason = reasons[Self.key(token)] else { return nil }
    return SourceNote(
      .unread, "\(Self.shown(name)) was set aside: \(reason); mend the file or take it out of the folder")
  }

  /// A file's name as notes show it.
  static func shown(_ name: String) -> String {
    TextScrubber.scrubIfSuspicious(ClearText.cut(name, to: SheetLimits.sheetNameBytes))
  }

  private static func key(_ token: String) -> [UInt8] { [UInt8(ascii: "u")] + token.utf8 }
}
