internal import Failures
internal import Telemetry
internal import Workspace

/// One subcommand, declared: what it is called, what it takes, what it does.
struct Command: Sendable {
  /// What may stand where a value is asked for. Help, completion and manual pages follow from it.
  enum Values: Sendable, Equatable {
    /// Nobody can guess it.
    case any
    case file
    case folder
    /// These and nothing else; checked before the command runs.
    case oneOf([String])
    /// These are known beforehand; the command itself says what else it takes.
    case known([String])

    /// By the name of a value in help texts.
    fileprivate init(named name: String?) {
      switch name {
      case "DIR": self = .folder
      case "FILE": self = .file
      default: self = .any
      }
    }
  }

  struct Option: Sendable {
    var name: String
    /// Name of the value in help texts; nil for a switch.
    var value: String?
    var help: String
    var values: Values
    /// May be given several times.
    var isRepeatable = false

    /// A switch.
    init(_ name: String, _ help: String) { self.init(name: name, value: nil, values: .any, help: help) }

    init(_ name: String, _ value: String, known: [String] = [], _ help: String) {
      self.init(name: name, value: value, values: known.isEmpty ? Values(named: value) : .known(known), help: help)
    }

    init(repeatable name: String, _ value: String, _ help: String) {
      self.init(name: name, value: value, values: .any, help: help)
      isRepeatable = true
    }

    init(_ name: String, choices: [String], _ help: String) {
      self.init(name: name, value: choices.joined(separator: "|"), values: .oneOf(choices), help: help)
    }

    private init(name: String, value: String?, values: Values, help: String) {
      self.name = name
      self.value = value
      self.values = values
      self.help = help
    }
  }

  struct Argument: Sendable {
    enum Count: Sendable { case one, optional, any }
    var name: String
    var help: String
    var count: Count
    var values: Values
    /// A line for each value that is known beforehand, where those lines say more than the names.
    var list: String
    /// Its values are what a person has in mind, and may take for commands: `millrace tail`.
    var isNested: Bool

    init(
      _ name: String, _ count: Count = .one, known: [String] = [], list: String = "", isNested: Bool = false,
      _ help: String
    ) {
      self.name = name
      self.count = count
      self.help = help
      self.list = list
      self.isNested = isNested
      values = known.isEmpty ? Values(named: name) : .known(known)
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
    self.options = options + Self.global
    self.examples = examples
    self.run = run
  }

  /// The words behind its name that might be taken for commands of their own.
  var nested: [String] {
    guard let first = arguments.first, first.isNested, case .known(let words) = first.values else { return [] }
    return words
  }

  /// Options of every command.
  static let global = [
    Option("workspace", "DIR", "the workspace folder (default: \(defaultWorkspace))"),
    Option(
      "log-level", choices: LogLevel.allCases.reversed().map(\.name),
      "how much is said about the work on standard error (default: warning)"),
    Option(
      "log-format", choices: LogFormat.allCases.map(\.rawValue),
      "write these lines, and notices too, in this form (default: logfmt, and notices as plain sentences)"),
  ]

  static let defaultWorkspace = "millrace-data"
}

/// What a person typed after the subcommand, checked against its declaration.
struct Invocation: Sendable {
  let command: Command
  let arguments: [String]
  private let values: [String: String]
  private let repeated: [String: [String]]

  /// Reads the words after the subcommand's name. Throws `.usage` with what was not understood.
  init(_ command: Command, words: [String]) throws {
    self.command = command
    var reader = WordReader(command)
    try reader.read(words)
    arguments = reader.arguments
    values = reader.values
    repeated = reader.repeated
    try checkArguments()
  }

  private func checkArguments() throws {
    let needed = command.arguments.filter { $0.count == .one }
    let most = command.arguments.contains { $0.count == .any } ? Int.max : command.arguments.count
    if arguments.count < needed.count {
      let missing = needed[arguments.count]
      let list = missing.list.isEmpty ? "" : ", one of\n" + missing.list
      throw Failure(.usage, "'millrace \(command.name)' needs \(missing.name): \(missing.help)\(list)")
    }
    if arguments.count > most {
      throw Failure(.usage, "'\(printable(arguments[most]))' is one word too many for 'millrace \(command.name)'")
    }
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
