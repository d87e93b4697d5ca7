package import Money

/// Something a report can be asked for, as on the command line: `--top 3`, `--calendar`.
package struct ReportOption: Sendable, Equatable {
  /// What a value of the option is.
  package enum Kind: Sendable, Equatable {
    case day
    /// Whole numbers of this range.
    case count(ClosedRange<Int>)
    /// One of these words.
    case choice([String])
    /// It is given or not.
    case flag
    case zone

    /// What takes the values of both; nil: they are of two kinds. Reports may choose among words of their own.
    func merged(with other: Kind) -> Kind? {
      if self == other { return self }
      guard case .choice(let mine) = self, case .choice(let theirs) = other else { return nil }
      return .choice(mine + theirs.filter { !mine.contains($0) })
    }
  }

  /// Without the dashes; one name has one kind, whatever the report.
  package var name: String
  /// What a value is.
  package var kind: Kind
  /// One phrase for help texts.
  package var meaning: String
  /// What holds when it is not given; nil: the report does without.
  package var fallback: ReportOptionValue?
  /// The same for people, where a value cannot say it; nil: the value does, or nothing needs to be said.
  package var fallbackWords: String?

  package init(
    _ name: String, _ kind: Kind, _ meaning: String, fallback: ReportOptionValue? = nil, fallbackWords: String? = nil
  ) {
    self.name = name
    self.kind = kind
    self.meaning = meaning
    self.fallback = fallback
    self.fallbackWords = fallbackWords
  }

  /// The first day of the window.
  package static let from = ReportOption("from", .day, "first day of the window")
  /// The last day of the window.
  package static let to = ReportOption("to", .day, "last day of the window", fallbackWords: "--as-of")
  /// Whole calendar months instead of rolling ones.
  package static let calendar = ReportOption(
    "calendar", .flag, "whole calendar months: the current one and eleven before it")
  /// The zone whose days count, for what happens at a moment.
  package static func timezone(_ meaning: String) -> ReportOption {
    ReportOption("timezone", .zone, meaning, fallbackWords: "UTC")
  }
  /// How many rows of a ranking; without a fallback all of them.
  package static func top(_ meaning: String = "how many rows", fallback: Int? = nil) -> ReportOption {
    ReportOption(
      "top", .count(1...ReportLimits.rankedRows), meaning, fallback: fallback.map { .count($0) },
      fallbackWords: fallback == nil ? "all" : nil)
  }

  /// What holds when the option is not given, for people; nil: nothing that needs to be said.
  var fallbackText: String? { fallbackWords ?? fallback.flatMap(\.words) }

  func takes(_ value: ReportOptionValue) -> Bool {
    switch (kind, value) {
    case (.day, .day), (.flag, .flag), (.zone, .zone): true
    case (.count(let range), .count(let count)): range.contains(count)
    case (.choice(let words), .choice(let word)): words.contains(word)
    default: false
    }
  }

  /// Why a value is refused, and what to give instead. Nothing of the value is repeated.
  var refusal: (problem: String, cause: String, hint: String) {
    switch kind {
    case .day: ("--\(name) is no day", "it names a day", "give YYYY-MM-DD")
    case .count(let range):
      (
        "--\(name) is out of range", "it counts rows",
        "give a number from \(range.lowerBound) to \(range.upperBound)"
      )
    case .choice(let words):
      ("unknown \(name)", "--\(name) takes one of a list", "give one of \(words.joined(separator: ", "))")
    case .flag: ("--\(name) takes no value", "it is a switch", "give it alone")
    case .zone: ("--\(name) is no time zone", "it names a zone", "give one like Europe/Berlin")
    }
  }
}

/// What an option was given.
package enum ReportOptionValue: Sendable, Equatable {
  case day(CivilDate)
  case count(Int)
  case choice(String)
  case flag
  case zone(ReportZone)

  /// For help texts.
  var words: String? {
    switch self {
    case .day(let day): day.text
    case .count(let count): String(count)
    case .choice(let word): word
    case .flag: nil
    case .zone(let zone): zone.identifier
    }
  }
}

extension ReportOptionValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  /// A count.
  package init(integerLiteral value: Int) { self = .count(value) }
  /// A choice.
  package init(stringLiteral value: String) { self = .choice(value) }
}

/// Why a report does not take an option that people may expect of it.
package struct ReportRefusal: Sendable {
  /// The option's name.
  package var option: String
  /// Why, as a clause.
  package var cause: String
  /// What to do instead.
  package var hint: String

  package init(option: String, cause: String, hint: String) {
    self.option = option
    self.cause = cause
    self.hint = hint
  }
}
