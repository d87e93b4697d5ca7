internal import Events
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

  /// A company's name as names are compared, trimmed and in small letters; empty: it names none. `own`: words that name
  /// none in this workspace, as `Placeholders.word` writes them.
  package static func company(_ name: String, own: Set<String> = []) -> String {
    var letters = Substring(name.lowercased())
    while let first = letters.first, first.isWhitespace { letters.removeFirst() }
    while let last = letters.last, last.isWhitespace { letters.removeLast() }
    let word = Placeholders.word(letters)
    let isRepeated = word.isEmpty || (word.count > 1 && Set(word).count == 1)
    let isNobody = isRepeated || placeholders.contains(word) || own.contains(word)
    return isNobody ? "" : String(letters)
  }

  /// Words that name nobody, as `company(_:own:)` takes them; addresses and domains are no names.
  package static func words(_ texts: [String]) -> Set<String> {
    Set(texts.filter { !$0.contains("@") }.map { Placeholders.word($0) })
  }

  private static let placeholders = Placeholders.words.union([
    "no", "nocompany", "private", "individual", "self", "company", "mycompany", "abc", "freelance", "0", "x",
  ])
}
