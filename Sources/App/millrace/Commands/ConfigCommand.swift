internal import Failures
internal import Files
internal import Workspace

extension Command {
  /// `millrace config upgrade`: millrace.yaml in today's form.
  static let config = Command(
    "config", "upgrade millrace.yaml to today's form",
    discussion: """
      upgrade  writes the sources as a list where an earlier version wrote fixed keys, and changes nothing else: comments
               stay, what the file says stays the same, and the old file is kept beside it as millrace.yaml.old. A file
               that is in today's form already is left alone. The old form is still read; nobody has to upgrade.
      """,
    arguments: [.action(["upgrade"])],
    options: [.init("dry-run", "print what the file would say, and change nothing")],
    examples: ["millrace config upgrade --dry-run", "millrace config upgrade"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    guard invocation.arguments[0] == "upgrade" else {
      throw Failure(.usage, "'millrace config' knows upgrade, not '\(printable(invocation.arguments[0]))'")
    }
    let file = workspace.configurationFile
    let old = try Files.read(file, limit: 1 << 20)
    guard let text = String(validating: old.bytes, as: UTF8.self) else {
      throw Failure(.configuration, "\(file) is no UTF-8 text")
    }
    guard let new = try ConfigurationUpgrade.upgraded(text, file: file) else {
      Output.line("\(file) is in today's form already; nothing to do.")
      return .ok
    }
    if invocation.has("dry-run") {
      Output.text(new)
      return .ok
    }
    let copy = try freeName(beside: file)
    try Files.create(copy, with: old.bytes, mode: old.status.mode)
    try Files.replace(file, with: Array(new.utf8), mode: old.status.mode)
    Output.line("Rewrote \(file); what it said before is kept in \(copy).")
    return .ok
  }

  /// An earlier copy is never written over.
  private static func freeName(beside file: String) throws -> String {
    for number in 1...1_000 {
      let name = number == 1 ? "\(file).old" : "\(file).old\(number)"
      if !Files.exists(name) { return name }
    }
    throw Failure(.storage, "\(file).old and 999 more copies are there already; move them away")
  }
}
