import Foundation
import TestSupport
import Testing

/// What shells and `man` are given is made from the command table, and is what they accept.
@Suite("Completion and manual pages", .temporaryFolder)
struct ShellTests {
  private func millrace(_ words: String...) throws -> ChildProcess.Result {
    try ChildProcess.run([Place.millrace] + words, folder: TemporaryFolder.path)
  }

  private func script(_ shell: String) throws -> String {
    let result = try millrace("--generate-completion-script", shell)
    #expect(result.status == 0 && result.errors.isEmpty)
    let file = "\(TemporaryFolder.path)/\(shell)-completion"
    try result.output.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }

  private func run(_ words: [String]) throws -> ChildProcess.Result {
    try ChildProcess.run(["/usr/bin/env"] + words, folder: TemporaryFolder.path)
  }

  private static func isThere(_ program: String) -> Bool {
    ["/usr/bin", "/bin", "/usr/local/bin"].contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
  }

  private static let marts = "sales traffic leads advertising returns"

  /// Goal: what bash offers is what the command takes. Method: the script is sourced, a command line is set as bash sets it, and
  /// the answers are held against the words that must be there, in any order.
  @Test(
    "bash completes commands, options, values and arguments",
    arguments: [
      ("millrace pro", "project"), ("millrace status --fo", "--format"), ("millrace status --format ", "table json"),
      ("millrace status --format = j", "json"), ("millrace describe ", ShellTests.marts),
      ("millrace --ver", "--version"), ("millrace help exit", "exit-codes"),
      ("millrace report monthly-s", "monthly-sales"), ("millrace replay sales tra", "traffic"),
      ("millrace replay --workers 2 sal", "sales"), ("millrace log verify ord", "orders"),
      ("millrace log ver", "verify"),
      ("millrace report --as-of ", ""), ("millrace diff sales ", ""), ("millrace run --log-level w", "warning"),
    ])
  func bash(line: String, expected: String) throws {
    let file = try script("bash")
    #expect(try run(["bash", "-n", file]).errors.isEmpty)
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map { "'\($0)'" }.joined(separator: " ")
    let result = try run([
      "bash", "-c",
      "compopt() { :; }; source \(file); COMP_WORDS=(\(words)); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _millrace; "
        + "printf '%s\\n' \"${COMPREPLY[@]}\"",
    ])
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let found = result.output.split(separator: "\n").map(String.init)
    #expect(Set(found) == Set(expected.split(separator: " ").map(String.init)), "\(line): \(found)")
  }

  @Test("bash completes files and folders where the command takes them") func bashFiles() throws {
    let file = try script("bash")
    try FileManager.default.createDirectory(
      atPath: "\(TemporaryFolder.path)/a folder", withIntermediateDirectories: true)
    for (words, isFound) in [("restore sales ", true), ("status --workspace ", true), ("restore ", false)] {
      let quoted = words.split(separator: " ", omittingEmptySubsequences: false).map { "'\($0)'" }.joined(
        separator: " ")
      let result = try run([
        "bash", "-c",
        "compopt() { :; }; cd '\(TemporaryFolder.path)'; source \(file); COMP_WORDS=(millrace \(quoted)); "
          + "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _millrace; printf '%s\\n' \"${COMPREPLY[@]}\"",
      ])
      #expect(result.output.split(separator: "\n").contains("a folder") == isFound, "\(words): \(result.output)")
    }
  }

  @Test("zsh accepts its script", .enabled(if: ShellTests.isThere("zsh"), "zsh is not installed (tools/setup --tests)"))
  func zsh() throws {
    let file = try script("zsh")
    #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("#compdef millrace\n"))
    let checked = try run(["zsh", "-n", file])
    #expect(checked.status == 0 && checked.errors.isEmpty, "\(checked.errors)")
    // Loaded as zsh does it, the function must be there.
    let loaded = try run([
      "zsh", "-f", "-c", "autoload -Uz compinit; compinit -u -D; source \(file); print $_comps[millrace]",
    ])
    #expect(loaded.status == 0 && loaded.output == "_millrace\n", "\(loaded.errors)")
  }

  /// Goal: as for bash. Method: fish itself is asked what it would offer.
  @Test(
    "fish completes commands, options, values and arguments",
    .enabled(if: ShellTests.isThere("fish"), "fish is not installed (tools/setup --tests)"),
    arguments: [
      ("millrace proj", "project"), ("millrace status --form", "--format"),
      ("millrace status --format ", "table json"), ("millrace describe ", ShellTests.marts),
      ("millrace report monthly-s", "monthly-sales"), ("millrace replay sales tra", "traffic"),
      ("millrace log ver", "verify"), ("millrace help exit", "exit-codes"),
    ])
  func fish(line: String, expected: String) throws {
    let file = try script("fish")
    let checked = try run(["fish", "-n", file])
    #expect(checked.status == 0 && checked.errors.isEmpty, "\(checked.errors)")
    let result = try run(["HOME=\(TemporaryFolder.path)", "fish", "-c", "source \(file); complete -C '\(line)'"])
    let found = result.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    #expect(Set(found) == Set(expected.split(separator: " ").map(String.init)), "\(line): \(found) \(result.errors)")
  }

  /// Goal: every command has a page that `man` shows without a complaint. Method: groff's own warnings.
  @Test(
    "man shows the page of every command without a warning",
    .enabled(if: ShellTests.isThere("man"), "man-db is not installed (tools/setup --tests)"))
  func manual() throws {
    let folder = "\(TemporaryFolder.path)/man1"
    let made = try millrace("--generate-manual", folder)
    #expect(made.status == 0 && made.output.isEmpty, "\(made.errors)")
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    let commands = try millrace("--help").errors + millrace("--help").output
    #expect(pages.contains("millrace.1") && pages.contains("millrace-report.1") && pages.count > 15)
    for page in pages {
      let shown = try run([
        "LC_ALL=C.UTF-8", "MANWIDTH=80", "MANROFFSEQ=", "man", "--warnings", "-E", "UTF-8", "-l", "\(folder)/\(page)",
      ])
      #expect(shown.status == 0 && shown.errors.isEmpty, "\(page): \(shown.errors)")
      let name = String(page.dropLast(".1".count))
      // Lines are set to equal lengths, with more than one blank between words.
      let words = shown.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(words.contains("\(name) - "), "\(page)")
      if name != "millrace" { #expect(commands.contains("\n  \(name.dropFirst("millrace-".count)) "), "\(name)") }
    }
    let report = try String(contentsOfFile: "\(folder)/millrace-report.1", encoding: .utf8)
    #expect(report.contains("monthly\\-sales") && report.contains("\\fB\\-\\-log\\-level\\fR"))
  }

  @Test("an unknown shell, and a manual without a folder, are refused") func refusals() throws {
    let shell = try millrace("--generate-completion-script", "tcsh")
    #expect(shell.status == 2 && shell.errors.contains("one of bash, zsh, fish"))
    #expect(try millrace("--generate-manual").status == 2)
  }
}
