/// Completion for bash, which needs nothing but bash itself.
struct BashCompletion {
  let commands: [Command]

  var text: String {
    let names = (commands.map(\.name) + ["help", "--help", "--version"]).joined(separator: " ")
    return """
      # Completion of millrace for bash. Made by: millrace --generate-completion-script bash

      _millrace_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$current"); }
      _millrace_files() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); }
      _millrace_folders() { compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current"); }

      # Which argument the cursor is at. Given are the options whose next word is their value.
      _millrace_place() {
        local i word
        place=0
        for ((i = 2; i < COMP_CWORD; i++)); do
          word=${COMP_WORDS[i]}
          if [[ " $1 " == *" $word "* ]]; then
            # bash takes --option=value for three words.
            if [[ ${COMP_WORDS[i + 1]} == = ]]; then i=$((i + 2)); else i=$((i + 1)); fi
          elif [[ $word != -* ]]; then
            place=$((place + 1))
          fi
        done
      }

      \(commands.map(function).joined(separator: "\n"))
      _millrace() {
        local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} place=0
        COMPREPLY=()
        if ((COMP_CWORD == 1)); then
          _millrace_words "\(names)"
          return
        fi
        if [[ $current == = ]]; then
          current=
        elif [[ $before == = ]]; then
          before=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        case ${COMP_WORDS[1]} in
          help) _millrace_words "\((commands.map(\.name) + ["exit-codes"]).joined(separator: " "))" ;;
      \(commands.map { "    \($0.name)) _millrace_\($0.name) ;;" }.joined(separator: "\n"))
        esac
      }

      complete -F _millrace millrace

      """
  }

  private func function(_ command: Command) -> String {
    var lines = ["_millrace_\(command.name)() {", "  case $before in"]
    for option in command.options where option.value != nil {
      lines.append("    --\(option.name)) \(action(option.values).map { "\($0); " } ?? "")return ;;")
    }
    lines += [
      "  esac", "  if [[ $current == -* ]]; then",
      "    _millrace_words \"\((command.options.map { "--\($0.name)" } + ["--help"]).joined(separator: " "))\"",
      "    return",
      "  fi",
    ]
    let places = command.arguments.enumerated().compactMap { index, argument in
      action(argument.values).map { "    \(argument.count == .any ? "*" : "\(index)")) \($0) ;;" }
    }
    if !places.isEmpty {
      lines.append("  _millrace_place \"\(command.optionsWithValue.joined(separator: " "))\"")
      lines += ["  case $place in"] + places + ["  esac"]
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// nil: nothing can be guessed.
  private func action(_ values: Command.Values) -> String? {
    switch values {
    case .any: nil
    case .file: "_millrace_files"
    case .folder: "_millrace_folders"
    case .oneOf(let words), .known(let words): "_millrace_words \"\(words.joined(separator: " "))\""
    }
  }
}
