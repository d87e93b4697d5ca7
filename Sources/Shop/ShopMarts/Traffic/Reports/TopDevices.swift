internal import Money
internal import Reports
internal import SQLite

/// top-devices: what B2B clients browse with. A B2B client is a user whom the sales mart knows as a company's: one of its
/// customers, or its own login. Programs and health checks are left out.
enum TopDevices {
  private struct Device: Hashable, Comparable {
    var deviceClass: String
    var os: String
    var browser: String
    static func < (left: Device, right: Device) -> Bool {
      (left.deviceClass, left.os, left.browser) < (right.deviceClass, right.os, right.browser)
    }
  }

  private struct Sums {
    var users: Set<Int64> = []
    var requests: Int64 = 0
  }

  static func answer(_ request: ReportRequest, _ marts: OpenMarts) throws -> ReportContent {
    let window = request.window
    let isByVisitor = request.choice(ReportOption.devicesBy.name) == "visitor"
    let clients = isByVisitor ? [] : try clients(marts.sales, marts.traffic)
    var devices: [Int64: Device] = [:]
    try marts.traffic.query("SELECT device_id, device_class, os, browser FROM devices") {
      devices[$0.int64(0)] = Device(deviceClass: $0.text(1), os: $0.text(2), browser: $0.text(3))
    }
    var sums: [Int64: Sums] = [:]
    try marts.traffic.query(
      isByVisitor
        ? """
        SELECT s.visitor_id, v.device_id, s.requests - s.health_requests FROM sessions s JOIN visitors v USING (visitor_id)
        WHERE s.day BETWEEN ?1 AND ?2 AND s.bot = 0 AND s.requests > s.health_requests
        """
        : "SELECT user_id, device_id, human_requests FROM user_days WHERE day BETWEEN ?1 AND ?2 AND human_requests > 0",
      [.integer(window.firstDay), .integer(window.lastDay)]
    ) { row in
      let user = row.int64(0)
      guard isByVisitor || clients.contains(user) else { return }
      sums[row.int64(1), default: Sums()].users.insert(user)
      sums[row.int64(1), default: Sums()].requests &+= row.int64(2)
    }
    // Two numbers can stand for one device when a program shares its description.
    var byDevice: [Device: Sums] = [:]
    for (id, found) in sums {
      guard let device = devices[id] else { continue }
      byDevice[device, default: Sums()].users.formUnion(found.users)
      byDevice[device, default: Sums()].requests &+= found.requests
    }
    let ranked = byDevice.map { (device: $0.key, users: Int64($0.value.users.count), requests: $0.value.requests) }
      .sorted { ($1.users, $1.requests, $0.device) < ($0.users, $0.requests, $1.device) }
    let rows = request.top(of: ranked).enumerated().map { index, row -> [ReportCell] in
      [
        .integer(Int64(index + 1)), .text(row.device.deviceClass), .text(row.device.os), .text(row.device.browser),
        .integer(row.users), .integer(row.requests),
      ]
    }
    return ReportContent(
      table: ReportTable(
        columns: [
          ReportColumn("rank", .identifier), ReportColumn("device_class", .text), ReportColumn("os", .text),
          ReportColumn("browser", .text), ReportColumn(isByVisitor ? "visitors" : "users", .count),
          ReportColumn("requests", .count),
        ], rows: rows),
      notes: notes(ranked.map { ($0.device.deviceClass, $0.requests) }))
  }

  private static func notes(_ requests: [(deviceClass: String, requests: Int64)]) -> [String] {
    let all = requests.reduce(0) { $0 &+ $1.requests }
    let unknown = requests.filter { $0.deviceClass == "Unknown" }.reduce(0) { $0 &+ $1.requests }
    guard all > 0 else { return [] }
    let share = "Of \(groupedText(all)) requests \(groupedText(unknown)) come from devices of unknown kind."
    return [share + " Modern Android tells programs \"Android 10; K\" instead of its model, so models are not listed."]
  }

  /// Numbers, in the traffic mart, of the users who act for a company.
  private static func clients(_ sales: Database, _ traffic: Database) throws -> Set<Int64> {
    var tokens: Set<[UInt8]> = []
    try sales.query(
      """
      SELECT user FROM customers WHERE company IS NOT NULL AND user IS NOT NULL
      UNION SELECT login FROM companies WHERE login IS NOT NULL
      """
    ) { tokens.insert($0.blob(0)) }
    var users: Set<Int64> = []
    try traffic.query("SELECT user_id, token FROM users") {
      if tokens.contains($0.blob(1)) { users.insert($0.int64(0)) }
    }
    return users
  }
}
