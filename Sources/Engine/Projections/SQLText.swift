package import Marts
internal import Money

/// Pieces of SQL that several views and tables share. Nothing here ever holds data.
package enum SQLText {
  /// An expression of days since 1970 as "2026-11-30".
  package static func isoDate(_ days: String) -> String { "date(\(days) * 86400, 'unixepoch')" }

  /// An expression of milliseconds since 1970 as "2026-11-30T09:43:45.123Z".
  package static func isoMoment(_ millis: String) -> String {
    "strftime('%Y-%m-%dT%H:%M:%fZ', \(millis) / 1000.0, 'unixepoch')"
  }

  /// Minor units as decimal text with the currency's own number of decimals; integer arithmetic only, so no rounding.
  package static func decimal(_ amount: String, currency: String) -> String {
    func fixed(_ digits: Int) -> String {
      let unit = (0..<digits).reduce(1) { value, _ in value * 10 }
      return "printf('%s%d.%0\(digits)d', CASE WHEN \(amount) < 0 THEN '-' ELSE '' END, abs(\(amount)) / \(unit), "
        + "abs(\(amount)) % \(unit))"
    }
    let none = quoted(currencies(decimals: 0))
    let three = quoted(currencies(decimals: 3))
    let four = quoted(currencies(decimals: 4))
    return "CASE WHEN \(amount) IS NULL THEN NULL WHEN \(currency) IN (\(none)) THEN printf('%d', \(amount)) "
      + "WHEN \(currency) IN (\(three)) THEN \(fixed(3)) WHEN \(currency) IN (\(four)) THEN \(fixed(4)) "
      + "ELSE \(fixed(2)) END"
  }

  /// An exact decimal number (`unscaled` / 10^`scale`) as text.
  package static func decimal(unscaled: String, scale: String) -> String {
    // Scales are 0 to 9, so a shifted literal is cheaper than a table of powers.
    let power = "CAST('1' || substr('000000000', 1, \(scale)) AS INTEGER)"
    return "CASE WHEN \(unscaled) IS NULL THEN NULL WHEN \(scale) = 0 THEN printf('%d', \(unscaled)) ELSE "
      + "printf('%s%d.%s', CASE WHEN \(unscaled) < 0 THEN '-' ELSE '' END, abs(\(unscaled)) / \(power), "
      + "substr(printf('%010d', abs(\(unscaled)) % \(power)), -\(scale))) END"
  }

  /// `SELECT id, name` of a fixed list, for views that name numbers.
  package static func names(_ pairs: [(Int, String)]) -> String {
    pairs.map { "SELECT \($0.0) AS id, '\($0.1)' AS name" }.joined(separator: " UNION ALL ")
  }

  /// Words as SQL strings, for `IN`. For constants of our own: nothing is escaped.
  package static func quoted(_ words: [String]) -> String { words.map { "'\($0)'" }.joined(separator: ", ") }

  private static func currencies(decimals: Int) -> [String] {
    Currency.all.filter { $0.exponent == decimals }.map(\.code)
  }
}

extension TableDefinition.Column {
  /// The state version of a row, for every table whose rows are replaced by newer ones.
  package static let version: [TableDefinition.Column] = [
    .init("version_major", "INTEGER NOT NULL", "State version, first part: the source's epoch."),
    .init("version_minor", "INTEGER NOT NULL", "State version, second part: position of the change in the source."),
  ]
}
