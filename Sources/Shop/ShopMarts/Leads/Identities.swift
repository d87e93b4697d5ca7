internal import Projections

/// What joins leads with customers and companies, and what looks like it and joins nobody.
package enum Identities {
  /// An e-mail address that more people or companies have than this is a shared or made-up one, and proves nothing. A
  /// family or a small office has one together.
  package static let peopleOfOneEmail: Int64 = 5

  /// SELECT of the addresses that too many customers of one system have. Rows of `customers` in the schema `main`.
  package static let emailsOfMany = """
    SELECT email FROM main.customers WHERE email IS NOT NULL GROUP BY email, \(systemNumber)
    HAVING count(*) > \(peopleOfOneEmail)
    """

  private static let systemNumber = SQLText.systemNumber("customer_id")

  /// A company's name as names are compared, trimmed and in small letters; empty: it names none.
  package static func company(_ name: String) -> String {
    var letters = Substring(name.lowercased())
    while let first = letters.first, first.isWhitespace { letters.removeFirst() }
    while let last = letters.last, last.isWhitespace { letters.removeLast() }
    let word = letters.filter { $0.isLetter || $0.isNumber }
    let isNobody = placeholders.contains(word) || (word.count > 1 && Set(word).count == 1) || word.isEmpty
    return isNobody ? "" : String(letters)
  }

  private static let placeholders: Set<String> = [
    "na", "none", "nil", "null", "no", "nocompany", "unknown", "test", "testing", "private", "individual", "self",
    "company",
    "mycompany", "asdf", "abc", "notavailable", "notprovided", "notapplicable", "freelance", "0", "x",
  ]
}
