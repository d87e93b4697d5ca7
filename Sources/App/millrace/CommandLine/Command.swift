internal import Failures
internal import Workspace

/// One subcommand, declared: what it is called, what it takes, what it does.
struct Command: Sendable {
  struct Option: Sendable {
    var name: String
    /// Name of the value in help texts; nil for a switch.
    var value: String?
    var help: String
    /// The values allowed, where they are a fixed list.
    var choices: [String]
    /// May be given several times.
    var isRepeatable = false

    /// A switch.
    init(_ name: String, _ help: String) { self.init(name: name, value: nil, choices: [], help: help) }

    init(_ name: String, _ value: String, _ help: String) {
      self.init(name: name, value: value, choices: [], help: help)
    }

    init(repeatable name: String, _ value: String, _ help: String) {
      self.init(name: name, value: value, choices: [], help: help)
      isRepeatable = true
    }

    init(_ name: String, choices: [String], _ help: String) {
      self.init(name: name, value: choices.joined(separator: "|"), choices: choices, help: help)
    }

    private init(name: String, value: String?, choices: [String], help: String) {
      self.name = name
      self.value = value
      self.choices = choices
      self.help = help
    }
  }

  struct Argument: Sendable {
    enum Count: Sendable { case one, optional, any }
    var name: String
    var help: String
    var count: Count

    init(_ name: String, _ count: Count = .one, _ help: String) {
      self.name = name
      self.count = count
      self.help = help
    }
  }

  var name: String
  var summary: String
  var discussion: String
  var arguments: [Argument]
  var options: [Option]
  var examples: [String]
  var run: @Sendable (Invocation) throws -> ExitCode

  init(
    _ name: String, _ summary: String, discussion: String = "", arguments: [Argument] = [], options: [Option] = [],
    examples: [String] = [], run: @escaping @Sendable (Invocation) throws -> ExitCode
  ) {
    self.name = name
    self.summary = summary
    self.discussion = discussion
    self.arguments = arguments
    self.options = options + [Self.workspace]
    self.examples = examples
    self.run = run
  }

  static let workspace = Option("workspace", "DIR", "the workspace folder (default: millrace-data)")
}

/// What a person typed after the subcommand, checked against its declaration.
struct Invocation: Sendable {
  let command: Command
  let arguments: [String]
  private let values: [String: String]
  private let repeated: [String: [String]]

  /// Reads the words after the subcommand's name. Throws `.usage` with what was not understood.
  init(_ command: Command, words: [String]) throws {
    var arguments: [String] = []
    var values: [String: String] = [:]
    var repeated: [String: [String]] = [:]
    var rest = words[...]
    var optionsEnded = false
    while let word = rest.popFirst() {
      if optionsEnded || !word.hasPrefix("-") || word == "-" {
        arguments.append(word)
        continue
      }
      if word == "--" {
        optionsEnded = true
        continue
      }
      guard word.hasPrefix("--") else {
        throw Failure(
          .usage,
          "unknown option \(printable(word)); options are written --like-this (millrace \(command.name) --help lists them)"
        )
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts.first ?? "")
      guard let option = command.options.first(where: { $0.name == name }) else {
        let near = nearest(to: name, among: command.options.map(\.name)).map { "; did you mean --\($0)?" } ?? ""
        throw Failure(
          .usage,
          "'millrace \(command.name)' has no option --\(printable(name))\(near) (millrace \(command.name) --help lists them)"
        )
      }
      guard values[name] == nil || option.isRepeatable else { throw Failure(.usage, "--\(name) is given twice") }
      if option.value == nil {
        guard parts.count == 1 else { throw Failure(.usage, "--\(name) is a switch and takes no value") }
        values[name] = ""
      } else if parts.count == 2 {
        values[name] = String(parts[1])
      } else if let value = rest.first, !value.hasPrefix("--") {
        // A value that begins with dashes is written --name=--value; here it is far more often a forgotten value.
        values[name] = value
        rest.removeFirst()
      } else {
        throw Failure(.usage, "--\(name) needs a value: --\(name) \(option.value ?? "VALUE")")
      }
      if option.isRepeatable, let value = values[name] { repeated[name, default: []].append(value) }
      if !option.choices.isEmpty, let value = values[name], !option.choices.contains(value) {
        throw Failure(
          .usage, "--\(name) takes one of \(option.choices.joined(separator: ", ")), not '\(printable(value))'")
      }
    }
    let least = command.arguments.filter { $0.count == .one }.count
    let most = command.arguments.contains { $0.count == .any } ? Int.max : command.arguments.count
    if arguments.count < least {
      let missing = command.arguments.filter { $0.count == .one }[arguments.count]
      throw Failure(.usage, "'millrace \(command.name)' needs \(missing.name): \(missing.help)")
    }
    if arguments.count > most {
      throw Failure(.usage, "'\(printable(arguments[most]))' is one word too many for 'millrace \(command.name)'")
    }
    self.command = command
    self.arguments = arguments
    self.values = values
    self.repeated = repeated
  }

  func has(_ name: String) -> Bool { values[name] != nil }
  subscript(_ name: String) -> String? { values[name] }
  /// Every value of an option that may be given several times, in order.
  func all(_ name: String) -> [String] { repeated[name] ?? [] }

  /// A whole number within a range, or the default.
  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws -> Int {
    guard let text = values[name] else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw Failure(
        .usage,
        "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(printable(text))'")
    }
    return number
  }

  /// A fraction within a range, or the default.
  func fraction(_ name: String, in range: ClosedRange<Double>, default fallback: Double) throws -> Double {
    guard let text = values[name] else { return fallback }
    guard let number = Double(text), range.contains(number) else {
      throw Failure(
        .usage, "--\(name) takes a number from \(range.lowerBound) to \(range.upperBound), not '\(printable(text))'")
    }
    return number
  }
}
