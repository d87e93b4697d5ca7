internal import Capture
internal import Enrichment
internal import Entity
internal import Events
internal import Money
internal import Privacy

/// A line of a web log → an event: text repaired, cut and scrubbed, country derived, UTM parameters taken out of the
/// query.
struct RequestBuilder {
  // Classes: a look-up hands out one reference instead of copying every field.
  private final class Visitor {
    let ip: PersonalData
    let country: String
    let prefix: String
    let agent: String
    let flags: [String]
    let route: Token
    /// Year × 12 + month of `subjects`.
    let month: Int
    /// Of the anonymous visitor in that month.
    let subjects: PersonalSubjects

    init(
      ip: PersonalData, country: String, prefix: String, agent: String, flags: [String], route: Token, month: Int,
      subjects: PersonalSubjects
    ) {
      self.ip = ip
      self.country = country
      self.prefix = prefix
      self.agent = agent
      self.flags = flags
      self.route = route
      self.month = month
      self.subjects = subjects
    }
  }
  private final class User {
    let name: PersonalData
    let subjects: PersonalSubjects

    init(_ name: PersonalData) {
      self.name = name
      subjects = .all([Subject("user", name.bytes)])
    }
  }

  private let router: Router
  /// Whose user names stand in the log.
  private let logins: SystemScope
  private let countries: CountryDatabase?
  private let countryVersion: UInt64
  private var visitors = ByteCache<Visitor>(limit: WeblogLimits.cachedVisitors)
  private var users = ByteCache<User>(limit: WeblogLimits.cachedVisitors)
  /// Name of the file that is read, for people.
  var file = ""
  /// False: lines of this log go on behind the bytes, so one that ends there was cut.
  var takesCommon = true

  init(router: Router, logins: SystemScope, countries: CountryDatabase?) {
    self.router = router
    self.logins = logins
    self.countries = countries
    countryVersion = countries?.version ?? 0
  }

  /// `line` without its end of line.
  mutating func event(of line: UnsafeBufferPointer<UInt8>, stream: String, offset: UInt64) -> PendingEvent {
    let line = offset == 0 ? Self.withoutMark(line) : line
    let scanned: ScannedLine
    let visitor: Visitor
    do throws(LineScanner.Fault) {
      scanned = try LineScanner.scan(line)
      if scanned.isCommon, !takesCommon { throw .referrer }
      visitor = try self.visitor(of: scanned, in: line, month: Self.month(of: scanned.time))
    } catch {
      let format = LineFormat.name(of: line).map { "; this looks like \($0), which is not read" } ?? ""
      return rejected("weblog.unparsable", error.rawValue + format, line, stream: stream, offset: offset)
    }
    let user = scanned.user.isEmpty ? nil : user(bytes(line, scanned.user))
    let (path, source, medium, campaign) = target(bytes(line, scanned.target))
    let request = WebRequest<Person>(
      method: String(decoding: bytes(line, scanned.method), as: UTF8.self), path: path, status: scanned.status,
      bytes: scanned.bytes, referrer: scanned.referrer.isEmpty ? "" : Self.referrer(bytes(line, scanned.referrer)),
      userAgent: visitor.agent, country: visitor.country, ipPrefix: visitor.prefix, countryDataVersion: countryVersion,
      utmSource: source, utmMedium: medium, utmCampaign: campaign, ip: visitor.ip, user: user?.name)
    return PendingEvent(
      topic: Topic.weblog, route: visitor.route, operation: .create,
      position: SourcePosition(stream: stream, record: offset), version: .eventTime, occurredAt: scanned.time,
      flags: scanned.isAgentCut ? visitor.flags + ["userAgent.truncated"] : visitor.flags,
      payload: .webRequest(request),
      subjects: user?.subjects ?? visitor.subjects)
  }

  /// A file that begins with the mark of UTF-8 has it before its first line.
  private static func withoutMark(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    line.starts(with: [0xef, 0xbb, 0xbf]) ? UnsafeBufferPointer(rebasing: line.dropFirst(3)) : line
  }

  func rejected(
    _ reason: String, _ detail: String, _ line: UnsafeBufferPointer<UInt8>, stream: String, offset: UInt64
  ) -> PendingEvent {
    let raw = Array(line.prefix(CaptureLimits.rejectedRawBytes))
    var event = PendingEvent(
      topic: Topic.weblog, route: router.token("rejected", raw), operation: .rejected,
      position: SourcePosition(stream: stream, record: offset), version: .eventTime,
      occurredAt: nil,
      payload: .rejected(Rejected(reason: reason, detail: detail, raw: PersonalData(bytes: raw))), subjects: .unparsed)
    event.rejection = RejectedRecord(
      reason: reason, detail: detail, place: "\(file.isEmpty ? stream : file), at byte \(offset)")
    return event
  }

  // MARK: Who

  private mutating func visitor(
    of scanned: ScannedLine, in line: UnsafeBufferPointer<UInt8>, month: Int
  ) throws(LineScanner.Fault) -> Visitor {
    let field = UnsafeRawBufferPointer(bytes(line, scanned.client))
    let agent = UnsafeRawBufferPointer(bytes(line, scanned.agent))
    let hash = ByteCache<Visitor>.hash(agent, seed: ByteCache<Visitor>.hash(field))
    if let known = visitors.value(hash, field, agent), known.month == month { return known }

    guard let client = LogClient(bytes(line, scanned.client)) else { throw .address }
    let address = client.address
    let ip = UnsafeRawBufferPointer(rebasing: field[client.range])
    var (text, isRepaired) = LogText.text(bytes(line, scanned.agent))
    // Some programs carry the address of whoever runs them. What stands in its place tells reports that this is one.
    text = ClearText.cut(TextScrubber.withoutAddresses(text), to: WeblogLimits.userAgentBytes)
    let date = Timestamp.firstOfMonth(month)
    let made = Visitor(
      ip: PersonalData(bytes: Array(ip)), country: address.flatMap { countries?.country(of: $0) } ?? "",
      prefix: address?.truncatedPrefix ?? "", agent: text,
      flags: isRepaired ? ["userAgent.invalidBytes"] : [],
      route: router.token("visitor", Array(ip), Array(text.utf8)), month: month,
      subjects: .all([
        Subject("visitor-month", Array("\(date)|".utf8) + Array(ip) + [UInt8(ascii: "|")] + Array(text.utf8))
      ]))
    visitors.insert(made, hash, field, agent)
    return made
  }

  private mutating func user(_ bytes: UnsafeBufferPointer<UInt8>) -> User {
    let raw = UnsafeRawBufferPointer(bytes)
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    let hash = ByteCache<User>.hash(raw)
    if let known = users.value(hash, raw, nothing) { return known }
    let made = User(logins.user(PersonalData(LogText.text(bytes).text)))
    users.insert(made, hash, raw, nothing)
    return made
  }

  private static func month(of time: Timestamp) -> Int {
    let (year, month, _) = time.day.components
    return year &* 12 &+ month &- 1
  }

  // MARK: What

  private func bytes(_ line: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: line[range])
  }

  /// Path without query and fragment, and the UTM values of the query.
  private func target(_ target: UnsafeBufferPointer<UInt8>) -> (String, String, String, String) {
    var path = target
    var (source, medium, campaign) = ("", "", "")
    if let mark = target.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
      path = UnsafeBufferPointer(rebasing: target[..<mark])
      if target[mark] == UInt8(ascii: "?") {
        let query = target[(mark &+ 1)...].prefix { $0 != UInt8(ascii: "#") }
        let tags = LandingTags(query: query)
        source = tags.source.map(Self.utm) ?? ""
        medium = tags.medium.map(Self.utm) ?? ""
        campaign = tags.campaign.map(Self.utm) ?? ""
        // Words are the owner's; an id fills what they leave open.
        if let click = tags.click {
          if source.isEmpty { source = click.source }
          if medium.isEmpty, tags.source == nil || click.medium == "cpc" { medium = click.medium }
        }
      }
    }
    // A proxy's request names scheme and host before the path.
    if !path.isEmpty, path[0] != UInt8(ascii: "/"), let host = Self.afterScheme(path) {
      let slash = path[host...].firstIndex(of: UInt8(ascii: "/"))
      path = UnsafeBufferPointer(rebasing: path[(slash ?? path.count)...])
    }
    return (Self.scrubbed(path, limit: WeblogLimits.pathBytes), source, medium, campaign)
  }

  private static func utm(_ value: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    let text = LogText.repaired(LogText.percentDecoded(LogText.unescaped(value))).text
    // Scrubbed before it is cut, or half a number would stay.
    return ClearText.cut(TextScrubber.scrub(text), to: WeblogLimits.utmBytes)
  }

  private static func referrer(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    let end = bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.count
    let rest = UnsafeBufferPointer(rebasing: bytes[..<end])
    guard rest.contains(UInt8(ascii: "@")) else { return scrubbed(rest, limit: WeblogLimits.pathBytes) }
    return withoutUserInfo(rest).withUnsafeBufferPointer { scrubbed($0, limit: WeblogLimits.pathBytes) }
  }

  /// An address without "user:password@" before its host; the name says who, the rest how to be them.
  private static func withoutUserInfo(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    let host = afterScheme(bytes) ?? (bytes.starts(with: "//".utf8) ? 2 : 0)
    let authority = bytes[host...].prefix { $0 != UInt8(ascii: "/") }
    guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return Array(bytes) }
    return Array(bytes[..<host]) + Array(bytes[(at &+ 1)...])
  }

  private static func scrubbed(_ bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> String {
    let text = LogText.text(bytes).text
    guard TextScrubber.isSuspicious(bytes) else { return ClearText.cut(text, to: limit) }
    return ClearText.cut(TextScrubber.scrub(text), to: limit)
  }

  /// Where the host begins after "scheme://".
  private static func afterScheme(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon &+ 2 < bytes.count,
      bytes[colon &+ 1] == UInt8(ascii: "/"), bytes[colon &+ 2] == UInt8(ascii: "/")
    else { return nil }
    return colon &+ 3
  }
}

extension Timestamp {
  /// "2026-11" of year × 12 + month − 1.
  fileprivate static func firstOfMonth(_ month: Int) -> String {
    CivilDate(year: month / 12, month: month % 12 + 1, day: 1).map { String($0.text.prefix(7)) } ?? ""
  }
}
