internal import Capture
internal import Entity
internal import Events
internal import Files
internal import Glibc
internal import Money
internal import Privacy

/// Takes lines out of log files and makes events of them. One thread at a time.
final class LogLines {
  /// How reading a file has ended.
  enum Ending {
    /// At its end as it is now.
    case atEnd
    /// By the limit; there may be more.
    case isFull
    /// The file is not what it was.
    case changed
    /// The disk reported an error, or a packed file is damaged.
    case failed
  }

  /// What a batch has got so far.
  struct Batch {
    var limit: BatchLimit
    var events: [PendingEvent] = []
    /// What lines become: their own bytes and about 200 of keys, seals and header each.
    var bytes = 0
    var isFull: Bool { events.count >= limit.events || bytes >= limit.bytes }
  }

  /// Of what is read, for people.
  var name = ""
  private var builder: RequestBuilder
  private let router: Router
  private var buffer: UnsafeMutableRawBufferPointer
  /// Whether a text's first line is of the common format.
  private var commonTexts: [UInt64: Bool] = [:]

  init(_ builder: RequestBuilder, router: Router) {
    self.builder = builder
    self.router = router
    buffer = .allocate(byteCount: WeblogLimits.blockBytes, alignment: 16)
  }

  deinit { buffer.deallocate() }

  /// Reads lines until the file's end or the limit, and moves the mark. `isEnded`: nobody writes to the file's last
  /// line any more.
  func read(_ file: LogBytes, _ mark: inout FileMark, isEnded: Bool, into batch: inout Batch) -> Ending {
    guard let isCommon = isCommon(file, mark) else { return .failed }
    builder.takesCommon = isCommon
    builder.file = name
    let stream = file.identity.text
    while !batch.isFull {
      // With what stands before it: so it is seen whether these bytes are still those that were read, and the new mark
      // is made of what was read here.
      let overlap = FileMark.tailLength(mark.offset)
      guard let read = file.read(at: mark.offset - UInt64(overlap), into: buffer) else { return .failed }
      let bytesRead = UnsafeBufferPointer(rebasing: buffer.bindMemory(to: UInt8.self)[..<read])
      guard read >= overlap, overlap == 0 || router.token("weblog-tail", Array(bytesRead[..<overlap])) == mark.tail
      else { return .changed }
      if read == overlap { return .atEnd }
      let block = UnsafeBufferPointer(rebasing: bytesRead[overlap...])
      let isFileEnd = read < buffer.count
      let position = takeLines(
        of: block, stream, isLast: isFileEnd && (file.isPacked ? file.isWhole : isEnded), &mark, &batch)
      mark.offset += UInt64(position)
      if position > 0 {
        let end = overlap + position
        mark.tail = router.token("weblog-tail", Array(bytesRead[(end - FileMark.tailLength(mark.offset))..<end]))
      }
      if batch.isFull { break }
      // Nothing consumed: the rest is a half-written line.
      if isFileEnd || position == 0 { return .atEnd }
    }
    return .isFull
  }

  /// As the text's first whole line is; a line of a longer format that was cut must not pass for a common one. nil: it
  /// cannot be read.
  private func isCommon(_ file: LogBytes, _ mark: FileMark) -> Bool? {
    if mark.offset > 0, let known = commonTexts[mark.id] { return known }
    guard let head = file.bytes(at: 0, upTo: WeblogLimits.lineBytes) else { return nil }
    let isCommon = head.withUnsafeBufferPointer { LineFormat.isCommon($0) }
    if commonTexts.count >= 1_000 { commonTexts = [:] }
    commonTexts[mark.id] = isCommon
    return isCommon ?? true
  }

  /// Takes what lines a block holds, which begins where the mark stands. Answers how many bytes were taken.
  private func takeLines(
    of block: UnsafeBufferPointer<UInt8>, _ stream: String, isLast: Bool, _ mark: inout FileMark, _ batch: inout Batch
  ) -> Int {
    var position = 0
    while position < block.count, !batch.isFull {
      let rest = UnsafeBufferPointer(rebasing: block[position...])
      // Who writes to a truncated file where it ended before leaves a hole in front of the line.
      if rest[0] == 0, !mark.isSkipping {
        position += rest.firstIndex { $0 != 0 } ?? rest.count
        continue
      }
      var length = Self.lineLength(rest)
      let isTerminated = length < rest.count
      if !isTerminated, !isLast {
        // The end of a block inside a line: read again from the line's start, unless it is too long anyway.
        if rest.count <= WeblogLimits.lineBytes { break }
        if !mark.isSkipping { batch.events.append(tooLong(rest, stream, mark.offset + UInt64(position))) }
        mark.isSkipping = true
        return block.count
      }
      let consumed = length + (isTerminated ? 1 : 0)
      let offset = mark.offset + UInt64(position)
      position += consumed
      batch.bytes += consumed + 200
      if mark.isSkipping {
        mark.isSkipping = false
        continue
      }
      if length > 0, rest[length - 1] == UInt8(ascii: "\r") { length -= 1 }
      if length == 0 { continue }
      let line = UnsafeBufferPointer(rebasing: rest[..<length])
      let event =
        length > WeblogLimits.lineBytes
        ? tooLong(line, stream, offset) : builder.event(of: line, stream: stream, offset: offset)
      if let moment = event.occurredAt { mark.lastMillis = moment.millis }
      batch.events.append(event)
    }
    return position
  }

  private static func lineLength(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let start = bytes.baseAddress, let end = memchr(start, 0x0a, bytes.count) else { return bytes.count }
    return UnsafeRawPointer(end) - UnsafeRawPointer(start)
  }

  private func tooLong(_ line: UnsafeBufferPointer<UInt8>, _ stream: String, _ offset: UInt64) -> PendingEvent {
    builder.rejected(
      "weblog.lineTooLong", "more than \(WeblogLimits.lineBytes) bytes", line, stream: stream, offset: offset)
  }
}
