/// Completion for fish.
struct FishCompletion {
  let commands: [Command]

  var text: String {
    var lines = [
      """
      # Completion of millrace for fish. Made by: millrace --generate-completion-script fish

      # Whether this command is being typed.
      function __millrace_in
          set -l words (commandline -opc)
          test (count $words) -ge 2; and test "$words[2]" = "$argv[1]"
      end

      # Whether an argument of this command comes next: its number from 0, or any. After it the options with a value.
      function __millrace_at
          __millrace_in $argv[1]; or return 1
          set -l words (commandline -opc)
          set -l options $argv
          set -e options[1..2]
          set -e words[1..2]
          set -l place 0
          set -l is_value no
          for word in $words
              if test $is_value = yes
                  set is_value no
              else if contains -- $word $options
                  set is_value yes
              else if not string match -q -- '-*' $word
                  set place (math $place + 1)
              end
          end
          test $argv[2] = any; or test $argv[2] = $place
      end

      complete -c millrace -f
      complete -c millrace -n __fish_use_subcommand -l help -d 'list the commands'
      complete -c millrace -n __fish_use_subcommand -l version -d 'print the version'
      complete -c millrace -n '__millrace_in help' -a '\((commands.map(\.name) + ["exit-codes"]).joined(separator: " "))'
      """
    ]
    for command in commands {
      lines.append("")
      lines.append(
        "complete -c millrace -n __fish_use_subcommand -a \(command.name) -d \(quoted(command.summary))")
      for (place, argument) in command.arguments.enumerated() {
        guard let words = words(argument.values) else { continue }
        let at = argument.count == .any ? "any" : "\(place)"
        let condition = (["__millrace_at", command.name, at] + command.optionsWithValue).joined(separator: " ")
        lines.append("complete -c millrace -n '\(condition)'\(words) -d \(quoted(argument.name))")
      }
      for option in command.options { lines.append(line(option, of: command)) }
      lines.append("complete -c millrace -n '__millrace_in \(command.name)' -l help -d 'explain this command'")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func line(_ option: Command.Option, of command: Command) -> String {
    var line = "complete -c millrace -n '__millrace_in \(command.name)' -l \(option.name)"
    if option.value != nil { line += " -x" + (words(option.values) ?? "") }
    return line + " -d \(quoted(option.help))"
  }

  /// nil: nothing can be guessed.
  private func words(_ values: Command.Values) -> String? {
    switch values {
    case .any: nil
    case .file: " -a '(__fish_complete_path)'"
    case .folder: " -a '(__fish_complete_directories)'"
    case .oneOf(let words), .known(let words): " -a '\(words.joined(separator: " "))'"
    }
  }

  private func quoted(_ text: String) -> String {
    CompletionScript.quoted(text.replacing("\\", with: "\\\\"), quote: "\\'")
  }
}
