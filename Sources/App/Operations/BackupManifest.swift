internal import Crypto
package import EmbeddedLog
internal import EventLog
internal import Files
internal import Text
internal import Workspace

/// What a backup holds, as text: written last, so that a backup without it is none.
///
/// Lines of a word and its value; the last one is the SHA-256 of all before it.
package struct BackupManifest: Equatable {
  package struct File: Equatable {
    /// Inside the workspace, and inside the backup's state folder.
    package var path: String
    package var bytes: Int64
    /// SHA-256, hexadecimal.
    package var digest: String
  }

  /// Where the log of the workspace was, and whether the backup holds it.
  package enum Log: String {
    /// In the workspace; the backup holds it.
    case embedded
    /// With a broker, and nowhere else.
    case kafka
    /// With a broker; the backup holds a copy.
    case archived
  }

  package static let name = "manifest"
  private static let firstLine = "millrace backup 1"
  /// A line per file and partition: thousands of them at the most.
  static let limitBytes = 4 << 20

  /// Identity of the log.
  package var lineage: String
  /// Milliseconds since 1970.
  package var madeAt: Int64
  /// Version of the program that made it.
  package var program: String
  /// Folder of `files`, inside the backup.
  package var state: String
  package var log: Log
  package var holdsKeys: Bool
  package var files: [File] = []
  /// Where the log ended. Where the backup holds it, with the chain of the copy, otherwise with the digest of the last
  /// record there (`RecordDigest`), or nothing where there is none.
  package var ends: [LogEnd] = []

  var text: String {
    var lines = [
      Self.firstLine, "lineage \(lineage)", "made \(madeAt)", "program \(program)", "state \(state)",
      "log \(log.rawValue)", "keys \(holdsKeys ? "here" : "elsewhere")",
    ]
    lines += files.map { "file \($0.digest) \($0.bytes) \($0.path)" }
    lines += ends.map {
      "partition \($0.partition.topic) \($0.partition.partition) \($0.firstOffset) \($0.nextOffset) \(Hexadecimal.text($0.chain))"
    }
    let body = lines.joined(separator: "\n") + "\n"
    return body + "sha256 \(Hexadecimal.text(SHA256.hash(Array(body.utf8))))\n"
  }

  init(lineage: String, madeAt: Int64, state: String, log: Log, holdsKeys: Bool) {
    self.lineage = lineage
    self.madeAt = madeAt
    program = Program.version
    self.state = state
    self.log = log
    self.holdsKeys = holdsKeys
  }

  /// nil: not such a text, or not as it was written.
  init?(text: String) {
    guard text.hasSuffix("\n"), let last = text.dropLast().lastIndex(of: "\n") else { return nil }
    let body = String(text[...last])
    guard text[text.index(after: last)...] == "sha256 \(Hexadecimal.text(SHA256.hash(Array(body.utf8))))\n" else {
      return nil
    }
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    func value(_ index: Int, _ word: String) -> String? {
      guard index < lines.count, lines[index].hasPrefix(word + " ") else { return nil }
      return String(lines[index].dropFirst(word.utf8.count + 1))
    }
    guard lines.first == Self.firstLine, let lineage = value(1, "lineage"),
      let made = value(2, "made").flatMap(Int64.init),
      let program = value(3, "program"), let state = value(4, "state"),
      let log = value(5, "log").flatMap(Log.init(rawValue:)),
      let keys = value(6, "keys")
    else { return nil }
    self.init(lineage: lineage, madeAt: made, state: state, log: log, holdsKeys: keys == "here")
    self.program = program
    guard Self.isInside(state) else { return nil }
    for line in lines.dropFirst(7) {
      if let file = File(line: line) {
        files.append(file)
      } else if let end = LogEnd(line: line) {
        ends.append(end)
      } else {
        return nil
      }
    }
  }

  /// A path that stays inside the folder it is joined to.
  static func isInside(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/")
      && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0 != "." && $0 != ".."
      }
  }
}

extension BackupManifest.File {
  init?(line: String) {
    let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
    guard words.count == 4, words[0] == "file", let bytes = Int64(words[2]),
      BackupManifest.isInside(String(words[3]))
    else { return nil }
    self.init(path: String(words[3]), bytes: bytes, digest: String(words[1]))
  }
}

extension LogEnd {
  init?(line: String) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 6, words[0] == "partition", let number = Int32(words[2]), let first = Int64(words[3]),
      let next = Int64(words[4]), let chain = Hexadecimal.bytes(words[5])
    else { return nil }
    self.init(
      partition: TopicPartition(String(words[1]), number), firstOffset: Offset(first), nextOffset: Offset(next),
      chain: chain)
  }
}
