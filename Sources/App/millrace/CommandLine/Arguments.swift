internal import Projections
internal import Reports
internal import ShopMarts

/// Arguments of several commands, from the lists of what there is.
extension Command.Argument {
  private static let marts = Shop.marts.map(\.name)

  /// One mart.
  static let mart = Self("MART", .one, known: marts, Command.alternatives(marts))
  /// One mart, or none.
  static let optionalMart = Self("MART", .optional, known: marts, Command.alternatives(marts))
  /// Marts, by default all; `otherwise` says what none means.
  static func marts(_ otherwise: String) -> Self {
    Self("MART", .any, known: marts, "any of \(marts.joined(separator: ", ")) (\(otherwise))")
  }

  static let report = Self(
    "NAME", .one, known: Shop.reports.names, list: Shop.reports.list, isNested: true, "which report")

  /// What a command of several is asked to do.
  static func action(_ words: [String]) -> Self {
    Self("ACTION", .one, known: words, isNested: true, Command.alternatives(words))
  }
}

extension Command {
  /// "a, b or c".
  static func alternatives(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
