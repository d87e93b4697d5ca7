internal import Marts
internal import Pipeline
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
    arguments: [.init("MART", .one, "sales, traffic or leads")],
    options: [.init("to", "N", "this generation (default: the one before); millrace generations MART lists them")],
    examples: ["millrace rollback sales", "millrace rollback sales --to 7"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let definition = try Workspace.definition(named: invocation.arguments[0])
    let target =
      invocation.has("to") ? try invocation.integer("to", in: 1...MartLimits.generations, default: 1) : nil
    // Only what is known without reading data for enrichment: a rollback is to be quick.
    let job = try JobRun(workspace.ledger(), job: "rollback \(definition.name)")
    let outcome = try job.track {
      let outcome = try Rollback.run(workspace.mart(definition.name), to: target, identity: nil) {
        CrashPoint.reach("rollback.\($0.rawValue)")
      }
      job.count("swapped from", Int64(outcome.from))
      job.count("swapped to", Int64(outcome.to))
      return outcome
    }
    Output.line("\(definition.name): generation \(outcome.to) is in use, in place of \(outcome.from).")
    let parts = try MartReader(workspace.mart(definition.name), generation: outcome.to).identity().parts
    for projection in definition.projections().map({ type(of: $0) }) {
      let version = parts["projection.\(projection.name)"] ?? "absent"
      if version == "\(projection.version)" { continue }
      Output.note(
        "It was made by \(projection.name) version \(version); this program has version \(projection.version) and will not project into it."
      )
    }
    return .ok
  }
}
