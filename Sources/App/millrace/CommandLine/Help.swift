internal import Text

/// The help texts, made from the commands' declarations.
enum Help {
  static func overview(_ commands: [Command]) -> String {
    let width = commands.map(\.name.count).max() ?? 0
    return """
      Millrace turns the changes of a company's systems into fresh, private, rebuildable figures.

      usage: millrace COMMAND [options]

      \(commands.map { "  \($0.name.padded(to: width))  \($0.summary)" }.joined(separator: "\n"))

      Start with:  millrace init, millrace simulate, millrace capture --once, millrace project --once,
                   millrace report monthly-sales
      More:        millrace COMMAND --help · millrace help exit-codes · millrace --version
      """
  }

  static func text(for command: Command) -> String {
    var usage = "usage: millrace \(command.name)"
    for argument in command.arguments {
      switch argument.count {
      case .one: usage += " \(argument.name)"
      case .optional: usage += " [\(argument.name)]"
      case .any: usage += " [\(argument.name) …]"
      }
    }
    usage += " [options]"
    var text = "\(command.summary)\n\n\(usage)\n"
    if !command.discussion.isEmpty { text += "\n\(command.discussion)\n" }
    let rows =
      command.arguments.map { ($0.name, $0.help) }
      + command.options.map { ("--\($0.name)" + ($0.value.map { " \($0)" } ?? ""), $0.help) }
    let width = min(rows.map(\.0.count).max() ?? 0, 28)
    text += "\n" + rows.map { row(label: $0.0, help: $0.1, width: width) }.joined(separator: "\n") + "\n"
    if !command.examples.isEmpty {
      text += "\nExamples:\n" + command.examples.map { "  \($0)" }.joined(separator: "\n") + "\n"
    }
    return text
  }

  static var exitCodes: String {
    "millrace ends with one of these codes:\n\n"
      + ExitCode.allCases.map { "  \(String($0.rawValue).padded(to: 3)) \($0.meaning)" }.joined(separator: "\n")
  }

  private static func row(label: String, help: String, width: Int) -> String {
    let indent = String(repeating: " ", count: width + 4)
    let lines = wrapped(help, to: max(100 - width - 4, 40))
    let first = label.count > width ? "  \(label)\n\(indent)" : "  \(label.padded(to: width))  "
    return first + lines.joined(separator: "\n" + indent)
  }

  /// The text in lines of at most this many characters, or one word.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      if !line.isEmpty, line.count + word.count + 1 > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines
  }
}
