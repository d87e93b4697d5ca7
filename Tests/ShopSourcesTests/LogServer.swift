import CaptureSupport
import Files
import Foundation
import TestSupport

/// A web server that appends lines to its log as servers do, through a file that it keeps open, and the ways in which
/// logs are rotated. One thread at a time.
final class LogServer {
  enum Style: String, CaseIterable, Sendable {
    /// access.log.1, .2, …
    case number
    /// access.log-20261130-000001, as logrotate's `dateext` with hours and minutes has it.
    case date
    /// access-20261130000001.log: with `extension`.
    case dateBeforeExtension
    /// access.log.1764460801: seconds, as rotatelogs has it.
    case seconds
    /// access.log.1.gz at once: `compress` without `delaycompress`.
    case packed
    /// access.log-20261130-000001.gz at once, the default of many.
    case datedAndPacked
    /// old/access.log.1: `olddir`.
    case moved
    /// old/access.log-20261130-000001.gz.
    case movedAndPacked
    /// Renamed, then deleted.
    case deleted
    /// access.log.1 is a copy, the log is truncated: `copytruncate`.
    case copied
    /// The same, and the copy is packed at once.
    case copiedAndPacked

    var isCopy: Bool { self == .copied || self == .copiedAndPacked }
  }

  let path: String
  private(set) var rotations = 0
  private var handle: FileHandle?
  var folder: String { Files.folder(of: path) }

  init(path: String) { self.path = path }

  /// Appends, as with O_APPEND.
  func write(_ text: String) throws {
    if handle == nil { try reopen() }
    try handle?.seekToEnd()
    try handle?.write(contentsOf: Data(text.utf8))
  }

  func write(_ indices: some Sequence<Int>) throws { try write(indices.map { Lines.request($0) }.joined()) }

  private func reopen() throws {
    if !Files.exists(path) { _ = FileManager.default.createFile(atPath: path, contents: nil) }
    handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  /// The log's name is a new file afterwards; answers where the old text is, nil where it was deleted.
  @discardableResult
  func rotate(_ style: Style) throws -> String? {
    rotations += 1
    let stamp = String(format: "%06d", rotations)
    switch style {
    case .number, .packed, .deleted, .copied, .copiedAndPacked:
      try shift(in: folder)
      let target = path + ".1"
      if style.isCopy { try copyAndTruncate(to: target) } else { try take(to: target) }
      if style == .deleted {
        try FileManager.default.removeItem(atPath: target)
        return nil
      }
      return style == .packed || style == .copiedAndPacked ? try pack(target) : target
    case .date, .datedAndPacked:
      let target = path + "-20261130-" + stamp
      try take(to: target)
      return style == .datedAndPacked ? try pack(target) : target
    case .dateBeforeExtension:
      let target = folder + "/access-20261130" + stamp + ".log"
      try take(to: target)
      return target
    case .seconds:
      let target = path + ".1764" + stamp
      try take(to: target)
      return target
    case .moved, .movedAndPacked:
      let old = folder + "/old"
      try Files.makeFolder(old)
      try shift(in: old)
      try take(to: old + "/access.log.1")
      return style == .moved ? old + "/access.log.1" : try pack(old + "/access.log.1")
    }
  }

  /// access.log.1 becomes access.log.2 and so on, packed or not.
  private func shift(in folder: String) throws {
    for number in (1...50).reversed() {
      for ending in ["", ".gz"] where Files.exists("\(folder)/access.log.\(number)\(ending)") {
        try FileManager.default.moveItem(
          atPath: "\(folder)/access.log.\(number)\(ending)", toPath: "\(folder)/access.log.\(number + 1)\(ending)")
      }
    }
  }

  private func take(to target: String) throws {
    try FileManager.default.moveItem(atPath: path, toPath: target)
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    try handle?.close()
    try reopen()
  }

  private func copyAndTruncate(to target: String) throws {
    try FileManager.default.copyItem(atPath: path, toPath: target)
    try truncate()
  }

  func truncate() throws { try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 0) }

  /// As gzip does it: the packed file is whole before the other one goes.
  func pack(_ path: String, with program: String = "gzip") throws -> String {
    let packed = path + (program == "gzip" ? ".gz" : ".xz")
    let result = try ChildProcess.run(["/usr/bin/\(program)", path], folder: TemporaryFolder.path)
    guard result.status == 0 else { throw POSIXError(.EIO) }
    return packed
  }
}
