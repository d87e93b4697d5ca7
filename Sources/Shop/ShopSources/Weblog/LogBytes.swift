internal import Files
internal import Gzip

/// The bytes of one log file, packed or not, as long as somebody holds this: also when the file has got another name or
/// was deleted meanwhile. One thread at a time.
final class LogBytes {
  private let file: OpenFile
  private let packed: PackedText?

  /// nil: there is no such regular file (any more), or it may not be read.
  init?(_ path: String, isPacked: Bool) {
    guard let file = OpenFile(path) else { return nil }
    self.file = file
    packed = isPacked ? PackedText() : nil
  }

  var identity: FileIdentity { file.identity }
  var isPacked: Bool { packed != nil }
  /// Size (of the file, packed or not) and time of the last write, as they are now; nil: the disk reported an error.
  var now: (size: UInt64, modifiedMillis: Int64)? { file.now }
  /// Nothing of the text follows what was read last. Of a file that is not packed: always.
  var isWhole: Bool { packed?.isWhole ?? true }
  /// What is there is no .gz.
  var isDamaged: Bool { packed?.isDamaged ?? false }

  /// Fills the buffer with the text from an offset on; fewer bytes only at its end, as far as it is written. nil: the
  /// disk reported an error, or the file is damaged.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    packed.map { $0.read(file, at: offset, into: buffer) } ?? file.read(at: offset, into: buffer)
  }

  /// At most so many bytes from an offset on, fewer at the end. nil as with `read`.
  func bytes(at offset: UInt64, upTo count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    guard let filled = bytes.withUnsafeMutableBytes({ read(at: offset, into: $0) }) else { return nil }
    bytes.removeLast(count - filled)
    return bytes
  }
}

/// The text of a .gz file. Reading goes forward; what lies before the last read's offset is unpacked again from the
/// file's start.
private final class PackedText {
  private var inflater = GzipInflater()
  private var input = [UInt8](repeating: 0, count: 32 << 10)
  private var output = [UInt8](repeating: 0, count: 128 << 10)
  /// Bytes of `input` that were read and not taken.
  private var waiting = 0..<0
  private var inputOffset: UInt64 = 0
  private var hasMemberEnded = false
  /// Unpacked text from `start` on.
  private var window: [UInt8] = []
  private var start: UInt64 = 0
  private(set) var isDamaged = false
  private(set) var isWhole = false

  private var end: UInt64 { start + UInt64(window.count) }

  private func restart() {
    inflater = GzipInflater()
    waiting = 0..<0
    (inputOffset, start) = (0, 0)
    window = []
    (hasMemberEnded, isDamaged, isWhole) = (false, false, false)
  }

  func read(_ file: borrowing OpenFile, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int? {
    if offset < start || isDamaged { restart() }
    trim(to: offset)
    while end < offset + UInt64(buffer.count) {
      guard let isMore = step(file) else { return nil }
      if !isMore { break }
      trim(to: offset)
    }
    guard end > offset else { return 0 }
    let first = Int(offset - start)
    let count = min(buffer.count, window.count - first)
    window.withUnsafeBytes { buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[first..<(first + count)])) }
    return count
  }

  private func trim(to offset: UInt64) {
    if end <= offset {
      start = end
      window.removeAll(keepingCapacity: true)
    } else if offset > start + UInt64(window.count / 2) {
      window.removeFirst(Int(offset - start))
      start = offset
    }
  }

  /// Unpacks a piece. False: there is no more for now. nil: disk error or damage.
  private func step(_ file: borrowing OpenFile) -> Bool? {
    if waiting.isEmpty {
      guard let count = input.withUnsafeMutableBytes({ file.read(at: inputOffset, into: $0) }) else { return nil }
      inputOffset += UInt64(count)
      waiting = 0..<count
      isWhole = count == 0 && hasMemberEnded
      if count == 0 { return false }
    }
    let outcome = output.withUnsafeMutableBytes { output in
      input.withUnsafeBytes { inflater.inflate(UnsafeRawBufferPointer(rebasing: $0[waiting]), into: output) }
    }
    window.append(contentsOf: output[..<outcome.given])
    waiting = (waiting.lowerBound + outcome.taken)..<waiting.upperBound
    // What follows a member and is none is nothing, as gunzip has it.
    if outcome.state == .damaged, hasMemberEnded, outcome.given == 0 {
      isWhole = true
      return false
    }
    isDamaged = outcome.state == .damaged
    if isDamaged { return nil }
    if outcome.taken > 0 || outcome.given > 0 { hasMemberEnded = outcome.state == .memberEnded }
    return true
  }
}
