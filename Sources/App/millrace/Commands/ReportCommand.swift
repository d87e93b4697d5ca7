internal import Failures
internal import Marts
internal import Money
internal import Operations
internal import Projections
internal import Reports
internal import ShopMarts
internal import Text
internal import Workspace

extension Command {
  /// `millrace report NAME`: an answer from the marts, with its age.
  static let report = Command(
    "report", "print a report",
    discussion: """
      Reports:
      \(Shop.reports.list)

      Every report says how old its data are, where in the log its marts stand, and how many events are in quarantine; with
      --format csv on standard error, so that the file holds rows alone. Data
      older than freshness_limit_minutes are called stale, and millrace then ends with code \(ExitCode.stale.rawValue).
      The age is counted from now, whatever --as-of says.
      """,
    arguments: [.report],
    options: [
      .init("format", choices: ["table", "csv", "json"], "how to print it (default: table)"),
      .init("as-of", "DATE", "the day that windows end with, YYYY-MM-DD (default: today, UTC)"),
    ] + Shop.reports.options.map(Option.init) + [
      .init(
        "generation", "N",
        "read this generation instead of the current one; MART:N, parted by commas, where several marts are read")
    ],
    examples: [
      "millrace report monthly-sales --channel b2b", "millrace report popular-products --countries 3 --top 3",
      "millrace report site-traffic --format csv > traffic.csv",
    ]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let configuration = try workspace.configuration()
    let typed = invocation.arguments[0]
    guard let definition = Shop.reports.report(named: typed) else {
      let names = Shop.reports.names
      let near = nearest(to: typed, among: names).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage, "there is no report '\(printable(typed))'\(near) (reports: \(names.joined(separator: ", ")))")
    }
    let now = Workspace.clock()
    let request = ReportRequest(
      definition, asOf: try invocation["as-of"].map { try date($0, option: "as-of") } ?? now.day,
      try values(of: Shop.reports.options.map { ($0.name, $0.kind) }, in: invocation))
    let report = try Reporter(
      marts: workspace.martsFolder, sources: configuration.sourcesByMart(Shop.registry),
      baseCurrency: configuration.currency(),
      freshnessLimitSeconds: Int64(configuration.freshnessLimitMinutes) * 60,
      generations: try invocation["generation"].map { try generations($0, of: definition, in: workspace) } ?? [:],
      quarantine: (try? workspace.quarantineRules()) ?? QuarantineRules(),
      // Capture's own file may be away or damaged: the figures are the marts'.
      breaks: (try? workspace.brokenHistories()) ?? [:], placeholders: configuration.placeholders
    ).report(request, now: now)
    switch invocation["format"] {
    case "json": Output.text(JSONRenderer.text(of: report))
    case "csv":
      Output.rows(CSVRenderer.bytes(of: report))
      // The file is rows alone; nobody should take it for fresher or more complete than it is.
      Output.note("millrace: \(report.standing.sentence)")
      if let position = report.standing.positionSentence { Output.note(position) }
      for note in report.notes where report.emptiness != nil { Output.note(escapeForTerminal(note)) }
    default: Output.text(TableRenderer.text(of: report))
    }
    if report.standing.isStale {
      if invocation["format"] == "json" {
        Output.note("millrace: \(report.standing.ageSentence)")
      }
      return .stale
    }
    return .ok
  }

  /// What was typed for the options of reports, by name.
  private static func values(
    of options: [(name: String, kind: ReportOption.Kind)], in invocation: Invocation
  ) throws -> [String: ReportOptionValue] {
    var values: [String: ReportOptionValue] = [:]
    for (name, kind) in options {
      guard let text = invocation[name] else { continue }
      switch kind {
      case .day: values[name] = .day(try date(text, option: name))
      case .count(let range): values[name] = .count(try invocation.integer(name, in: range, default: range.lowerBound))
      case .choice: values[name] = .choice(text)
      case .flag: values[name] = .flag
      case .zone:
        guard let zone = ReportZone(text) else {
          throw Failure(.usage, "'\(printable(text))' is no time zone; zones are named like Europe/Berlin")
        }
        values[name] = .zone(zone)
      }
    }
    return values
  }

  /// "7", or "sales:7,traffic:3".
  private static func generations(
    _ text: String, of report: ReportDefinition, in workspace: Workspace
  ) throws -> [String: Int] {
    let generations = try parse(text, of: report)
    for (mart, number) in generations where try workspace.mart(mart).state(of: number)?.phase == .building {
      throw Failure(.mart, "generation \(number) of \(mart) is not finished; `millrace replay` goes on with it")
    }
    return generations
  }

  private static func parse(_ text: String, of report: ReportDefinition) throws -> [String: Int] {
    if let number = Int(text), number > 0 {
      guard report.marts.count == 1 else {
        let example = report.marts.map { "\($0):\(number)" }.joined(separator: ",")
        throw Failure(
          .usage, "\(report.name) reads several marts: say which is meant, e.g. --generation \(example)")
      }
      return [report.marts[0]: number]
    }
    var generations: [String: Int] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: ":", omittingEmptySubsequences: false)
      guard sides.count == 2, let number = Int(sides[1]), number > 0, report.marts.contains(String(sides[0])) else {
        throw Failure(
          .usage,
          "--generation takes N or MART:N of the marts that \(report.name) reads (\(report.marts.joined(separator: ", "))), not '\(printable(text))'"
        )
      }
      generations[String(sides[0])] = number
    }
    return generations
  }
}

extension Command.Option {
  /// An option of reports.
  fileprivate init(_ option: (name: String, kind: ReportOption.Kind, help: String)) {
    switch option.kind {
    case .day: self.init(option.name, "DATE", option.help)
    case .count: self.init(option.name, "N", option.help)
    case .choice(let words): self.init(option.name, choices: words, option.help)
    case .flag: self.init(option.name, option.help)
    case .zone: self.init(option.name, "ZONE", option.help)
    }
  }
}
