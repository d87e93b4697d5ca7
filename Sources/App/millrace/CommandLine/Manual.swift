internal import Workspace

/// Manual pages (`man millrace-report`), made from the command table: roff with the macros of man(7).
enum Manual {
  struct Page {
    /// Such as `millrace-report.1`.
    var fileName: String
    var text: String
  }

  /// One page for the program and one for each command.
  static func pages(for commands: [Command]) -> [Page] {
    [overview(commands)] + commands.map(page)
  }

  private static func overview(_ commands: [Command]) -> Page {
    var lines = heading("millrace", "fresh, private, rebuildable figures from the changes of a company's systems")
    lines += [
      ".SH SYNOPSIS", ".B millrace", "\\fICOMMAND\\fR [\\fIoptions\\fR]", ".SH DESCRIPTION",
      escaped(
        "Millrace reads the changes of source systems into a log, with personal data sealed; folds the log into marts; and answers reports from them, with their age."
      ), ".SH COMMANDS",
    ]
    for command in commands {
      lines += [".TP", ".BR millrace\\-\(escaped(command.name)) (1)", escaped(command.summary)]
    }
    lines += [".SH \"OPTIONS OF EVERY COMMAND\""] + Command.global.flatMap(entry)
    lines += [".SH \"EXIT STATUS\""]
    for code in ExitCode.allCases { lines += [".TP", ".B \(code.rawValue)", escaped(code.meaning)] }
    return Page(fileName: "millrace.1", text: lines.joined(separator: "\n") + "\n")
  }

  private static func page(_ command: Command) -> Page {
    let name = "millrace-\(command.name)"
    var lines = heading(name, command.summary)
    lines += [".SH SYNOPSIS", ".B millrace \(escaped(command.name))", synopsis(command), ".SH DESCRIPTION"]
    let discussion = command.discussion.isEmpty ? command.summary : command.discussion
    for (index, paragraph) in paragraphs(discussion).enumerated() {
      if index > 0 { lines.append(".PP") }
      lines += paragraph
    }
    if !command.arguments.isEmpty {
      lines.append(".SH ARGUMENTS")
      for argument in command.arguments { lines += [".TP", ".I \(escaped(argument.name))", escaped(argument.help)] }
    }
    lines += [".SH OPTIONS"] + command.options.flatMap(entry)
    if !command.examples.isEmpty {
      lines += [".SH EXAMPLES", ".nf"] + command.examples.map(escaped) + [".fi"]
    }
    lines += [
      ".SH \"EXIT STATUS\"", "0 when all went well; all codes stand in", ".BR millrace (1).", ".SH \"SEE ALSO\"",
      ".BR millrace (1)",
    ]
    return Page(fileName: "\(name).1", text: lines.joined(separator: "\n") + "\n")
  }

  private static func heading(_ name: String, _ summary: String) -> [String] {
    [
      ".\\\" Made by: millrace --generate-manual FOLDER",
      ".TH \(escaped(name).uppercased()) 1 \"\" \"Millrace \(escaped(Program.version))\" Millrace", ".SH NAME",
      "\(escaped(name)) \\- \(escaped(summary))",
    ]
  }

  private static func synopsis(_ command: Command) -> String {
    let arguments = command.arguments.map { argument in
      let name = "\\fI\(escaped(argument.name))\\fR"
      return switch argument.count {
      case .one: name
      case .optional: "[\(name)]"
      case .any: "[\(name) ...]"
      }
    }
    return (arguments + ["[\\fIoptions\\fR]"]).joined(separator: " ")
  }

  private static func entry(_ option: Command.Option) -> [String] {
    let value = option.value.map { " \\fI\(escaped($0))\\fR" } ?? ""
    return [".TP", "\\fB\\-\\-\(escaped(option.name))\\fR\(value)", escaped(option.help)]
  }

  /// Paragraphs are parted by empty lines; one with columns in it stays as it is written.
  private static func paragraphs(_ text: String) -> [[String]] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      .split(separator: "").map { lines in
        let hasColumns = lines.contains { $0.hasPrefix("  ") || $0.contains("   ") }
        let escaped = lines.map(escaped)
        return hasColumns ? [".nf"] + escaped + [".fi"] : escaped
      }
  }

  /// Text as roff shows it unchanged.
  private static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return plain.hasPrefix(".") || plain.hasPrefix("'") ? "\\&" + plain : plain
  }
}
