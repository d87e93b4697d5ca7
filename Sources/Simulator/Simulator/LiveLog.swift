internal import Files

/// A growing access log that moves on to a new file each day, as logrotate does it: by renaming.
struct LiveLog {
  private let folder: String
  private let format = CombinedFormat()
  private var random: Random
  private var visitors: [LiveVisitor] = []
  private var addresses: AddressBook
  private let users: [(name: String, country: String)]
  private let products: Int
  private let agentSums = runningSums(Agent.usual.map(\.weight))
  private let landingSums = runningSums(Landing.all.map(\.weight))
  private let pageSums = runningSums([40, 30, 15, 10, 5])
  private static let pages: [PageKind] = [.catalog, .product, .health, .login, .orders]
  /// Day of the current file; nil until the first line is written or found.
  private var day: Int?
  /// End of a line that a step held back.
  private var heldBack: [UInt8] = []
  private var writes = 0

  private struct LiveVisitor {
    var address: [UInt8]
    var user: [UInt8]
    var agent: Int
    var country: Int
    var requestsLeft: Int
  }

  /// Visitors on the site at one time.
  private static let crowd = 200

  init(
    folder: String, users: [(name: String, country: String)], products: Int, seed: UInt64, ranges: CountryRanges
  ) {
    self.folder = folder
    self.users = users
    self.products = products
    random = Random(seed: seed, stream: 51)
    addresses = AddressBook(ranges)
  }

  private var current: String { folder + "/access.log" }

  mutating func write(lines: Int, at second: Int64) throws {
    let today = Days.day(ofSecond: second)
    let known = try day ?? LiveLog.newestDay(in: current) ?? today
    if known < today { try rotate() }
    day = max(known, today)
    let date = Array(Days.logText(today).utf8)
    var batch = heldBack
    heldBack = []
    for _ in 0..<lines { appendLine(at: second, date: date, to: &batch) }
    writes += 1
    // Now and then a web server's buffer ends within a line; readers have to wait for its end.
    if writes % 7 == 0, batch.count > 64 {
      heldBack = Array(batch.suffix(40))
      batch.removeLast(40)
    }
    try append(batch)
  }

  mutating func finish() throws {
    guard !heldBack.isEmpty else { return }
    try append(heldBack)
    heldBack = []
  }

  private func append(_ bytes: [UInt8]) throws(SimulatorError) {
    var file = try OutputFile(current, .append)
    try file.write { $0.append(contentsOf: bytes) }
    try file.flush()
  }

  private mutating func rotate() throws {
    try finish()
    let numbers = try Files.names(in: folder).compactMap { name -> Int? in
      name.hasPrefix("access.log.") ? Int(name.dropFirst("access.log.".count)) : nil
    }
    for number in numbers.sorted(by: >) {
      try OutputFile.rename("\(current).\(number)", to: "\(current).\(number + 1)")
    }
    if Files.exists(current) { try OutputFile.rename(current, to: current + ".1") }
  }

  private mutating func appendLine(at second: Int64, date: [UInt8], to batch: inout [UInt8]) {
    if visitors.count < LiveLog.crowd { visitors.append(arrival()) }
    let position = random.below(visitors.count)
    let isFirst = visitors[position].requestsLeft < 0
    if isFirst { visitors[position].requestsLeft = random.within(1...9) }
    visitors[position].requestsLeft -= 1
    let visitor = visitors[position]
    if visitor.requestsLeft <= 0 { visitors[position] = arrival() }

    let page = LiveLog.pages[random.index(cumulative: pageSums)]
    let mayLand = isFirst && !Agent.usual[visitor.agent].isBot && (page == .catalog || page == .product)
    let isRefused = page == .login && random.chance(percent: 25)
    let request = Request(
      time: second, writtenAt: second, address: 0, agent: Int16(visitor.agent), user: 0, country: Int8(visitor.country),
      page: page,
      detail: Int32(page == .catalog ? random.below(Words.categories.count) : 1 + random.below(max(1, products))),
      landing: Int8(mayLand ? random.index(cumulative: landingSums) : isFirst ? Landing.direct : -1),
      status: isRefused ? 401 : page == .login ? 302 : 200, bytes: Int32(random.within(180...64_000)))
    format.append(request, address: visitor.address, user: visitor.user, date: date, to: &batch)
  }

  private mutating func arrival() -> LiveVisitor {
    let agent = random.index(cumulative: agentSums)
    let isNameless = users.isEmpty || Agent.usual[agent].isBot || random.chance(percent: 5)
    let user = isNameless ? nil : users[random.below(users.count)]
    let code = user?.country ?? Geography.required[random.below(Geography.required.count)]
    let country = Geography.countries.firstIndex { $0.code == code } ?? 0
    return LiveVisitor(
      address: Array(addresses.text(country: country, &random).utf8), user: user.map { Array($0.name.utf8) } ?? [0x2d],
      agent: agent, country: country, requestsLeft: -1)
  }

  /// The newest day named in the file's last lines; late lines stand among them.
  private static func newestDay(in path: String) throws -> Int? {
    guard Files.exists(path) else { return nil }
    // A day's file of the default size has 100 KB; one of a hundred times more lines still fits.
    let bytes = try Files.read(path, limit: 1 << 30).bytes.suffix(65_536)
    var newest: Int?
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      guard let open = line.firstIndex(of: UInt8(ascii: "[")), line.distance(from: open, to: line.endIndex) > 12 else {
        continue
      }
      let text = String(decoding: line[(open + 1)..<(open + 12)], as: UTF8.self)
      if let day = Days.fromLogText(text) { newest = max(newest ?? day, day) }
    }
    return newest
  }
}
