package import Marts
internal import Projections

/// Tables and views of web traffic: sessions, users' days, answers' days.
extension TrafficProjection {
  package static var tables: [TableDefinition] {
    [
      clients, visitors, users, visitorUsers, campaigns, devices, sessions, userDays, statusDays, requestFlags,
      utmWords,
    ]
  }

  private static let clients = TableDefinition(
    "clients", "Clients of the web site: one row per IP address.",
    columns: [
      .init("client_id", "INTEGER PRIMARY KEY", "Number in this file only; depends on the order of arrival."),
      .init("token", "BLOB NOT NULL UNIQUE", "Token of the IP address."),
    ],
    canonicalDump: "SELECT token FROM clients ORDER BY token")

  private static let visitors = TableDefinition(
    "visitors", "Visitors: one row per IP address and user agent.",
    columns: [
      .init("visitor_id", "INTEGER PRIMARY KEY", "Number in this file only; depends on the order of arrival."),
      .init("client_id", "INTEGER NOT NULL", "Client, as in clients."),
      .init("agent", "INTEGER NOT NULL", "64-bit hash of the user agent."),
      .init("device_id", "INTEGER NOT NULL", "Device, as in devices: what the user agent says."),
    ],
    constraints: ["UNIQUE (client_id, agent)"],
    references: [.init("client_id", to: "clients"), .init("device_id", to: "devices")],
    canonicalDump: """
      SELECT c.token, v.agent, d.device_class, d.os, d.browser, d.bot FROM visitors v JOIN clients c USING (client_id)
      JOIN devices d USING (device_id) ORDER BY c.token, v.agent
      """)

  private static let users = TableDefinition(
    "users", "Signed-in users.",
    columns: [
      .init("user_id", "INTEGER PRIMARY KEY", "Number in this file only; depends on the order of arrival."),
      .init(
        "token", "BLOB NOT NULL UNIQUE", "Token of the user name; joins customers and companies of the sales mart."),
    ],
    canonicalDump: "SELECT token FROM users ORDER BY token")

  private static let visitorUsers = TableDefinition(
    "visitor_users", "Who signed in from where: visitors whose requests came under a user's name.",
    columns: [
      .init("visitor_id", "INTEGER NOT NULL", "Visitor, as in visitors."),
      .init("user_id", "INTEGER NOT NULL", "User, as in users."),
    ],
    constraints: ["PRIMARY KEY (visitor_id, user_id)"], withoutRowID: true,
    references: [.init("visitor_id", to: "visitors"), .init("user_id", to: "users")],
    canonicalDump: """
      SELECT c.token, v.agent, u.token FROM visitor_users l JOIN visitors v USING (visitor_id)
      JOIN clients c USING (client_id) JOIN users u USING (user_id) ORDER BY c.token, v.agent, u.token
      """)

  private static let campaigns = TableDefinition(
    "campaigns", "Campaigns that landings name.",
    columns: [
      .init("campaign", "INTEGER PRIMARY KEY", "64-bit hash of the name."),
      .init("name", "TEXT NOT NULL", "The UTM parameter."),
    ],
    canonicalDump: "SELECT campaign, name FROM campaigns ORDER BY campaign")

  private static let devices = TableDefinition(
    "devices", "Kinds of devices, as user agents name them.",
    columns: [
      .init("device_id", "INTEGER PRIMARY KEY", "Number in this file only; depends on the order of arrival."),
      .init("device_class", "TEXT NOT NULL", "\"Desktop\", \"Phone\", \"Tablet\", \"Bot\", \"Unknown\"."),
      .init("os", "TEXT NOT NULL", "Family of the operating system."),
      .init("browser", "TEXT NOT NULL", "Family of the browser."),
      .init("bot", "INTEGER NOT NULL", "1: a program, not a person."),
    ],
    constraints: ["UNIQUE (device_class, os, browser, bot)"],
    canonicalDump: "SELECT device_class, os, browser, bot FROM devices ORDER BY device_class, os, browser, bot")

  private static let sessions = TableDefinition(
    "sessions",
    "A visitor's requests within one UTC day with gaps of at most 30 minutes. The first request names channel and country.",
    columns: [
      .init("day", "INTEGER NOT NULL", "UTC day, days since 1970-01-01."),
      .init("visitor_id", "INTEGER NOT NULL", "Visitor, as in visitors."),
      .init("start_millis", "INTEGER NOT NULL", "First request, milliseconds since 1970-01-01T00:00:00Z."),
      .init("end_millis", "INTEGER NOT NULL", "Last request, milliseconds since 1970-01-01T00:00:00Z."),
      .init("channel", "INTEGER NOT NULL", "Marketing channel of the first request, as in channels; 0: unknown."),
      .init("country", "TEXT NOT NULL", "ISO country of the first request; empty: unknown."),
      .init("bot", "INTEGER NOT NULL", "1: a program, not a person."),
      .init("requests", "INTEGER NOT NULL", "Requests, health checks included."),
      .init("bytes", "INTEGER NOT NULL", "Bytes sent."),
      .init("sign_ins", "INTEGER NOT NULL", "Successful requests to a sign-in page."),
      .init("health_requests", "INTEGER NOT NULL", "Health checks among the requests."),
      .init("campaign", "INTEGER NOT NULL", "Campaign of the first request, as in campaigns; 0: none."),
    ],
    constraints: ["PRIMARY KEY (day, visitor_id, start_millis)"], withoutRowID: true,
    references: [.init("visitor_id", to: "visitors"), .init("campaign", to: "campaigns")],
    canonicalDump: """
      SELECT s.day, c.token, v.agent, s.start_millis, s.end_millis, s.channel, s.country, s.bot, s.requests, s.bytes,
        s.sign_ins, s.health_requests, s.campaign
      FROM sessions s JOIN visitors v USING (visitor_id) JOIN clients c USING (client_id)
      ORDER BY s.day, c.token, v.agent, s.start_millis
      """, month: .day("d.day"))

  private static let userDays = TableDefinition(
    "user_days", "What each user requested per day, country and device.",
    columns: [
      .init("day", "INTEGER NOT NULL", "UTC day, days since 1970-01-01."),
      .init("user_id", "INTEGER NOT NULL", "User, as in users."),
      .init("country", "TEXT NOT NULL", "ISO country of the IP address; empty: unknown."),
      .init("device_id", "INTEGER NOT NULL", "Device, as in devices."),
      .init("requests", "INTEGER NOT NULL", "Requests under the user's name."),
      .init("ok_requests", "INTEGER NOT NULL", "Those answered below 400."),
      .init("human_requests", "INTEGER NOT NULL", "Those of people: no bots, no health checks; any answer."),
    ],
    constraints: ["PRIMARY KEY (day, user_id, country, device_id)"], withoutRowID: true,
    references: [.init("user_id", to: "users"), .init("device_id", to: "devices")],
    canonicalDump: """
      SELECT a.day, u.token, a.country, d.device_class, d.os, d.browser, d.bot, a.requests, a.ok_requests,
        a.human_requests
      FROM user_days a JOIN users u USING (user_id) JOIN devices d USING (device_id)
      ORDER BY a.day, u.token, a.country, d.device_class, d.os, d.browser, d.bot
      """, month: .day("d.day"))

  private static let statusDays = TableDefinition(
    "status_days", "Answers per day and HTTP status.",
    columns: [
      .init("day", "INTEGER NOT NULL", "UTC day, days since 1970-01-01."),
      .init("status", "INTEGER NOT NULL", "HTTP status."),
      .init("requests", "INTEGER NOT NULL", "Requests, of people and programs."),
      .init("bytes", "INTEGER NOT NULL", "Bytes sent."),
    ],
    constraints: ["PRIMARY KEY (day, status)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM status_days ORDER BY day, status", month: .day("d.day"))

  private static let requestFlags = TableDefinition(
    "request_flags", "Findings that came with requests, per day.",
    columns: [
      .init("day", "INTEGER NOT NULL", "UTC day, days since 1970-01-01."),
      .init("code", "TEXT NOT NULL", "Finding, e.g. \"userAgent.invalidBytes\"."),
      .init("requests", "INTEGER NOT NULL", "Requests with it."),
    ],
    constraints: ["PRIMARY KEY (day, code)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM request_flags ORDER BY day, code", month: .day("d.day"))

  private static let utmWords = TableDefinition(
    "utm_words", "Words of UTM parameters that name no channel, per day: landings of people tagged with them.",
    columns: [
      .init("day", "INTEGER NOT NULL", "UTC day, days since 1970-01-01."),
      .init(
        "words", "TEXT NOT NULL", "Source and medium, joined by \" / \"; empty ones where a campaign alone is named."),
      .init("requests", "INTEGER NOT NULL", "Requests of people with them."),
    ],
    constraints: ["PRIMARY KEY (day, words)"], withoutRowID: true,
    canonicalDump: "SELECT * FROM utm_words ORDER BY day, words", month: .day("d.day"))

  package static var views: [ViewDefinition] {
    [.marketingChannels, sessionDetails, userDayDetails, statusDayDetails, flaggedRows]
  }

  private static let sessionDetails = ViewDefinition(
    "session_details", "Sessions with names and ISO moments.",
    select: """
      SELECT \(SQLText.isoDate("s.day")) AS date, s.visitor_id, \(SQLText.isoMoment("s.start_millis")) AS started_at,
        \(SQLText.isoMoment("s.end_millis")) AS ended_at, coalesce(c.name, 'unknown') AS channel, s.country,
        d.device_class, d.os, d.browser, s.bot, s.requests, s.bytes, s.sign_ins, s.health_requests,
        coalesce(p.name, '') AS campaign
      FROM sessions s JOIN visitors v USING (visitor_id) JOIN devices d USING (device_id)
        LEFT JOIN channels c ON c.id = s.channel LEFT JOIN campaigns p USING (campaign)
      """,
    columns: [
      ("date", "UTC day."), ("visitor_id", "Visitor; a number of this file only."), ("started_at", "ISO moment, UTC."),
      ("ended_at", "ISO moment, UTC."), ("channel", "Marketing channel of the first request."),
      ("country", "ISO country of the first request; empty: unknown."), ("device_class", "Kind of device."),
      ("os", "Operating system."), ("browser", "Browser."), ("bot", "1: a program."), ("requests", "Requests."),
      ("bytes", "Bytes sent."), ("sign_ins", "Successful sign-ins."), ("health_requests", "Health checks."),
      ("campaign", "Campaign of the first request; empty: none."),
    ])

  private static let userDayDetails = ViewDefinition(
    "user_day_details", "Users' days with devices' names; users as tokens in hexadecimal.",
    select: """
      SELECT \(SQLText.isoDate("a.day")) AS date, lower(hex(u.token)) AS user, a.country, d.device_class, d.os, d.browser,
        a.requests, a.ok_requests, a.human_requests
      FROM user_days a JOIN users u USING (user_id) JOIN devices d USING (device_id)
      """,
    columns: [
      ("date", "UTC day."), ("user", "Token of the user name."), ("country", "ISO country; empty: unknown."),
      ("device_class", "Kind of device."), ("os", "Operating system."), ("browser", "Browser."),
      ("requests", "Requests under the user's name."), ("ok_requests", "Those answered below 400."),
      ("human_requests", "Those of people, health checks left out."),
    ])

  private static let statusDayDetails = ViewDefinition(
    "status_day_details", "Answers per day with ISO dates.",
    select: "SELECT \(SQLText.isoDate("day")) AS date, status, requests, bytes FROM status_days",
    columns: [
      ("date", "UTC day."), ("status", "HTTP status."), ("requests", "Requests."), ("bytes", "Bytes sent."),
    ])

  private static let flaggedRows = ViewDefinition(
    "flagged_rows", "Everything odd that is nevertheless applied.",
    select: """
      SELECT code, 'requests of a day' AS entity, \(SQLText.isoDate("day")) AS id, requests AS occurrences
      FROM request_flags
      """,
    columns: [
      ("code", "Finding of capture, e.g. \"userAgent.invalidBytes\"."), ("entity", "\"requests of a day\"."),
      ("id", "The day, ISO date."), ("occurrences", "Requests with the finding."),
    ])
}
