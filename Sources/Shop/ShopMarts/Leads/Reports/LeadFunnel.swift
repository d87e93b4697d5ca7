internal import Money
internal import Reports
internal import SQLite

/// leads: how far leads got per channel and campaign, and which conversions a later order proves.
enum LeadFunnel {
  private struct Key: Hashable, Comparable {
    var channel: String
    var campaign: String
    static func < (left: Key, right: Key) -> Bool { (left.channel, left.campaign) < (right.channel, right.campaign) }
  }

  private struct Sums {
    var leads: Int64 = 0
    var contacted: Int64 = 0
    var qualified: Int64 = 0
    var converted: Int64 = 0
    var lost: Int64 = 0
    var vanished: Int64 = 0
    var proved: Int64 = 0
  }

  static func answer(_ marts: OpenMarts, placeholders: Set<String>) throws -> ReportContent {
    let orders = try LastOrders(marts.sales, placeholders)
    // One address under the names of many companies is nobody's, or an agent's.
    let shared = Set(
      try marts.leads.rows(
        """
        SELECT email FROM leads WHERE email IS NOT NULL GROUP BY email
        HAVING count(DISTINCT lower(trim(company_name))) > \(Identities.peopleOfOneEmail)
        """
      ) { $0.blob(0) })
    var unjoined: Int64 = 0
    var sums: [Key: Sums] = [:]
    try marts.leads.query(
      """
      SELECT coalesce(c.name, 'unknown'), l.campaign, l.status, l.vanished, l.created_at, l.email, l.company_name
      FROM leads l LEFT JOIN channels c ON c.id = l.channel
      """
    ) { row in
      let key = Key(channel: row.text(0), campaign: row.text(1))
      var found = sums[key] ?? Sums()
      found.leads &+= 1
      let status = row.text(2)
      if LeadsMart.reachedContact.contains(status) { found.contacted &+= 1 }
      if LeadsMart.reachedQualification.contains(status) { found.qualified &+= 1 }
      if status == LeadsMart.lost { found.lost &+= 1 }
      if row.int64(3) != 0 { found.vanished &+= 1 }
      if status == LeadsMart.converted {
        found.converted &+= 1
        let created = Int64(Timestamp(millis: row.int64(4)).day.daysSinceEpoch)
        var email = row.isNull(5) ? nil : row.blob(5)
        if let known = email, shared.contains(known) || orders.isShared(known) {
          unjoined &+= 1
          email = nil
        }
        if orders.hasOrder(from: created, email: email, company: row.text(6)) { found.proved &+= 1 }
      }
      sums[key] = found
    }
    let rows = sums.sorted { $0.key < $1.key }.map { key, sums -> [ReportCell] in
      [.text(key.channel), .text(key.campaign)]
        + [sums.leads, sums.contacted, sums.qualified, sums.converted, sums.lost, sums.vanished, sums.proved]
        .map { .integer($0) }
    }
    let counts = ["leads", "contacted", "qualified", "converted", "lost", "vanished", "proved"]
    return ReportContent(
      table: ReportTable(
        columns: [ReportColumn("channel", .text), ReportColumn("campaign", .text)]
          + counts.map { ReportColumn($0, .count) }, rows: rows),
      notes: unjoined == 0
        ? []
        : [
          "\(unjoined) converted leads have an e-mail address of more than \(Identities.peopleOfOneEmail) people or companies; it proves nothing."
        ])
  }

  /// The last day on which a person or a company bought something. "An order from day d on" then is one comparison.
  private struct LastOrders {
    private var byEmail: [[UInt8]: Int64] = [:]
    private var byCompany: [String: Int64] = [:]
    private let shared: Set<[UInt8]>
    private let placeholders: Set<String>

    func isShared(_ email: [UInt8]) -> Bool { shared.contains(email) }

    init(_ sales: Database, _ placeholders: Set<String>) throws {
      self.placeholders = placeholders
      shared = Set(try sales.rows(Identities.emailsOfMany) { $0.blob(0) })
      var names: [String: String] = [:]
      try sales.query(SalesMart.companiesInOrder) { row in
        if names[row.text(0)] == nil, let name = row.optionalText(1) {
          names[row.text(0)] = Identities.company(name, own: placeholders)
        }
      }
      try sales.query(
        """
        SELECT c.email, max(o.order_day) FROM orders o JOIN customers c ON c.customer_id = o.customer_id
        WHERE o.order_type = ?1 AND o.status <> \(SalesMart.cancelled) AND c.email IS NOT NULL
          AND c.email NOT IN (\(Identities.emailsOfMany)) GROUP BY c.email
        """, [.integer(SalesMart.sale)]
      ) { byEmail[$0.blob(0)] = $0.int64(1) }
      try sales.query(
        """
        SELECT company, max(order_day) FROM orders
        WHERE order_type = ?1 AND status <> \(SalesMart.cancelled) AND company IS NOT NULL GROUP BY company
        """, [.integer(SalesMart.sale)]
      ) { row in
        guard let name = names[row.text(0)] else { return }
        byCompany[name] = max(byCompany[name] ?? .min, row.int64(1))
      }
    }

    func hasOrder(from day: Int64, email: [UInt8]?, company: String) -> Bool {
      if let email, let last = byEmail[email], last >= day { return true }
      let name = Identities.company(company, own: placeholders)
      return !name.isEmpty && (byCompany[name].map { $0 >= day } ?? false)
    }
  }
}
