internal import Entity
internal import Events
internal import Files
internal import Privacy

/// How far a log file was read, and how to recognise it: by device and inode, and by a keyed hash of the bytes before
/// the position, since inodes are used again and files are truncated and copied.
struct FileMark: Sendable, Equatable {
  var identity: FileIdentity
  var offset: UInt64
  /// Token of the last `WeblogLimits.tailBytes` bytes before the offset.
  var tail: Token
  /// The rest of a line that was too long is still to be skipped.
  var isSkipping = false

  var text: String {
    "\(identity.device):\(identity.inode):\(offset):\(String(tail.high, radix: 16)):\(String(tail.low, radix: 16))"
      + (isSkipping ? ":s" : "")
  }

  init(identity: FileIdentity, offset: UInt64, tail: Token, isSkipping: Bool = false) {
    self.identity = identity
    self.offset = offset
    self.tail = tail
    self.isSkipping = isSkipping
  }

  init?(_ text: Substring) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 5 || parts.count == 6, let device = UInt64(parts[0]), let inode = UInt64(parts[1]),
      let offset = UInt64(parts[2]), let high = UInt64(parts[3], radix: 16), let low = UInt64(parts[4], radix: 16)
    else { return nil }
    self.init(
      identity: FileIdentity(device: device, inode: inode), offset: offset, tail: Token(high: high, low: low),
      isSkipping: parts.count == 6)
  }

  /// Where the bytes of `tail` begin.
  static func tailLength(_ offset: UInt64) -> Int { Int(min(offset, UInt64(WeblogLimits.tailBytes))) }

  /// Whether the file holds, before the offset, what was read there.
  func matches(_ file: borrowing OpenFile, _ router: Router) -> Bool {
    if offset == 0 { return true }
    guard file.size >= offset else { return false }
    let count = Self.tailLength(offset)
    guard let bytes = file.bytes(at: offset - UInt64(count), count: count) else { return false }
    return router.token("weblog-tail", bytes) == tail
  }
}
