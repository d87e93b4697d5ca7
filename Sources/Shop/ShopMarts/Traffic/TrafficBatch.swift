internal import Enrichment
internal import Entity
internal import Events
internal import Projections

/// A visitor: the tokens of an IP address and the hash of a user agent.
struct VisitorKey: Hashable {
  var ip: Token
  var agent: UInt64

  /// Tokens are evenly distributed already, so one word is enough to tell buckets apart.
  func hash(into hasher: inout Hasher) { hasher.combine(ip.low ^ agent) }
}

/// What a user agent says, by value.
struct DeviceKey: Hashable {
  var deviceClass: String
  var os: String
  var browser: String
  var isBot: Bool

  init(_ agent: UserAgentFacts) {
    deviceClass = agent.deviceClass
    os = agent.os
    browser = agent.browser
    isBot = agent.isBot
  }
}

/// Requests of one visitor that certainly belong to one session, or a stored session.
struct SessionPart {
  var day: Int64
  var start: Int64
  var end: Int64
  /// Of the request with the smallest (time, channel, country, campaign).
  var channel: Int64
  var country: CountryCode
  /// Stable hash of its campaign, 0: none.
  var campaign: Int64 = 0
  var isBot: Bool
  var requests: Int64 = 0
  var bytes: Int64 = 0
  var signIns: Int64 = 0
  var healthRequests: Int64 = 0

  /// Both belong to one session when no more than the gap lies between their intervals.
  @inline(__always)
  func touches(_ other: SessionPart) -> Bool {
    day == other.day && other.start &- end <= TrafficLimits.sessionGapMillis
      && start &- other.end <= TrafficLimits.sessionGapMillis
  }

  @inline(__always)
  mutating func merge(_ other: SessionPart) {
    if (other.start, other.channel, other.country.value, other.campaign)
      < (start, channel, country.value, campaign)
    {
      start = other.start
      campaign = other.campaign
      channel = other.channel
      country = other.country
    }
    if other.end > end { end = other.end }
    isBot = isBot || other.isBot
    requests &+= other.requests
    bytes &+= other.bytes
    signIns &+= other.signIns
    healthRequests &+= other.healthRequests
  }
}

/// Everything folded since the last flush. Indices instead of keys link its parts: most requests of a visitor follow
/// one another, and then one look-up per request is all.
struct TrafficBatch {
  struct Visitor {
    var key: VisitorKey
    var device: Int32
    /// The newest of the visitor's parts, −1: none yet.
    var lastPart: Int32 = -1
    /// The newest of the visitor's user days, −1: none yet.
    var lastUserDay: Int32 = -1
  }

  struct Part {
    var visitor: Int32
    var session: SessionPart
  }

  struct UserDayKey: Hashable {
    var day: Int64
    var user: Int32
    var country: CountryCode
    var device: Int32

    func hash(into hasher: inout Hasher) {
      hasher.combine(
        UInt64(truncatingIfNeeded: day) << 40 ^ UInt64(UInt32(bitPattern: user)) << 16 ^ UInt64(country.value))
    }
  }

  struct UserDay {
    var key: UserDayKey
    var requests: Int64 = 0
    var okRequests: Int64 = 0
    var humanRequests: Int64 = 0
  }

  struct StatusDayKey: Hashable, Comparable {
    var day: Int64
    var status: Int32
    static func < (left: StatusDayKey, right: StatusDayKey) -> Bool {
      (left.day, left.status) < (right.day, right.status)
    }
    func hash(into hasher: inout Hasher) {
      hasher.combine(UInt64(truncatingIfNeeded: day) << 32 ^ UInt64(UInt32(bitPattern: status)))
    }
  }

  struct StatusDay {
    var requests: Int64 = 0
    var bytes: Int64 = 0
  }

  struct Link: Hashable {
    var visitor: Int32
    var user: Int32

    func hash(into hasher: inout Hasher) {
      hasher.combine(UInt64(UInt32(bitPattern: visitor)) << 32 | UInt64(UInt32(bitPattern: user)))
    }
  }

  struct FlagDay: Hashable {
    var day: Int64
    var code: String
  }

  struct WordsDay: Hashable {
    var day: Int64
    var words: String
  }

  private(set) var visitors: [Visitor] = []
  private(set) var parts: [Part] = []
  private(set) var users: [Token] = []
  private(set) var userDays: [UserDay] = []
  private(set) var devices: [DeviceKey] = []
  private(set) var statusDays: [StatusDayKey: StatusDay] = [:]
  private(set) var flagDays: [FlagDay: Int64] = [:]
  private(set) var campaigns: [Int64: String] = [:]
  /// Requests of people by tags that nobody knows.
  private(set) var wordsDays: [WordsDay: Int64] = [:]
  /// Visitors who were signed in as users.
  private(set) var links: Set<Link> = []

  private var visitorIndex: [VisitorKey: Int32] = [:]
  private var userIndex: [Token: Int32] = [:]
  private var userDayIndex: [UserDayKey: Int32] = [:]
  private var deviceIndex: [DeviceKey: Int32] = [:]

  var count: Int { parts.count + userDays.count + visitors.count + statusDays.count + flagDays.count + wordsDays.count }

  mutating func removeAll() {
    visitors.removeAll(keepingCapacity: true)
    parts.removeAll(keepingCapacity: true)
    users.removeAll(keepingCapacity: true)
    userDays.removeAll(keepingCapacity: true)
    devices.removeAll(keepingCapacity: true)
    statusDays.removeAll(keepingCapacity: true)
    flagDays.removeAll(keepingCapacity: true)
    campaigns.removeAll(keepingCapacity: true)
    wordsDays.removeAll(keepingCapacity: true)
    links.removeAll(keepingCapacity: true)
    visitorIndex.removeAll(keepingCapacity: true)
    userIndex.removeAll(keepingCapacity: true)
    userDayIndex.removeAll(keepingCapacity: true)
    deviceIndex.removeAll(keepingCapacity: true)
  }

  mutating func add(_ request: RequestFigures) {
    let millis = request.millis
    let facts = request.facts
    let country = request.country
    let day = millis / TrafficLimits.dayMillis
    let visitor = Int(self.visitor(VisitorKey(ip: request.ip, agent: request.agent), facts.agent))

    let part = SessionPart(
      day: day, start: millis, end: millis, channel: Int64(facts.channel?.rawValue ?? 0), country: country,
      campaign: Int64(bitPattern: request.campaign), isBot: facts.isBot, requests: 1, bytes: request.bytes,
      signIns: facts.isSignIn ? 1 : 0,
      healthRequests: facts.isHealthCheck ? 1 : 0)
    if request.campaign != 0 { add(campaign: facts.campaign, part.campaign) }
    if !facts.unknownWords.isEmpty, !facts.isBot {
      wordsDays[WordsDay(day: day, words: facts.unknownWords), default: 0] &+= 1
    }
    let last = Int(visitors[visitor].lastPart)
    // Only the newest part is tried: what arrives out of order becomes a part of its own, and the flush joins them.
    if last >= 0, parts[last].session.touches(part) {
      parts[last].session.merge(part)
    } else {
      visitors[visitor].lastPart = Int32(truncatingIfNeeded: parts.count)
      parts.append(Part(visitor: Int32(truncatingIfNeeded: visitor), session: part))
    }

    statusDays[StatusDayKey(day: day, status: request.status), default: StatusDay()].add(request.bytes)
    if let user = request.user {
      let index = userDay(user, day, country, visitor)
      userDays[index].requests &+= 1
      if request.status < 400 { userDays[index].okRequests &+= 1 }
      if !facts.isBot, !facts.isHealthCheck { userDays[index].humanRequests &+= 1 }
    }
  }

  /// Of two names with one hash the smaller one counts, whichever came first.
  private mutating func add(campaign name: String, _ hash: Int64) {
    if let known = campaigns[hash], known <= name { return }
    campaigns[hash] = name
  }

  mutating func add(flags: [String], _ millis: Int64) {
    for code in flags { flagDays[FlagDay(day: millis / TrafficLimits.dayMillis, code: code), default: 0] &+= 1 }
  }

  private mutating func visitor(_ key: VisitorKey, _ agent: UserAgentFacts) -> Int32 {
    if let known = visitorIndex[key] { return known }
    let device = self.device(agent)
    let index = Int32(truncatingIfNeeded: visitors.count)
    visitors.append(Visitor(key: key, device: device))
    visitorIndex[key] = index
    return index
  }

  private mutating func device(_ agent: UserAgentFacts) -> Int32 {
    let key = DeviceKey(agent)
    if let known = deviceIndex[key] { return known }
    let index = Int32(truncatingIfNeeded: devices.count)
    devices.append(key)
    deviceIndex[key] = index
    return index
  }

  private mutating func userDay(_ token: Token, _ day: Int64, _ country: CountryCode, _ visitor: Int) -> Int {
    let last = Int(visitors[visitor].lastUserDay)
    if last >= 0 {
      let known = userDays[last].key
      if known.day == day, known.country == country, users[Int(known.user)] == token { return last }
    }
    let key = UserDayKey(day: day, user: user(token), country: country, device: visitors[visitor].device)
    links.insert(Link(visitor: Int32(truncatingIfNeeded: visitor), user: key.user))
    let index: Int
    if let known = userDayIndex[key] {
      index = Int(known)
    } else {
      index = userDays.count
      userDays.append(UserDay(key: key))
      userDayIndex[key] = Int32(truncatingIfNeeded: index)
    }
    visitors[visitor].lastUserDay = Int32(truncatingIfNeeded: index)
    return index
  }

  private mutating func user(_ token: Token) -> Int32 {
    if let known = userIndex[token] { return known }
    let index = Int32(truncatingIfNeeded: users.count)
    users.append(token)
    userIndex[token] = index
    return index
  }
}

extension TrafficBatch.StatusDay {
  @inline(__always)
  mutating func add(_ bytes: Int64) {
    requests &+= 1
    self.bytes &+= bytes
  }
}
