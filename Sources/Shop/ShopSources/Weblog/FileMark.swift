internal import Entity
internal import Events
internal import Files
internal import Privacy

/// One log text that the server wrote between two rotations: how far it was read, and how to recognise it wherever it
/// stands by now: by device and inode, by its beginning, and by the bytes before the position; for inodes are used
/// again, and files are renamed, copied, compressed and truncated.
struct FileMark: Sendable, Equatable {
  /// A keyed hash of a text's first bytes.
  struct Head: Sendable, Hashable {
    /// How many bytes, at most `WeblogLimits.headBytes`.
    var length: Int
    var token: Token
  }
  /// A packed file when it was looked at last: what it holds is not known without unpacking it again.
  struct Packed: Sendable, Equatable {
    var size: UInt64
    var modifiedMillis: Int64
  }

  /// In the order of appearance; 0: of an earlier version of the log of marks, which gave none.
  var id: UInt64 = 0
  /// Where the text stands, or stood last.
  var identity: FileIdentity
  /// Of the text, packed or not.
  var offset: UInt64
  /// Token of the last `WeblogLimits.tailBytes` bytes before the offset.
  var tail: Token
  /// nil: an earlier version did not know it.
  var head: Head?
  /// The rest of a line that was too long is still to be skipped.
  var isSkipping = false
  /// Another file has taken its place, and it was read to its end; or nobody can ever read more of it.
  var isDone = false
  /// It is never read: an earlier version left it out.
  var isLeftOut = false
  /// nil: the file is not packed.
  var packed: Packed?
  /// Time of the first line, and of the last that was read.
  var firstMillis: Int64?
  var lastMillis: Int64?

  init(identity: FileIdentity, offset: UInt64 = 0, tail: Token = Token(high: 0, low: 0), head: Head? = nil) {
    self.identity = identity
    self.offset = offset
    self.tail = tail
    self.head = head
  }

  var text: String {
    var text = "\(identity.device):\(identity.inode):\(offset):\(tail.hex)"
    if isSkipping { text += ":s" }
    if isDone { text += ":d" }
    if isLeftOut { text += ":x" }
    if id > 0 { text += ":i\(id)" }
    if let head { text += ":h\(head.length):\(head.token.hex)" }
    if let packed { text += ":z\(packed.size):\(packed.modifiedMillis)" }
    if let firstMillis { text += ":f\(firstMillis)" }
    if let lastMillis { text += ":l\(lastMillis)" }
    return text
  }

  init?(_ text: Substring) {
    var parts = text.split(separator: ":", omittingEmptySubsequences: false)[...]
    func number<N: FixedWidthInteger>(_ text: Substring?) -> N? { text.flatMap { N($0) } }
    guard let device: UInt64 = number(parts.popFirst()), let inode: UInt64 = number(parts.popFirst()),
      let offset: UInt64 = number(parts.popFirst()), let tail = Token(hex: &parts)
    else { return nil }
    self.init(identity: FileIdentity(device: device, inode: inode), offset: offset, tail: tail)
    while let part = parts.popFirst() {
      let value = part.dropFirst()
      switch part.first {
      case "s": isSkipping = true
      case "d": isDone = true
      case "x": isLeftOut = true
      case "i": id = number(value) ?? 0
      case "h":
        guard let length = Int(value), let token = Token(hex: &parts) else { return nil }
        head = Head(length: length, token: token)
      case "z":
        guard let size: UInt64 = number(value), let millis: Int64 = number(parts.popFirst()) else { return nil }
        packed = Packed(size: size, modifiedMillis: millis)
      case "f": firstMillis = number(value)
      case "l": lastMillis = number(value)
      // Of a later version.
      default: continue
      }
    }
  }

  /// How many bytes `tail` covers.
  static func tailLength(_ offset: UInt64) -> Int { Int(min(offset, UInt64(WeblogLimits.tailBytes))) }

  /// Whether the text is this one as far as it was read, by its last bytes there, or by its first where nothing was
  /// read; nil: it cannot be read.
  func matches(_ file: LogBytes, _ router: Router) -> Bool? {
    if offset == 0 {
      guard let head else { return true }
      guard let bytes = file.bytes(at: 0, upTo: head.length) else { return nil }
      return bytes.count == head.length && router.token("weblog-head", bytes) == head.token
    }
    let count = Self.tailLength(offset)
    guard let bytes = file.bytes(at: offset - UInt64(count), upTo: count) else { return nil }
    return bytes.count == count && router.token("weblog-tail", bytes) == tail
  }
}

extension Token {
  fileprivate var hex: String { "\(String(high, radix: 16)):\(String(low, radix: 16))" }

  /// Takes two parts.
  fileprivate init?(hex parts: inout ArraySlice<Substring>) {
    guard let first = parts.popFirst(), let second = parts.popFirst(), let high = UInt64(first, radix: 16),
      let low = UInt64(second, radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }
}
