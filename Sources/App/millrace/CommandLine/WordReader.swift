internal import Failures
internal import Workspace

/// Parts the words after a subcommand's name into arguments and options, as the command declares them.
struct WordReader {
  private let command: Command
  private(set) var arguments: [String] = []
  private(set) var values: [String: String] = [:]
  private(set) var repeated: [String: [String]] = [:]

  init(_ command: Command) { self.command = command }

  mutating func read(_ words: [String]) throws(Failure) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if !word.hasPrefix("-") || word == "-" {
        arguments.append(word)
      } else if word == "--" {
        arguments += rest
        return
      } else {
        try readOption(word, &rest)
      }
    }
  }

  private mutating func readOption(_ word: String, _ rest: inout ArraySlice<String>) throws(Failure) {
    let (name, given) = try parts(of: word)
    let option = try option(named: name)
    guard values[name] == nil || option.isRepeatable else { throw Failure(.usage, "--\(name) is given twice") }
    guard let placeholder = option.value else {
      guard given == nil else { throw Failure(.usage, "--\(name) is a switch and takes no value") }
      values[name] = ""
      return
    }
    let value: String
    if let given {
      value = given
    } else if let next = rest.first, !next.hasPrefix("--") {
      // A value that begins with dashes is written --name=--value; here it is far more often a forgotten value.
      value = next
      rest.removeFirst()
    } else {
      throw Failure(.usage, "--\(name) needs a value: --\(name) \(placeholder)")
    }
    if case .oneOf(let choices) = option.values, !choices.contains(value) {
      throw Failure(
        .usage, "--\(name) takes one of \(choices.joined(separator: ", ")), not '\(printable(value))'")
    }
    values[name] = value
    if option.isRepeatable { repeated[name, default: []].append(value) }
  }

  /// `--name`, or `--name=value`.
  private func parts(of word: String) throws(Failure) -> (name: String, value: String?) {
    guard word.hasPrefix("--") else {
      throw Failure(
        .usage,
        "unknown option \(printable(word)); options are written --like-this (millrace \(command.name) --help lists them)"
      )
    }
    let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts.first ?? ""), parts.count == 2 ? String(parts[1]) : nil)
  }

  private func option(named name: String) throws(Failure) -> Command.Option {
    if let option = command.options.first(where: { $0.name == name }) { return option }
    let near = nearest(to: name, among: command.options.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
    throw Failure(
      .usage,
      "'millrace \(command.name)' has no option --\(printable(name))\(near) (millrace \(command.name) --help lists them)"
    )
  }
}
