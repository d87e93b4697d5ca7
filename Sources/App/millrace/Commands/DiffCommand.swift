internal import Failures
internal import Marts
internal import Operations
internal import Projections
internal import Text
internal import Workspace

extension Command {
  /// `millrace diff MART A B`: two generations held against each other.
  static let diff = Command(
    "diff", "compare two generations of a mart, per table and month",
    discussion: """
      Counts rows, sums every whole number, and compares all values of all tables, per month. Ends with code \(ExitCode.differs.rawValue) where the
      generations differ. Two that stand at different places in the log differ by the events between; that is said, too.
      """,
    arguments: [
      .mart, .init("A", .one, "one generation's number"),
      .init("B", .one, "the other's"),
    ],
    options: [.init("format", choices: ["table", "json"], "how to print it (default: table)")],
    examples: ["millrace diff sales 7 8"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let definition = try Workspace.definition(named: invocation.arguments[0])
    let numbers = try invocation.arguments.dropFirst().map { text in
      guard let number = Int(text), (1...MartLimits.generations).contains(number) else {
        throw Failure(
          .usage, "'\(printable(text))' is no generation; millrace generations \(definition.name) lists them")
      }
      return number
    }
    let comparison = try Generations(of: definition, in: workspace).compare(numbers[0], with: numbers[1])
    if invocation["format"] == "json" {
      Output.line(ReplayReport.json(of: comparison).text)
    } else {
      Output.text(ReplayReport.text(of: comparison, mart: definition.name, old: numbers[0], new: numbers[1]))
    }
    return comparison.isEqual ? .ok : .differs
  }
}
