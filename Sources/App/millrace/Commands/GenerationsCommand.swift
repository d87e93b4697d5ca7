internal import Failures
internal import Marts
internal import Operations
internal import Projections
internal import Text
internal import Workspace

extension Command {
  /// `millrace generations MART`: which generations there are.
  static let generations = Command(
    "generations", "list the generations of a mart, or delete one",
    discussion: """
      current: what reports read. kept: served before, for a rollback. building: begun by a replay that has not ended, or
      whose differences nobody has accepted. detached: built with --until, for looking only.
      """,
    arguments: [.mart],
    options: [
      .init("delete", "N", "delete this generation; never the current one"),
      .init("format", choices: ["table", "json"], "how to print them (default: table)"),
    ],
    examples: ["millrace generations sales", "millrace generations sales --delete 9"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let definition = try Workspace.definition(named: invocation.arguments[0])
    let generations = Generations(of: definition, in: workspace)
    if invocation.has("delete") {
      let number = try invocation.integer("delete", in: 1...MartLimits.generations, default: 1)
      try generations.delete(number)
      Output.line("Deleted generation \(number) of \(definition.name).")
      return .ok
    }
    let entries = try generations.list()
    if invocation["format"] == "json" {
      let array = JSON.array(entries.map(json))
      Output.line(JSON.object([("mart", .text(definition.name)), ("generations", array)]).text)
      return .ok
    }
    let rows = entries.map { entry in
      [
        "\(entry.number)", entry.role.rawValue, printable(entry.until), entry.eventsIn.map { "\($0)" } ?? "?",
        "\(entry.bytes)", entry.projections.map { printable($0.joined(separator: ", ")) } ?? "?",
      ]
    }
    Output.text(
      TextTable(
        ["generation", "role", "until", "events in", "bytes", "projections"], rows, rightAligned: [0, 3, 4]
      ).text)
    return .ok
  }

  private static func json(_ entry: Generations.Entry) -> JSON {
    .object([
      ("generation", .integer(Int64(entry.number))), ("role", .text(entry.role.rawValue)),
      ("until", .text(entry.until)), ("events_in", entry.eventsIn.map(JSON.integer) ?? .null),
      ("bytes", .integer(entry.bytes)),
      ("projections", entry.projections.map { .text($0.joined(separator: ", ")) } ?? .null),
    ])
  }
}
