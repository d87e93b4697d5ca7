internal import Failures
internal import Marts
internal import Money
internal import Projections
internal import Reports
internal import ShopMarts
internal import Workspace

extension Command {
  /// `millrace report NAME`: an answer from the marts, with its age.
  static let report = Command(
    "report", "print a report",
    discussion: """
      Reports:
      \(ReportName.allCases.map { "  " + $0.rawValue + String(repeating: " ", count: 20 - $0.rawValue.count) + $0.summary }.joined(separator: "\n"))

      Every report says how old its data are, where in the log its marts stand, and how many events are in quarantine; with
      --format csv on standard error, so that the file holds rows alone. Data
      older than freshness_limit_minutes are called stale, and millrace then ends with code \(ExitCode.stale.rawValue).
      The age is counted from now, whatever --as-of says.
      """,
    arguments: [.init("NAME", .one, "which report")],
    options: [
      .init("format", choices: ["table", "csv", "json"], "how to print it (default: table)"),
      .init("as-of", "DATE", "the day that windows end with, YYYY-MM-DD (default: today, UTC)"),
      .init(
        "from", "DATE",
        "first day of the window (default: twelve months; 30 days for site-traffic and advertising-shares)"),
      .init("to", "DATE", "last day of the window (default: --as-of)"),
      .init("calendar", "whole calendar months: the current one and eleven before it"),
      .init("channel", choices: ["b2b", "ecommerce", "store"], "only this sales channel"),
      .init("top", "N", "how many rows (top-devices) or products per country (popular-products)"),
      .init("countries", "N", "popular-products: how many countries (default: 5)"),
      .init("rank-by", choices: ["units", "revenue"], "popular-products: what decides the rank (default: units)"),
      .init(
        "by", choices: ["ip", "profile"],
        "popular-products: countries by IP address or by the customers' own data (default: ip)"),
      .init(
        "generation", "N",
        "read this generation instead of the current one; MART:N, parted by commas, where several marts are read"),
      .init("timezone", "ZONE", "days of cancellations and returns in this zone, e.g. America/Toronto (default: UTC)"),
    ],
    examples: [
      "millrace report monthly-sales --channel b2b", "millrace report popular-products --countries 3 --top 3",
      "millrace report site-traffic --format csv > traffic.csv",
    ]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let configuration = try workspace.configuration()
    let typed = invocation.arguments[0]
    guard let name = ReportName(rawValue: typed) else {
      let names = ReportName.allCases.map(\.rawValue)
      let near = nearest(to: typed, among: names).map { "; did you mean \($0)?" } ?? ""
      throw Failure(
        .usage, "there is no report '\(printable(typed))'\(near) (reports: \(names.joined(separator: ", ")))")
    }
    guard let base = Currency(configuration.baseCurrency) else {
      throw Failure(
        .configuration,
        "base_currency '\(printable(configuration.baseCurrency))' in millrace.yaml is no ISO 4217 currency")
    }
    let now = Workspace.clock()
    let zone = try invocation["timezone"].map { text in
      guard let zone = ReportZone(text) else {
        throw Failure(.usage, "'\(printable(text))' is no time zone; zones are named like Europe/Berlin")
      }
      return zone
    }
    let request = ReportRequest(
      name, asOf: try invocation["as-of"].map { try date($0, option: "as-of") } ?? now.day,
      from: try invocation["from"].map { try date($0, option: "from") },
      to: try invocation["to"].map { try date($0, option: "to") },
      top: invocation.has("top") ? try invocation.integer("top", in: 1...100_000, default: 5) : nil,
      countries: invocation.has("countries") ? try invocation.integer("countries", in: 1...300, default: 5) : nil,
      rankBy: invocation["rank-by"].flatMap(ReportRequest.RankBy.init), byProfile: invocation["by"] == "profile",
      channel: invocation["channel"], calendar: invocation.has("calendar"), timezone: zone)
    let report = try Reporter(
      marts: workspace.martsFolder, sources: Shop.sourcesByMart(configured: configuration.sourceNames),
      baseCurrency: base,
      freshnessLimitSeconds: Int64(configuration.freshnessLimitMinutes) * 60,
      generations: try invocation["generation"].map { try generations($0, of: name, in: workspace) } ?? [:]
    ).report(request, now: now)
    switch invocation["format"] {
    case "json": Output.text(JSONRenderer.text(of: report))
    case "csv":
      Output.bytes(CSVRenderer.bytes(of: report))
      // The file is rows alone; nobody should take it for fresher or more complete than it is.
      Output.note("millrace: \(report.standing.sentence)")
      if let position = report.standing.positionSentence { Output.note(position) }
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

  /// "7", or "sales:7,traffic:3".
  private static func generations(
    _ text: String, of report: ReportName, in workspace: Workspace
  ) throws -> [String: Int] {
    let generations = try parse(text, of: report)
    for (mart, number) in generations where try workspace.mart(mart).state(of: number)?.phase == .building {
      throw Failure(.mart, "generation \(number) of \(mart) is not finished; `millrace replay` goes on with it")
    }
    return generations
  }

  private static func parse(_ text: String, of report: ReportName) throws -> [String: Int] {
    if let number = Int(text), number > 0 {
      guard report.marts.count == 1 else {
        let example = report.marts.map { "\($0):\(number)" }.joined(separator: ",")
        throw Failure(
          .usage, "\(report.rawValue) reads several marts: say which is meant, e.g. --generation \(example)")
      }
      return [report.marts[0]: number]
    }
    var generations: [String: Int] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: ":", omittingEmptySubsequences: false)
      guard sides.count == 2, let number = Int(sides[1]), number > 0, report.marts.contains(String(sides[0])) else {
        throw Failure(
          .usage,
          "--generation takes N or MART:N of the marts that \(report.rawValue) reads (\(report.marts.joined(separator: ", "))), not '\(printable(text))'"
        )
      }
      generations[String(sides[0])] = number
    }
    return generations
  }
}
