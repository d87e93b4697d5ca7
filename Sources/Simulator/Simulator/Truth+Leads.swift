extension Truth {
  /// Follows the readable sheets one after the other: who is on a sheet has its row, who is not on the last one
  /// vanished.
  func leadsAsSeen() -> (leads: [Int: Lead], vanished: Set<Int>) {
    var leads: [Int: Lead] = [:]
    var vanished: Set<Int> = []
    for sheet in sheets where sheet.isReadable {
      vanished = Set(leads.keys)
      for lead in sheet.rows {
        leads[lead.id] = lead
        vanished.remove(lead.id)
      }
    }
    return (leads, vanished)
  }

  func leadFunnel() -> Report {
    struct Key: Hashable {
      var channel: String
      var campaign: String
    }
    struct Row {
      var leads: Int64 = 0
      var contacted: Int64 = 0
      var qualified: Int64 = 0
      var converted: Int64 = 0
      var lost: Int64 = 0
      var vanished: Int64 = 0
      var proved: Int64 = 0
    }
    let last = lastSales()
    let seen = leadsAsSeen()
    var rows: [Key: Row] = [:]
    for (id, lead) in seen.leads {
      let key = Key(channel: Words.leadSources[lead.source].channel, campaign: lead.campaign)
      var row = rows[key] ?? Row()
      row.leads += 1
      switch lead.status {
      case .new: break
      case .contacted: row.contacted += 1
      case .qualified:
        row.contacted += 1
        row.qualified += 1
      case .converted:
        row.contacted += 1
        row.qualified += 1
        row.converted += 1
        let created = Days.day(ofSecond: lead.createdAt)
        let person = last.byEmail[lead.contactEmail.lowercased()] ?? Int.min
        let company = last.byName[Truth.plain(lead.companyName)] ?? Int.min
        if max(person, company) >= created { row.proved += 1 }
      case .lost: row.lost += 1
      }
      if seen.vanished.contains(id) { row.vanished += 1 }
      rows[key] = row
    }
    let sorted = rows.sorted { ($0.key.channel, $0.key.campaign) < ($1.key.channel, $1.key.campaign) }
    return Report(
      key: "leads", name: "leads",
      rows: sorted.map { key, row in
        .object([
          ("channel", .text(key.channel)), ("campaign", .text(key.campaign)), ("leads", .integer(row.leads)),
          ("contacted", .integer(row.contacted)), ("qualified", .integer(row.qualified)),
          ("converted", .integer(row.converted)), ("lost", .integer(row.lost)), ("vanished", .integer(row.vanished)),
          ("proved", .integer(row.proved)),
        ])
      })
  }

  /// The latest day of a sale per person and per company.
  private func lastSales() -> (byEmail: [String: Int], byName: [String: Int]) {
    var byEmail: [String: Int] = [:]
    var byName: [String: Int] = [:]
    for order in booked.map(\.order) where !order.isPurchase && order.status != .cancelled {
      let day = Int(order.day)
      if order.customer >= 0 {
        let email = world.customers[Int(order.customer)].email.lowercased()
        byEmail[email] = max(byEmail[email] ?? day, day)
      }
      if order.company >= 0, !world.companies[Int(order.company)].isNaturalPerson {
        let name = Truth.plain(world.companies[Int(order.company)].name)
        byName[name] = max(byName[name] ?? day, day)
      }
    }
    return (byEmail, byName)
  }

  private static func plain(_ name: String) -> String {
    var bytes = Array(name.lowercased())
    while bytes.first == " " { bytes.removeFirst() }
    while bytes.last == " " { bytes.removeLast() }
    return String(bytes)
  }
}
