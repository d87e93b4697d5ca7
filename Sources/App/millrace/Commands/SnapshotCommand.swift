internal import Operations
internal import Workspace

extension Command {
  /// `millrace snapshot MART FILE`: a copy for people's own SQL tools.
  static let snapshot = Command(
    "snapshot", "copy a mart into a file for your own SQL tools",
    discussion: """
      Copies the mart, as one consistent state, into a new SQLite file that belongs to nobody, so any tool may open it.
      Never open the live mart with another tool: a second program that checkpoints it can damage it. The file holds tokens
      in place of personal data; the views listed by `millrace describe` show names, ISO dates and decimal money.
      """,
    arguments: [
      .mart, .init("FILE", .one, "the file to make; it must not exist yet"),
    ],
    examples: [
      "millrace snapshot sales sales-copy.sqlite", "sqlite3 sales-copy.sqlite 'SELECT * FROM order_details LIMIT 5'",
    ]
  ) { invocation in
    let copy = try MartSnapshot.take(
      of: invocation.arguments[0], in: Workspace(invocation), to: invocation.arguments[1])
    Output.line("Copied generation \(copy.generation) of \(copy.mart) to \(copy.file).")
    return .ok
  }
}
