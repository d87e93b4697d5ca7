import Events

/// One request as the model sees it.
struct PlainRequest: Hashable {
  var millis: Int64
  var ip: UInt64
  var agent: String
  var user: UInt64?
  var country: String
  var channel: Int64
  var status: Int32
  var bytes: Int64
  var isBot: Bool
  var isHealth: Bool
  var isSignIn: Bool
  var campaign = ""
}

/// Sessions and days once more, from the whole list of requests: sort, cut at gaps, count.
struct NaiveTraffic {
  let requests: [PlainRequest]

  /// start, end, channel, country, bot, requests, bytes, sign-ins, health requests
  var sessions: Set<[String]> {
    var found: Set<[String]> = []
    let visitors = Dictionary(grouping: requests) { "\($0.ip)|\($0.agent)|\($0.millis / 86_400_000)" }
    for own in visitors.values {
      let sorted = own.sorted { ($0.millis, $0.channel, $0.country) < ($1.millis, $1.channel, $1.country) }
      var session: [PlainRequest] = []
      for request in sorted {
        if let last = session.last, request.millis - last.millis > 1_800_000 {
          found.insert(summary(session))
          session = []
        }
        session.append(request)
      }
      found.insert(summary(session))
    }
    return found
  }

  private func summary(_ session: [PlainRequest]) -> [String] {
    let first = session[0]
    let numbers = [
      session.count, session.map { Int($0.bytes) }.reduce(0, +), session.count { $0.isSignIn },
      session.count { $0.isHealth },
    ]
    return [
      String(first.ip), first.agent, String(first.millis), String(session[session.count - 1].millis),
      String(first.channel), first.country, first.isBot ? "1" : "0",
    ] + numbers.map { String($0) }
  }

  /// day, user, country, agent, requests, ok, human
  var userDays: Set<[String]> {
    var sums: [[String]: [Int]] = [:]
    for request in requests {
      guard let user = request.user else { continue }
      let key = [String(request.millis / 86_400_000), String(user), request.country, request.agent]
      var sum = sums[key] ?? [0, 0, 0]
      sum[0] += 1
      sum[1] += request.status < 400 ? 1 : 0
      sum[2] += request.isBot || request.isHealth ? 0 : 1
      sums[key] = sum
    }
    return Set(sums.map { $0.key + $0.value.map { String($0) } })
  }

  /// day, status, requests, bytes
  var statusDays: Set<[String]> {
    let days = Dictionary(grouping: requests) { [String($0.millis / 86_400_000), String($0.status)] }
    return Set(days.map { $0.key + [String($0.value.count), String($0.value.map { Int($0.bytes) }.reduce(0, +))] })
  }
}
