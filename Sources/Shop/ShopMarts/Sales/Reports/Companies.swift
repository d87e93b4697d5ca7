internal import SQLite

/// How companies are shown. A company of one tax number is one, whatever systems have it; the first by system and key
/// names it. A natural person's number is a token, of which the first digits are enough to tell rows apart.
struct Companies {
  private var names: [String: String] = [:]

  init(_ sales: Database) throws {
    try sales.query(SalesMart.companiesInOrder) { row in
      if let name = row.optionalText(1), names[row.text(0)] == nil { names[row.text(0)] = name }
    }
  }

  static func isNaturalPerson(_ company: String) -> Bool { company.hasPrefix("~") }

  static func shown(_ company: String) -> String { isNaturalPerson(company) ? String(company.prefix(13)) : company }

  func name(_ company: String) -> String {
    if Companies.isNaturalPerson(company) { return "natural person" }
    return names[company] ?? "unknown"
  }
}
