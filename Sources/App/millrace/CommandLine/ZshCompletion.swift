/// Completion for zsh, by its `_arguments`.
struct ZshCompletion {
  let commands: [Command]

  var text: String {
    """
    #compdef millrace
    # Completion of millrace for zsh. Made by: millrace --generate-completion-script zsh

    _millrace() {
      local curcontext="$curcontext" state line
      local -A opt_args
      local -a commands=(
    \(commands.map { "    \(quoted("\(colons($0.name)):\($0.summary)"))" }.joined(separator: "\n"))
      )
      _arguments -C '(- *)--help[list the commands]' '(- *)--version[print the version]' '1: :->command' '*:: :->words'
      case $state in
        command) _describe command commands ;;
        words)
          case $words[1] in
            help) _describe command commands ;;
    \(commands.map(branch).joined(separator: "\n"))
          esac
          ;;
      esac
    }

    if [ "$funcstack[1]" = "_millrace" ]; then
      _millrace "$@"
    else
      compdef _millrace millrace
    fi

    """
  }

  private func branch(_ command: Command) -> String {
    let specifications =
      ["'(- *)--help[explain this command]'"] + command.options.map { quoted(option($0)) }
      + command.arguments.enumerated().map { quoted(argument($1, at: $0 + 1)) }
    return "        \(command.name))\n          _arguments \\\n"
      + specifications.map { "            \($0)" }.joined(separator: " \\\n") + "\n          ;;"
  }

  private func option(_ option: Command.Option) -> String {
    let help = colons(option.help).replacing("[", with: "\\[").replacing("]", with: "\\]")
    let many = option.isRepeatable ? "*" : ""
    guard let value = option.value else { return "\(many)--\(option.name)[\(help)]" }
    return "\(many)--\(option.name)=[\(help)]:\(colons(value)):\(action(option.values))"
  }

  private func argument(_ argument: Command.Argument, at place: Int) -> String {
    let what = "\(colons(argument.name)):\(action(argument.values))"
    return switch argument.count {
    case .one: "\(place):\(what)"
    case .optional: "\(place)::\(what)"
    case .any: "*:\(what)"
    }
  }

  private func action(_ values: Command.Values) -> String {
    switch values {
    // A blank: something is expected here, and nothing is offered.
    case .any: " "
    case .file: "_files"
    case .folder: "_files -/"
    case .oneOf(let words), .known(let words): "(\(words.joined(separator: " ")))"
    }
  }

  private func colons(_ text: String) -> String { text.replacing(":", with: "\\:") }
  private func quoted(_ text: String) -> String { CompletionScript.quoted(text, quote: "'\\''") }
}
