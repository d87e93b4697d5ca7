/// Scripts by which shells complete commands, options and values, made from the command table.
enum CompletionScript: String, CaseIterable {
  case bash
  case zsh
  case fish

  /// What the shell looks for.
  var fileName: String {
    switch self {
    case .bash: "millrace"
    case .zsh: "_millrace"
    case .fish: "millrace.fish"
    }
  }

  func text(for commands: [Command]) -> String {
    switch self {
    case .bash: BashCompletion(commands: commands).text
    case .zsh: ZshCompletion(commands: commands).text
    case .fish: FishCompletion(commands: commands).text
    }
  }

  /// In single quotes, as all three shells read it.
  static func quoted(_ text: String, quote: String) -> String {
    "'" + text.replacing("'", with: quote) + "'"
  }
}

extension Command {
  /// Options that take a value, as they are typed.
  var optionsWithValue: [String] { options.filter { $0.value != nil }.map { "--\($0.name)" } }
}
