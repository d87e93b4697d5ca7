internal import SQLite
internal import ShopMarts

/// Who ordered, as other marts know them.
extension HistoryBuilder {
  /// Who a customer is elsewhere.
  struct Person {
    var visitors: [Int64] = []
    var email: [UInt8]?
  }

  /// A company elsewhere. Several systems may have it, under one tax number: it has the visitors of all their accounts,
  /// and the name that the first by system and key gives it.
  struct Company {
    var visitors: [Int64] = []
    var name: String?
  }

  /// Customers by number and companies by code, with the visitors that signed in as them.
  func people() throws -> (people: [Int64: Person], companies: [String: Company]) {
    var byUser: [[UInt8]: [Int64]] = [:]
    try database.query(
      """
      SELECT u.token, l.visitor_id FROM traffic.visitor_users l JOIN traffic.users u ON u.user_id = l.user_id
      """
    ) { byUser[$0.blob(0), default: []].append($0.int64(1)) }
    var people: [Int64: Person] = [:]
    try database.query(
      """
      SELECT customer_id, user, CASE WHEN email NOT IN (\(Identities.emailsOfMany)) THEN email END FROM main.customers
      """
    ) { row in
      people[row.int64(0)] = Person(
        visitors: row.isNull(1) ? [] : byUser[row.blob(1)] ?? [], email: row.isNull(2) ? nil : row.blob(2))
    }
    var companies: [String: Company] = [:]
    try database.query(SalesMart.companiesInOrder) { row in
      var company = companies[row.text(0)] ?? Company()
      if company.name == nil, !row.isNull(1) {
        let name = Identities.company(row.text(1), own: query.placeholders)
        if !name.isEmpty { company.name = name }
      }
      // One account that two systems know brings its visitors once.
      let visitors = row.isNull(2) ? [] : byUser[row.blob(2)] ?? []
      company.visitors += visitors.filter { !company.visitors.contains($0) }
      companies[row.text(0)] = company
    }
    return (people, companies)
  }
}
