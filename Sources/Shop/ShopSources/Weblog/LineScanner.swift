internal import Money

/// Where the parts of one combined log line lie, as offsets into the line. Nothing is copied, nothing unescaped.
struct ScannedLine: Equatable {
  var ip: Range<Int>
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
}

/// Reads one line of Apache's and nginx's combined format:
/// `ip ident user [17/May/2015:10:05:03 +0000] "request" status bytes "referrer" "agent"`, and whatever follows.
/// One pass over the bytes, no backtracking, no allocation.
enum LineScanner {
  /// Why a line is none; named in the rejected event.
  enum Fault: String, Error {
    case address, user, time, request, status, bytes, referrer, agent
  }

  static func scan(_ line: UnsafeBufferPointer<UInt8>) throws(Fault) -> ScannedLine {
    var position = 0
    let end = line.count

    let ip = word(line, &position)
    guard !ip.isEmpty, take(line, &position, UInt8(ascii: " ")) else { throw .address }
    let identity = word(line, &position)
    guard !identity.isEmpty, take(line, &position, UInt8(ascii: " ")) else { throw .user }

    // A user name may hold spaces and brackets; it ends before a bracket that opens a time.
    let userStart = position
    var userEnd = -1
    while position &+ 1 < end {
      if line[position] == UInt8(ascii: " "), line[position &+ 1] == UInt8(ascii: "["), isTime(line, position &+ 2) {
        userEnd = position
        break
      }
      position &+= 1
    }
    guard userEnd > userStart else { throw userEnd < 0 ? .time : .user }
    var user = userStart..<userEnd
    let isDash = user.count == 1 && line[userStart] == UInt8(ascii: "-")
    let isQuotedNothing =
      user.count == 2 && line[userStart] == UInt8(ascii: "\"") && line[userStart &+ 1] == UInt8(ascii: "\"")
    if isDash || isQuotedNothing { user = userStart..<userStart }

    let timeStart = userEnd &+ 2
    guard let time = Timestamp(apache: line.span, at: timeStart) else { throw .time }
    position = timeStart &+ 27
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
    guard take(line, &position, UInt8(ascii: " ")), var referrer = quoted(line, &position) else { throw .referrer }
    if referrer.count == 1, line[referrer.lowerBound] == UInt8(ascii: "-") {
      referrer = referrer.lowerBound..<referrer.lowerBound
    }
    guard take(line, &position, UInt8(ascii: " ")) else { throw .agent }
    let agentStart = position &+ 1
    let closed = quoted(line, &position)
    guard agentStart <= end, line[agentStart &- 1] == UInt8(ascii: "\"") else { throw .agent }
    var agent = closed ?? agentStart..<end
    if agent.count == 1, line[agent.lowerBound] == UInt8(ascii: "-") { agent = agent.lowerBound..<agent.lowerBound }
    guard position == end || line[position] == UInt8(ascii: " ") else { throw .agent }
    return ScannedLine(
      ip: ip, user: user, time: time, method: method, target: target, status: Int32(truncatingIfNeeded: status),
      bytes: bytes, referrer: referrer, agent: agent, isAgentCut: closed == nil)
  }

  // MARK: Parts

  private static func take(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ byte: UInt8) -> Bool {
    guard position < line.count, line[position] == byte else { return false }
    position &+= 1
    return true
  }

  private static func word(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Range<Int> {
    let start = position
    while position < line.count, line[position] != UInt8(ascii: " ") { position &+= 1 }
    return start..<position
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

  /// Whether "17/May/2015:…]" may begin here; the time itself is read later.
  private static func isTime(_ line: UnsafeBufferPointer<UInt8>, _ start: Int) -> Bool {
    start &+ 27 <= line.count && line[start &+ 2] == UInt8(ascii: "/") && line[start &+ 6] == UInt8(ascii: "/")
      && line[start &+ 26] == UInt8(ascii: "]")
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
