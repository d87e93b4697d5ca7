internal import Money

/// Where the parts of one log line lie, as offsets into the line. Nothing is copied, nothing unescaped.
struct ScannedLine: Equatable {
  /// As it stands there; `LogClient` reads it.
  var client: Range<Int>
  /// Empty: nobody signed in.
  var user: Range<Int>
  var time: Timestamp
  /// Empty for a request that is none ("-", a TLS greeting on the plain port).
  var method: Range<Int>
  /// With its query.
  var target: Range<Int>
  var status: Int32
  var bytes: Int64
  var referrer: Range<Int>
  var agent: Range<Int>
  /// The line ends inside the agent, which servers and loggers do to long lines. Nothing that is counted is missing.
  var isAgentCut: Bool
  /// The line ends behind the bytes: the common format, or a line that was cut there.
  var isCommon: Bool
}

/// Reads one line of the formats that Apache and nginx call combined, common and vhost_combined: `client ident user
/// [17/May/2015:10:05:03 +0000] "request" status bytes`, then `"referrer" "agent"` and whatever follows, or nothing;
/// before the client, a virtual host. One pass over the bytes, no backtracking, no allocation where the line begins as
/// combined does.
enum LineScanner {
  /// Why a line is none; named in the rejected event.
  enum Fault: String, Error {
    case address, user, time, request, status, bytes, referrer, agent
  }

  static func scan(_ line: UnsafeBufferPointer<UInt8>) throws(Fault) -> ScannedLine {
    let end = line.count
    let head = try LineHead.scan(line)
    guard let time = Timestamp(apache: line.span, at: head.timeStart) else { throw .time }
    var position = head.timeStart &+ 27
    guard take(line, &position, UInt8(ascii: " ")), let request = quoted(line, &position) else { throw .request }
    let (method, target) = split(request: request, line)

    guard take(line, &position, UInt8(ascii: " ")), let status = number(line, &position, digits: 3), status >= 100,
      status <= 999
    else { throw .status }
    guard take(line, &position, UInt8(ascii: " ")) else { throw .bytes }
    var bytes: Int64 = 0
    if position < end, line[position] == UInt8(ascii: "-") {
      position &+= 1
    } else {
      guard let count = number(line, &position, digits: 18) else { throw .bytes }
      bytes = count
    }
    var scanned = ScannedLine(
      client: head.client, user: head.user, time: time, method: method, target: target,
      status: Int32(truncatingIfNeeded: status), bytes: bytes, referrer: end..<end, agent: end..<end,
      isAgentCut: false, isCommon: position == end)
    if !scanned.isCommon { try readRest(line, position, into: &scanned) }
    return scanned
  }

  /// Referrer and agent; what follows the agent is not looked at.
  private static func readRest(
    _ line: UnsafeBufferPointer<UInt8>, _ start: Int, into scanned: inout ScannedLine
  ) throws(Fault) {
    let end = line.count
    var position = start
    guard take(line, &position, UInt8(ascii: " ")), let referrer = quoted(line, &position) else { throw .referrer }
    scanned.referrer = withoutDash(referrer, line)
    guard take(line, &position, UInt8(ascii: " ")) else { throw .agent }
    let agentStart = position &+ 1
    let closed = quoted(line, &position)
    guard agentStart <= end, line[agentStart &- 1] == UInt8(ascii: "\"") else { throw .agent }
    scanned.agent = withoutDash(closed ?? agentStart..<end, line)
    scanned.isAgentCut = closed == nil
    guard position == end || line[position] == UInt8(ascii: " ") else { throw .agent }
    if isMoved(scanned, line, position) { throw .referrer }
  }

  /// Whether the fields stand elsewhere than combined has them: what should be the agent is an address of a page, or
  /// there is none though more follows, and what should be the referrer is no address. So `"$host" "$http_referer"
  /// "agent"` and a line with referrer and agent exchanged are told from people whose browsers send odd referrers.
  private static func isMoved(_ scanned: ScannedLine, _ line: UnsafeBufferPointer<UInt8>, _ end: Int) -> Bool {
    guard !scanned.referrer.isEmpty, !isAddress(line[scanned.referrer]) else { return false }
    if scanned.agent.isEmpty { return end &+ 1 < line.count && line[end &+ 1] == UInt8(ascii: "\"") }
    let agent = line[scanned.agent]
    return ["http://", "https://", "android-app://"].contains { agent.starts(with: $0.utf8) }
  }

  /// Whether a referrer is written as one: with a scheme, as a path, or as "about:blank".
  private static func isAddress(_ field: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    if let first = field.first, first == UInt8(ascii: "/") { return true }
    guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return false }
    return field[(colon &+ 1)...].starts(with: "//".utf8) || field.starts(with: "about:".utf8)
  }

  /// A lone hyphen says that there was nothing.
  @inline(__always)
  private static func withoutDash(_ field: Range<Int>, _ line: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    field.count == 1 && line[field.lowerBound] == UInt8(ascii: "-") ? field.lowerBound..<field.lowerBound : field
  }

  // MARK: Parts

  private static func take(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ byte: UInt8) -> Bool {
    guard position < line.count, line[position] == byte else { return false }
    position &+= 1
    return true
  }

  /// What stands between quotes; a quote after a backslash belongs to it.
  private static func quoted(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Range<Int>? {
    guard take(line, &position, UInt8(ascii: "\"")) else { return nil }
    let start = position
    while position < line.count {
      let byte = line[position]
      if byte == UInt8(ascii: "\"") {
        position &+= 1
        return start..<(position &- 1)
      }
      position &+= byte == UInt8(ascii: "\\") ? 2 : 1
    }
    position = line.count
    return nil
  }

  private static func number(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int, digits: Int) -> Int64? {
    var value: Int64 = 0
    let start = position
    while position < line.count {
      let digit = line[position] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      guard position &- start < digits else { return nil }
      value = value &* 10 &+ Int64(digit)
      position &+= 1
    }
    return position > start ? value : nil
  }

  /// "GET /path HTTP/1.1" or, as HTTP/0.9 had it, "GET /path".
  private static func split(request: Range<Int>, _ line: UnsafeBufferPointer<UInt8>) -> (Range<Int>, Range<Int>) {
    let nothing = request.lowerBound..<request.lowerBound
    var position = request.lowerBound
    while position < request.upperBound, isMethodByte(line[position]) { position &+= 1 }
    let method = request.lowerBound..<position
    guard !method.isEmpty, method.count <= 32, position < request.upperBound, line[position] == UInt8(ascii: " ")
    else { return (nothing, nothing) }
    let start = position &+ 1
    var end = request.upperBound
    var last = request.upperBound &- 1
    while last > start, line[last] != UInt8(ascii: " ") { last &-= 1 }
    if last > start, request.upperBound &- last > 5, line[last &+ 1] == UInt8(ascii: "H"),
      line[last &+ 2] == UInt8(ascii: "T"), line[last &+ 3] == UInt8(ascii: "T"), line[last &+ 4] == UInt8(ascii: "P")
    {
      end = last
    }
    return start < end ? (method, start..<end) : (nothing, nothing)
  }

  private static func isMethodByte(_ byte: UInt8) -> Bool {
    (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
}
