internal import Failures
internal import Marts
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
    arguments: [.init("MART", .one, "sales, traffic or leads")],
    options: [
      .init("delete", "N", "delete this generation; never the current one"),
      .init("format", choices: ["table", "json"], "how to print them (default: table)"),
    ],
    examples: ["millrace generations sales", "millrace generations sales --delete 9"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let definition = try Workspace.definition(named: invocation.arguments[0])
    let directory = workspace.mart(definition.name)
    if invocation.has("delete") {
      return try delete(invocation.integer("delete", in: 1...MartLimits.generations, default: 1), directory)
    }
    let list = try GenerationList(directory)
    let numbers = ([list.current].compactMap(\.self) + list.kept + list.building + list.detached).sorted()
    let rows = numbers.map { number -> [(String, JSON)] in
      let role =
        number == list.current
        ? "current" : list.kept.contains(number) ? "kept" : list.building.contains(number) ? "building" : "detached"
      let reader = try? MartReader(directory, generation: number)
      let events = try? reader?.counts().eventsIn
      let versions = (try? reader?.identity().parts)?.filter { $0.key.hasPrefix("projection.") }.sorted {
        $0.key < $1.key
      }
      .map { "\(GenerationIdentity.shortName(of: $0.key))@\($0.value)" }.joined(separator: ", ")
      return [
        ("generation", .integer(Int64(number))), ("role", .text(role)),
        ("until", .text((try? directory.state(of: number))??.until ?? "")),
        ("events_in", events.map(JSON.integer) ?? .null), ("bytes", .integer(directory.size(of: number))),
        ("projections", versions.map(JSON.text) ?? .null),
      ]
    }
    if invocation["format"] == "json" {
      Output.line(
        JSON.object([("mart", .text(definition.name)), ("generations", .array(rows.map(JSON.object)))]).text)
    } else {
      func plain(_ value: JSON) -> String {
        switch value {
        case .text(let text): printable(text)
        case .null: "?"
        default: value.text
        }
      }
      Output.text(
        TextTable(
          ["generation", "role", "until", "events in", "bytes", "projections"], rows.map { $0.map { plain($0.1) } },
          rightAligned: [0, 3, 4]
        ).text)
    }
    return .ok
  }

  private static func delete(_ number: Int, _ directory: MartDirectory) throws -> ExitCode {
    guard let lock = try directory.lockForReplay() else {
      throw Failure(.locked, "a replay or rollback of \(directory.name) is at work; wait for it")
    }
    defer { withExtendedLifetime(lock) {} }
    guard try directory.generations().contains(number) else {
      throw Failure(.usage, "\(directory.name) has no generation \(number)")
    }
    guard try directory.currentGeneration() != number else {
      throw Failure(.usage, "generation \(number) is the one being served")
    }
    guard try directory.delete(number) else {
      throw Failure(.locked, "somebody reads or writes generation \(number) of \(directory.name); try again later")
    }
    Output.line("Deleted generation \(number) of \(directory.name).")
    return .ok
  }
}
