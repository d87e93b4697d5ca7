internal import Entity
internal import Events
internal import Marts
internal import SQLite

/// The file's own numbers for tokens and devices: small integers keep the hot tables small. Bounded memories in front of
/// the tables; what they have forgotten is looked up.
struct TrafficNumbers {
  struct Visitor {
    var id: Int64
    /// No session of the visitor is stored for a later day, so that a new day needs no look-up.
    var lastDay: Int64
  }

  private var visitors: [VisitorKey: Visitor] = [:]
  private var clients: [Token: Int64] = [:]
  private var users: [Token: Int64] = [:]
  private var devices: [DeviceKey: Int64] = [:]
  private var nextVisitor: Int64 = 0
  private var nextClient: Int64 = 0
  private var nextUser: Int64 = 0
  private var nextDevice: Int64 = 0
  /// Visitors and users that the file is known to link.
  private var links: Set<Link> = []
  struct Link: Hashable {
    var visitor: Int64
    var user: Int64
  }
  /// Last day for which the file holds any session.
  private var lastDay: Int64 = -1

  init() {}

  /// Reads where the file's numbers end. Numbers are only given out by this writer, so once is enough until a failure.
  private mutating func load(_ transaction: MartTransaction) throws {
    guard nextVisitor == 0 else { return }
    let database = transaction.database
    nextVisitor = (try database.integer("SELECT max(visitor_id) FROM visitors") ?? 0) + 1
    nextClient = (try database.integer("SELECT max(client_id) FROM clients") ?? 0) + 1
    nextUser = (try database.integer("SELECT max(user_id) FROM users") ?? 0) + 1
    nextDevice = (try database.integer("SELECT max(device_id) FROM devices") ?? 0) + 1
    lastDay = try database.integer("SELECT max(day) FROM sessions") ?? -1
  }

  // MARK: Visitors

  /// Numbers of the batch's visitors, in the batch's order. Those that are not in memory are looked up, and new ones made,
  /// in the order of their tokens, so that the walk through the index goes one way.
  mutating func visitors(_ batch: [TrafficBatch.Visitor], devices: [Int64], _ transaction: MartTransaction) throws
    -> [Visitor]
  {
    try load(transaction)
    if visitors.count + batch.count > TrafficLimits.cachedVisitors { visitors.removeAll(keepingCapacity: true) }
    if clients.count + batch.count > TrafficLimits.cachedClients { clients.removeAll(keepingCapacity: true) }
    var found = [Visitor](repeating: Visitor(id: 0, lastDay: lastDay), count: batch.count)
    var missing: [Int] = []
    for index in batch.indices {
      if let known = visitors[batch[index].key] { found[index] = known } else { missing.append(index) }
    }
    missing.sort { (batch[$0].key.ip, batch[$0].key.agent) < (batch[$1].key.ip, batch[$1].key.agent) }
    for index in missing {
      let visitor = try visitor(batch[index].key, devices[Int(batch[index].device)], transaction)
      found[index] = visitor
      visitors[batch[index].key] = visitor
    }
    return found
  }

  /// Remembers that a session of that day has been written.
  mutating func wrote(_ day: Int64, of key: VisitorKey) {
    if day > lastDay { lastDay = day }
    if let known = visitors[key], known.lastDay < day { visitors[key] = Visitor(id: known.id, lastDay: day) }
  }

  private mutating func visitor(_ key: VisitorKey, _ device: Int64, _ transaction: MartTransaction) throws -> Visitor {
    let client = try client(key.ip, transaction)
    let agent = Int64(bitPattern: key.agent)
    if !client.isNew {
      let row = try transaction.statement("SELECT visitor_id FROM visitors WHERE client_id = ?1 AND agent = ?2")
      row.bind(1, client.id)
      row.bind(2, agent)
      defer { row.reset() }
      if try row.step() { return Visitor(id: row.int64(0), lastDay: lastDay) }
    }
    let row = try transaction.statement(
      "INSERT INTO visitors (visitor_id, client_id, agent, device_id) VALUES (?1, ?2, ?3, ?4)")
    row.bind(1, nextVisitor)
    row.bind(2, client.id)
    row.bind(3, agent)
    row.bind(4, device)
    try row.run()
    nextVisitor += 1
    return Visitor(id: nextVisitor - 1, lastDay: -1)
  }

  private mutating func client(_ token: Token, _ transaction: MartTransaction) throws -> (id: Int64, isNew: Bool) {
    if let known = clients[token] { return (known, false) }
    let (id, isNew) = try number(
      of: token, select: "SELECT client_id FROM clients WHERE token = ?1",
      insert: "INSERT INTO clients (client_id, token) VALUES (?1, ?2)", next: &nextClient, transaction)
    clients[token] = id
    return (id, isNew)
  }

  // MARK: Users

  mutating func users(_ batch: [Token], _ transaction: MartTransaction) throws -> [Int64] {
    try load(transaction)
    if users.count + batch.count > TrafficLimits.cachedUsers { users.removeAll(keepingCapacity: true) }
    var found = [Int64](repeating: 0, count: batch.count)
    var missing: [Int] = []
    for index in batch.indices {
      if let known = users[batch[index]] { found[index] = known } else { missing.append(index) }
    }
    missing.sort { batch[$0] < batch[$1] }
    for index in missing {
      found[index] = try number(
        of: batch[index], select: "SELECT user_id FROM users WHERE token = ?1",
        insert: "INSERT INTO users (user_id, token) VALUES (?1, ?2)", next: &nextUser, transaction
      ).id
      users[batch[index]] = found[index]
    }
    return found
  }

  private func number(
    of token: Token, select: String, insert: String, next: inout Int64, _ transaction: MartTransaction
  ) throws -> (id: Int64, isNew: Bool) {
    let bytes = token.bytes
    let row = try transaction.statement(select)
    row.bind(1, bytes)
    defer { row.reset() }
    if try row.step() { return (row.int64(0), false) }
    let new = try transaction.statement(insert)
    new.bind(1, next)
    new.bind(2, bytes)
    try new.run()
    next += 1
    return (next - 1, true)
  }

  /// Remembers a link; false: it is written already.
  mutating func isNew(_ link: Link) -> Bool {
    if links.count >= TrafficLimits.cachedVisitors { links.removeAll(keepingCapacity: true) }
    return links.insert(link).inserted
  }

  // MARK: Devices

  mutating func devices(_ batch: [DeviceKey], _ transaction: MartTransaction) throws -> [Int64] {
    try load(transaction)
    if devices.count + batch.count > TrafficLimits.cachedDevices { devices.removeAll(keepingCapacity: true) }
    var found: [Int64] = []
    for key in batch {
      let id = try devices[key] ?? number(of: key, transaction)
      devices[key] = id
      found.append(id)
    }
    return found
  }

  private mutating func number(of key: DeviceKey, _ transaction: MartTransaction) throws -> Int64 {
    let values: [Value] = [.text(key.deviceClass), .text(key.os), .text(key.browser), .integer(key.isBot ? 1 : 0)]
    let row = try transaction.statement(
      "SELECT device_id FROM devices WHERE device_class = ?1 AND os = ?2 AND browser = ?3 AND bot = ?4")
    row.bindAll(values)
    defer { row.reset() }
    if try row.step() { return row.int64(0) }
    let new = try transaction.statement(
      "INSERT INTO devices (device_class, os, browser, bot, device_id) VALUES (?1, ?2, ?3, ?4, ?5)")
    new.bindAll(values + [.integer(nextDevice)])
    try new.run()
    nextDevice += 1
    return nextDevice - 1
  }
}
