/// What stands before the time of a line: a client, perhaps a virtual host before it, an identity, a user.
struct LineHead: Equatable {
  var client: Range<Int>
  /// Empty: nobody signed in.
  var user: Range<Int>
  /// Behind the bracket that opens the time.
  var timeStart: Int

  private static let space = UInt8(ascii: " ")
  private static let quote = UInt8(ascii: "\"")

  static func scan(_ line: UnsafeBufferPointer<UInt8>) throws(LineScanner.Fault) -> LineHead {
    var position = 0
    let client = word(line, &position)
    position &+= 1
    let identity = word(line, &position)
    position &+= 1
    let user = word(line, &position)
    // Nearly all lines: three words and a time.
    if !client.isEmpty, !identity.isEmpty, !user.isEmpty, isTime(line, after: position),
      line[client.upperBound &- 1] != UInt8(ascii: ","), line[user.lowerBound] != quote
    {
      let isNobody = user.count == 1 && line[user.lowerBound] == UInt8(ascii: "-")
      return LineHead(
        client: client, user: isNobody ? user.lowerBound..<user.lowerBound : user, timeStart: position &+ 2)
    }
    return try scanPieces(line)
  }

  /// The same where lists, quotes or a virtual host stand before the time.
  private static func scanPieces(_ line: UnsafeBufferPointer<UInt8>) throws(LineScanner.Fault) -> LineHead {
    var end = 0
    while end < line.count, !isTime(line, after: end) { end &+= 1 }
    guard end < line.count else { throw hasClient(line) ? .time : .address }
    var pieces: [Range<Int>] = []
    var position = 0
    var isQuoted = false
    while position < end {
      // Four pieces at most, so the last of them is the user, who alone may be quoted.
      guard !isQuoted, pieces.count < 4 else { throw .user }
      let start = position
      isQuoted = line[position] == quote
      if isQuoted {
        position &+= 1
        while position < end, line[position] != quote { position &+= line[position] == UInt8(ascii: "\\") ? 2 : 1 }
        guard position < end else { throw .user }
        position &+= 1
      } else {
        repeat {
          while position < end, line[position] == space { position &+= 1 }
          while position < end, line[position] != space { position &+= 1 }
          // "8.8.8.8, 10.0.0.5" is one field.
        } while pieces.count < 2 && position < end && line[position &- 1] == UInt8(ascii: ",")
      }
      guard position == end || line[position] == space else { throw .user }
      guard line[start] != space else { throw pieces.isEmpty ? .address : .user }
      pieces.append(start..<position)
      position &+= 1
    }
    guard pieces.count >= 3 else { throw pieces.isEmpty ? .address : .user }
    if pieces.count == 4 {
      guard isHost(line, pieces[0], of: line[pieces[1]]) else { throw .user }
      pieces.removeFirst()
    }
    return LineHead(client: pieces[0], user: name(line, pieces[2], isQuoted), timeStart: end &+ 2)
  }

  /// The first of four fields names the virtual host, by a port, or by standing as a name before an address. Otherwise
  /// there are four fields because a user holds a blank.
  private static func isHost(
    _ line: UnsafeBufferPointer<UInt8>, _ field: Range<Int>, of client: Slice<UnsafeBufferPointer<UInt8>>
  ) -> Bool {
    let host = UnsafeBufferPointer(rebasing: line[field])
    guard LogClient(UnsafeBufferPointer(rebasing: client)) != nil else { return false }
    if LogClient.isHostWithPort(host) { return true }
    guard let named = LogClient(host), named.address == nil else { return false }
    return LogClient(UnsafeBufferPointer(rebasing: client))?.address != nil
  }

  private static func name(_ line: UnsafeBufferPointer<UInt8>, _ field: Range<Int>, _ isQuoted: Bool) -> Range<Int> {
    let inner = isQuoted ? (field.lowerBound &+ 1)..<(field.upperBound &- 1) : field
    let isNobody = inner.count == 1 && line[inner.lowerBound] == UInt8(ascii: "-")
    return isNobody ? inner.lowerBound..<inner.lowerBound : inner
  }

  private static func hasClient(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    var position = 0
    let first = word(line, &position)
    return LogClient(UnsafeBufferPointer(rebasing: line[first])) != nil
  }

  private static func word(_ line: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> Range<Int> {
    let start = min(position, line.count)
    position = start
    while position < line.count, line[position] != space { position &+= 1 }
    return start..<position
  }

  /// Whether " [17/May/2015:…]" may begin here; the time itself is read later.
  private static func isTime(_ line: UnsafeBufferPointer<UInt8>, after position: Int) -> Bool {
    let start = position &+ 2
    return start &+ 27 <= line.count && line[position] == space && line[position &+ 1] == UInt8(ascii: "[")
      && line[start &+ 2] == UInt8(ascii: "/") && line[start &+ 6] == UInt8(ascii: "/")
      && line[start &+ 26] == UInt8(ascii: "]")
  }
}
