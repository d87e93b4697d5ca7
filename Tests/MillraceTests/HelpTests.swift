import Foundation
import TestSupport
import Testing

/// Help texts follow from the lists of what there is.
@Suite("Help texts", .temporaryFolder)
struct HelpTests {
  private func help(_ command: String) throws -> String {
    try ChildProcess.run([Place.millrace, command, "--help"], folder: TemporaryFolder.path).output
  }

  /// Goal: a new mart is named everywhere. Method: every command that takes a MART names all of them.
  @Test(
    "every command that takes a mart names all marts",
    arguments: ["project", "replay", "restore", "rollback", "diff", "generations", "describe", "snapshot"])
  func marts(command: String) throws {
    let line = try #require(try help(command).split(separator: "\n").first { $0.hasPrefix("  MART ") })
    for mart in TestWorkspace.marts { #expect(line.contains(mart), "\(command): \(line)") }
  }

  @Test("every command takes --workspace, --log-level and --log-format") func global() throws {
    for command in ["run", "status", "budget", "log"] {
      let text = try help(command)
      #expect(text.contains("--workspace DIR") && text.contains("--log-level error|warning|info|debug"), "\(command)")
      #expect(text.contains("--log-format logfmt|json"), "\(command)")
    }
  }

  /// Goal: no help text lists marts by hand, so that none can be forgotten. Method: no line of the application's sources names
  /// two marts one after the other.
  @Test("no source of the application lists marts by hand") func noHandWrittenLists() throws {
    let names = TestWorkspace.marts.joined(separator: "|")
    let list = try Regex("\\b(\(names))\"?( or |, | and |\\|)\"?(\(names))\\b")
    #expect("sales, traffic or leads".contains(list) && "[\"traffic\", \"leads\"]".contains(list))
    let folder = "\(Place.root)/Sources/App"
    for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
      let lines = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where line.contains(list) {
        Issue.record("Sources/App/\(file):\(index + 1) lists marts by hand; take them from Shop.marts: \(line)")
      }
    }
  }

  /// Goal: log lines have the form that was asked for. Method: a broker that nobody is at, asked for by a reader that waits.
  @Test("--log-level and --log-format are checked, and taken by every command")
  func logOptions() throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    try workspace.run("status", "--log-level", "debug", "--log-format", "json", expecting: 73)
    #expect(
      try workspace.run("status", "--log-level", "loud", expecting: 2).errors.contains("error, warning, info, debug"))
    #expect(try workspace.run("run", "--log-format", "xml", expecting: 2).errors.contains("logfmt, json"))
  }

  @Test("what a job waits for is a log line where a form was asked for, and a sentence otherwise")
  func notices() throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    try workspace.configure("log:\n  kind: kafka\n  bootstrap: 127.0.0.1:1\n  insecure: true\n")
    for (words, expected) in [
      ([], "WARNING: log.insecure is true in millrace.yaml"),
      (["--log-format", "logfmt"], "level=warning message=\"WARNING: log.insecure is true"),
      (["--log-format", "json"], "\"level\":\"warning\",\"message\":\"WARNING: log.insecure is true"),
    ] {
      let result = try ChildProcess.run(
        [Place.millrace, "log", "topics", "--workspace", workspace.folder] + words, folder: TemporaryFolder.path)
      #expect(result.status == 77 && result.errors.contains(expected), "\(result.status) \(result.errors)")
    }
  }
}
