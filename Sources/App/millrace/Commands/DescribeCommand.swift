internal import Marts
internal import Pipeline
internal import Workspace

extension Command {
  /// `millrace describe MART`: the data dictionary.
  static let describe = Command(
    "describe", "print the data dictionary of a mart",
    discussion: """
      Prints every table and view of the mart with the meaning and unit of each column, from the mart's own schema. Query
      them on a copy: millrace snapshot MART FILE.
      """,
    arguments: [.mart],
    examples: ["millrace describe sales"]
  ) { invocation in
    let definition = try Workspace.definition(named: invocation.arguments[0])
    Output.text(definition.schema.dataDictionary())
    return .ok
  }
}
