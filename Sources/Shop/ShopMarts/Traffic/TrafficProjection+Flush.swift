internal import Entity
internal import Events
package import Marts
internal import Projections
internal import SQLite

extension TrafficProjection {
  package func flush(into transaction: MartTransaction) throws {
    if batch.count == 0 { return }
    let devices = try numbers.devices(batch.devices, transaction)
    let visitors = try numbers.visitors(batch.visitors, devices: devices, transaction)
    let users = try numbers.users(batch.users, transaction)
    try writeSessions(visitors, transaction)
    try writeUserDays(users: users, devices: devices, transaction)
    try writeLinks(visitors, users, transaction)
    try writeCampaigns(transaction)
    try writeStatusDays(transaction)
    try writeFlagDays(transaction)
    try writeWordsDays(transaction)
    batch.removeAll()
  }

  private func writeSessions(_ visitors: [TrafficNumbers.Visitor], _ transaction: MartTransaction) throws {
    let tables = try SessionTable(transaction)
    let parts = batch.parts
    var order = parts.indices.map { index in
      let part = parts[index]
      return (day: part.session.day, visitor: visitors[Int(part.visitor)].id, start: part.session.start, index: index)
    }
    order.sort { ($0.day, $0.visitor, $0.start) < ($1.day, $1.visitor, $1.start) }
    var next = 0
    while next < order.count {
      let first = order[next]
      let slot = Int(parts[first.index].visitor)
      let visitor = visitors[slot]
      var arrived: [SessionPart] = []
      while next < order.count, order[next].day == first.day, order[next].visitor == first.visitor {
        arrived.append(parts[order[next].index].session)
        next += 1
      }
      let stored = first.day > visitor.lastDay ? [] : try tables.sessions(of: visitor.id, on: first.day)
      try tables.write(arrived, over: stored, of: visitor.id)
    }
    for part in parts { numbers.wrote(part.session.day, of: batch.visitors[Int(part.visitor)].key) }
  }

  private func writeUserDays(users: [Int64], devices: [Int64], _ transaction: MartTransaction) throws {
    let row = try transaction.statement(
      """
      INSERT INTO user_days (day, user_id, country, device_id, requests, ok_requests, human_requests)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT (day, user_id, country, device_id) DO UPDATE SET requests = requests + excluded.requests,
        ok_requests = ok_requests + excluded.ok_requests, human_requests = human_requests + excluded.human_requests
      """)
    var order = batch.userDays.map { userDay in
      (
        day: userDay.key.day, user: users[Int(userDay.key.user)], country: userDay.key.country,
        device: devices[Int(userDay.key.device)], userDay: userDay
      )
    }
    order.sort { ($0.day, $0.user, $0.country.value, $0.device) < ($1.day, $1.user, $1.country.value, $1.device) }
    for entry in order {
      row.bind(1, entry.day)
      row.bind(2, entry.user)
      row.bind(3, entry.country.text)
      row.bind(4, entry.device)
      row.bind(5, entry.userDay.requests)
      row.bind(6, entry.userDay.okRequests)
      row.bind(7, entry.userDay.humanRequests)
      try row.run()
    }
  }

  private func writeLinks(
    _ visitors: [TrafficNumbers.Visitor], _ users: [Int64], _ transaction: MartTransaction
  ) throws {
    let row = try transaction.statement("INSERT OR IGNORE INTO visitor_users (visitor_id, user_id) VALUES (?1, ?2)")
    let links = batch.links.map { link in
      TrafficNumbers.Link(visitor: visitors[Int(link.visitor)].id, user: users[Int(link.user)])
    }.sorted { ($0.visitor, $0.user) < ($1.visitor, $1.user) }
    for link in links where numbers.isNew(link) {
      row.bind(1, link.visitor)
      row.bind(2, link.user)
      try row.run()
    }
  }

  private func writeCampaigns(_ transaction: MartTransaction) throws {
    let row = try transaction.statement(
      """
      INSERT INTO campaigns (campaign, name) VALUES (?1, ?2)
      ON CONFLICT (campaign) DO UPDATE SET name = excluded.name WHERE excluded.name < name
      """)
    for (campaign, name) in batch.campaigns.sorted(by: { $0.key < $1.key }) {
      row.bind(1, campaign)
      row.bind(2, name)
      try row.run()
    }
  }

  private func writeStatusDays(_ transaction: MartTransaction) throws {
    let row = try transaction.statement(
      """
      INSERT INTO status_days (day, status, requests, bytes) VALUES (?1, ?2, ?3, ?4)
      ON CONFLICT (day, status) DO UPDATE SET requests = requests + excluded.requests, bytes = bytes + excluded.bytes
      """)
    for (key, sums) in batch.statusDays.sorted(by: { $0.key < $1.key }) {
      row.bind(1, key.day)
      row.bind(2, Int64(key.status))
      row.bind(3, sums.requests)
      row.bind(4, sums.bytes)
      try row.run()
    }
  }

  private func writeFlagDays(_ transaction: MartTransaction) throws {
    let row = try transaction.statement(
      """
      INSERT INTO request_flags (day, code, requests) VALUES (?1, ?2, ?3)
      ON CONFLICT (day, code) DO UPDATE SET requests = requests + excluded.requests
      """)
    for (key, requests) in batch.flagDays.sorted(by: { ($0.key.day, $0.key.code) < ($1.key.day, $1.key.code) }) {
      row.bind(1, key.day)
      row.bind(2, key.code)
      row.bind(3, requests)
      try row.run()
    }
  }

  private func writeWordsDays(_ transaction: MartTransaction) throws {
    let row = try transaction.statement(
      """
      INSERT INTO utm_words (day, words, requests) VALUES (?1, ?2, ?3)
      ON CONFLICT (day, words) DO UPDATE SET requests = requests + excluded.requests
      """)
    for (key, requests) in batch.wordsDays.sorted(by: { ($0.key.day, $0.key.words) < ($1.key.day, $1.key.words) }) {
      row.bind(1, key.day)
      row.bind(2, key.words)
      row.bind(3, requests)
      try row.run()
    }
  }
}

/// The statements for sessions, prepared once per flush.
private struct SessionTable {
  private let select: Statement
  private let upsert: Statement
  private let delete: Statement

  init(_ transaction: MartTransaction) throws {
    select = try transaction.statement(
      """
      SELECT start_millis, end_millis, channel, country, bot, requests, bytes, sign_ins, health_requests, campaign
      FROM sessions
      WHERE day = ?1 AND visitor_id = ?2 ORDER BY start_millis
      """)
    upsert = try transaction.statement(
      """
      INSERT OR REPLACE INTO sessions (day, visitor_id, start_millis, end_millis, channel, country, bot, requests, bytes,
        sign_ins, health_requests, campaign) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
      """)
    delete = try transaction.statement("DELETE FROM sessions WHERE day = ?1 AND visitor_id = ?2 AND start_millis = ?3")
  }

  func sessions(of visitor: Int64, on day: Int64) throws -> [SessionPart] {
    select.bind(1, day)
    select.bind(2, visitor)
    defer { select.reset() }
    var sessions: [SessionPart] = []
    while try select.step() {
      sessions.append(
        SessionPart(
          day: day, start: select.int64(0), end: select.int64(1), channel: select.int64(2),
          country: CountryCode(select.text(3)), campaign: select.int64(9), isBot: select.int64(4) != 0,
          requests: select.int64(5),
          bytes: select.int64(6), signIns: select.int64(7), healthRequests: select.int64(8)))
    }
    return sessions
  }

  /// Joins what arrived with what is stored. Both are sorted by start and belong to one visitor and day.
  func write(_ arrived: [SessionPart], over stored: [SessionPart], of visitor: Int64) throws {
    if stored.isEmpty {
      var open = arrived[0]
      for part in arrived.dropFirst() {
        if open.touches(part) {
          open.merge(part)
        } else {
          try write(open, visitor)
          open = part
        }
      }
      return try write(open, visitor)
    }
    var all = arrived.map { (part: $0, isStored: false) } + stored.map { (part: $0, isStored: true) }
    all.sort { ($0.part.start, $0.isStored ? 0 : 1) < ($1.part.start, $1.isStored ? 0 : 1) }
    var index = 0
    while index < all.count {
      var open = all[index].part
      var hasChanged = !all[index].isStored
      var storedStarts = all[index].isStored ? [open.start] : []
      index += 1
      while index < all.count, open.touches(all[index].part) {
        hasChanged = true
        if all[index].isStored { storedStarts.append(all[index].part.start) }
        open.merge(all[index].part)
        index += 1
      }
      guard hasChanged else { continue }
      for start in storedStarts where start != open.start { try remove(open.day, visitor, start) }
      try write(open, visitor)
    }
  }

  private func write(_ session: SessionPart, _ visitor: Int64) throws {
    upsert.bind(1, session.day)
    upsert.bind(2, visitor)
    upsert.bind(3, session.start)
    upsert.bind(4, session.end)
    upsert.bind(5, session.channel)
    upsert.bind(6, session.country.text)
    upsert.bind(7, session.isBot ? 1 : 0)
    upsert.bind(8, session.requests)
    upsert.bind(9, session.bytes)
    upsert.bind(10, session.signIns)
    upsert.bind(11, session.healthRequests)
    upsert.bind(12, session.campaign)
    try upsert.run()
  }

  private func remove(_ day: Int64, _ visitor: Int64, _ start: Int64) throws {
    delete.bind(1, day)
    delete.bind(2, visitor)
    delete.bind(3, start)
    try delete.run()
  }
}
