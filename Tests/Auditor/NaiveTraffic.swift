/// One request as the model sees it.
package struct PlainRequest: Hashable, Sendable {
  package var millis: Int64
  package var ip: UInt64
  package var agent: String
  package var user: UInt64?
  package var country: String
  package var channel: Int64
  package var status: Int32
  package var bytes: Int64
  package var isBot: Bool
  package var isHealth: Bool
  package var isSignIn: Bool
  package var campaign: String

  package init(
    millis: Int64, ip: UInt64, agent: String, user: UInt64?, country: String, channel: Int64, status: Int32,
    bytes: Int64, isBot: Bool, isHealth: Bool, isSignIn: Bool, campaign: String = ""
  ) {
    self.millis = millis
    self.ip = ip
    self.agent = agent
    self.user = user
    self.country = country
    self.channel = channel
    self.status = status
    self.bytes = bytes
    self.isBot = isBot
    self.isHealth = isHealth
    self.isSignIn = isSignIn
    self.campaign = campaign
  }
}

/// Sessions and days once more, from the whole list of requests: sort, cut at gaps, count.
package struct NaiveTraffic {
  package let requests: [PlainRequest]

  package init(requests: [PlainRequest]) { self.requests = requests }

  /// start, end, channel, country, bot, requests, bytes, sign-ins, health requests
  package var sessions: Set<[String]> {
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
  package var userDays: Set<[String]> {
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
  package var statusDays: Set<[String]> {
    let days = Dictionary(grouping: requests) { [String($0.millis / 86_400_000), String($0.status)] }
    return Set(days.map { $0.key + [String($0.value.count), String($0.value.map { Int($0.bytes) }.reduce(0, +))] })
  }
}
