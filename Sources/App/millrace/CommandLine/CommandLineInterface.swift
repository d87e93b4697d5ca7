internal import Failures
internal import Files
internal import Workspace

/// Finds the subcommand, runs it, and turns whatever goes wrong into one sentence and an exit code.
enum CommandLineInterface {
  static let commands: [Command] = [
    .initialize, .simulate, .capture, .project, .run, .report, .budget, .status, .quarantine, .runs, .describe,
    .snapshot,
    .replay, .restore, .rollback, .diff, .generations, .backup, .log, .sanitize, .config,
  ]

  static func run(_ words: [String]) -> ExitCode {
    do {
      return try dispatch(words)
    } catch {
      let failure = Failure(explaining: error)
      for line in failure.details { Output.line(line) }
      Output.note("millrace: \(failure.message)")
      return ExitCode(failure.kind)
    }
  }

  private static func dispatch(_ words: [String]) throws -> ExitCode {
    guard let name = words.first else {
      Output.note(Help.overview(commands))
      return .usage
    }
    let rest = Array(words.dropFirst())
    switch name {
    case "--help", "-h", "help":
      return try help(rest)
    case "--generate-completion-script":
      return try completionScript(rest)
    case "--generate-manual":
      return try manual(rest)
    case "--version", "version":
      Output.line("millrace \(Program.version)")
      return .ok
    default:
      let command = try find(name)
      // Asked anywhere before `--`, as people do.
      if rest.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
        Output.text(Help.text(for: command))
        return .ok
      }
      return try command.run(Invocation(command, words: rest))
    }
  }

  private static func help(_ words: [String]) throws -> ExitCode {
    switch words.first {
    case nil: Output.line(Help.overview(commands))
    case "exit-codes": Output.line(Help.exitCodes)
    case let name?: Output.text(Help.text(for: try find(name)))
    }
    return .ok
  }

  private static func completionScript(_ words: [String]) throws -> ExitCode {
    let shells = CompletionScript.allCases.map(\.rawValue)
    guard words.count == 1, let script = CompletionScript(rawValue: words[0]) else {
      throw Failure(.usage, "--generate-completion-script takes one of \(shells.joined(separator: ", "))")
    }
    Output.text(script.text(for: commands))
    return .ok
  }

  private static func manual(_ words: [String]) throws -> ExitCode {
    guard words.count == 1, let folder = words.first, !folder.isEmpty else {
      throw Failure(.usage, "--generate-manual takes the folder to write the pages into, for example man1")
    }
    try Files.makeFolder(folder)
    for page in Manual.pages(for: commands) {
      try Files.replace("\(folder)/\(page.fileName)", with: Array(page.text.utf8), mode: 0o644)
    }
    return .ok
  }

  private static func find(_ name: String) throws -> Command {
    if let command = commands.first(where: { $0.name == name }) { return command }
    let near = meant(by: name).map { "; did you mean 'millrace \($0)'?" } ?? ""
    throw Failure(.usage, "there is no command '\(printable(name))'\(near) ('millrace --help' lists them)")
  }

  /// A word that another command takes first was meant so; else the most alike of all.
  private static func meant(by name: String) -> String? {
    func whole(_ word: String) -> String? {
      commands.first { $0.nested.contains(word) }.map { "\($0.name) \(word)" }
    }
    return whole(name) ?? nearest(to: name, among: commands.map(\.name))
      ?? nearest(to: name, among: commands.flatMap(\.nested)).flatMap(whole)
  }
}
