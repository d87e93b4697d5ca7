internal import Marts
internal import Operations
internal import Projections
internal import Workspace

extension Command {
  /// `millrace rollback MART`: back to a generation served before.
  static let rollback = Command(
    "rollback", "go back to the generation that a mart served before",
    discussion: """
      Switches back within a second; the generation that is left stays, so a rollback can be undone with --to. A live
      projector follows, and brings the older generation up to date from where it stood. \(MartLimits.keptGenerations) generations are kept.
      """,
    arguments: [.mart],
    options: [.init("to", "N", "this generation (default: the one before); millrace generations MART lists them")],
    examples: ["millrace rollback sales", "millrace rollback sales --to 7"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let definition = try Workspace.definition(named: invocation.arguments[0])
    let target =
      invocation.has("to") ? try invocation.integer("to", in: 1...MartLimits.generations, default: 1) : nil
    let outcome = try Generations(of: definition, in: workspace).rollBack(to: target)
    Output.line("\(definition.name): generation \(outcome.to) is in use, in place of \(outcome.from).")
    for (projection, made, here) in outcome.foreign {
      Output.note(
        "It was made by \(projection) version \(made); this program has version \(here) and will not project into it.")
    }
    return .ok
  }
}
