import Foundation
import Projections
import Reports
import ShopMarts
import TestSupport
import Testing

@Suite("The command line", .temporaryFolder)
struct CommandLineTests {
  private static let commands = [
    "init", "simulate", "capture", "project", "run", "report", "status", "runs", "describe", "snapshot", "log",
    "sanitize",
  ]

  private func millrace(_ words: String...) throws -> ChildProcess.Result {
    try ChildProcess.run([Place.millrace] + words, folder: TemporaryFolder.path)
  }

  /// Goal: somebody who types only `millrace` is told what there is. The text is no answer to a question, so it goes to
  /// stderr and the code is 2.
  @Test("without a command millrace lists its commands and ends with 2")
  func noCommand() throws {
    let result = try millrace()
    #expect(result.status == 2 && result.output.isEmpty)
    for command in Self.commands { #expect(result.errors.contains("\n  \(command) "), "\(command)") }
    let asked = try millrace("--help")
    #expect(asked.status == 0 && asked.errors.isEmpty && asked.output == result.errors)
  }

  @Test("each command explains itself, with its options and an example", arguments: commands)
  func help(_ command: String) throws {
    let result = try millrace(command, "--help")
    #expect(result.status == 0 && result.errors.isEmpty)
    #expect(result.output.contains("usage: millrace \(command)"))
    #expect(result.output.contains("--workspace DIR"))
    #expect(result.output.contains("Examples:\n  millrace \(command)"))
    #expect(try millrace("help", command).output == result.output)
  }

  @Test("exit codes are documented") func exitCodes() throws {
    let result = try millrace("help", "exit-codes")
    for code in ["0", "2", "64", "65", "66", "67", "68", "69", "70"] { #expect(result.output.contains("  \(code) ")) }
  }

  /// Goal: a typing error costs one look. Method: misspelt words at each place, each with the words that the answer must have.
  @Test(
    "mistyped words are refused with a suggestion",
    arguments: [
      (["captur"], "did you mean 'millrace capture'?"), (["xyzzy"], "there is no command 'xyzzy'"),
      (["tail"], "did you mean 'millrace log tail'?"), (["upgrade"], "did you mean 'millrace config upgrade'?"),
      (["attributoin"], "did you mean 'millrace budget attribution'?"),
      (["monthly-sales"], "did you mean 'millrace report monthly-sales'?"),
      (["capture", "--onec"], "did you mean --once?"), (["capture", "--colour"], "has no option --colour"),
      (["capture", "-o"], "unknown option -o"), (["capture", "--once=1"], "--once is a switch"),
      (["report", "leads", "--top"], "--top needs a value"), (["report"], "needs NAME"),
      (["report", "leads", "--format", "xml"], "--format takes one of table, csv, json, not 'xml'"),
      (["report", "leads", "leads"], "one word too many"), (["describe", "sale"], "did you mean sales?"),
      (["status", "--format", "json", "--format", "json"], "--format is given twice"),
      (["capture", "--\u{1b}[31mred"], "has no option --\u{FFFD}[31mred"),
    ])
  func typo(words: [String], answer: String) throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    let result = try ChildProcess.run(
      [Place.millrace] + words + ["--workspace", workspace.folder], folder: TemporaryFolder.path)
    #expect(result.status == 2)
    #expect(result.errors.contains(answer), "\(result.errors)")
    #expect(result.output.isEmpty && !result.errors.contains("\u{1b}"))
  }

  @Test("report without a name lists what there is, a line for each") func reportWithoutName() throws {
    let result = try millrace("report")
    #expect(result.status == 2 && result.output.isEmpty)
    let lines = result.errors.split(separator: "\n")
    #expect(lines.first == "millrace: 'millrace report' needs NAME: which report, one of")
    #expect(lines.dropFirst().map { $0.split(separator: " ").first.map(String.init) } == Shop.reports.names)
    for (line, report) in zip(lines.dropFirst(), Shop.reports.reports) {
      #expect(line.hasSuffix("  \(report.meaning)"), "\(line)")
    }
  }

  @Test("commands that need a workspace say where they looked and how to make one", arguments: commands)
  func missingWorkspace(_ command: String) throws {
    let words: [String: [String]] = [
      "report": ["leads"], "snapshot": ["sales", "x"], "log": ["topics"], "describe": ["sales"],
    ]
    if command == "init" || command == "describe" { return }
    let workspace = TestWorkspace("nowhere")
    let result = try ChildProcess.run(
      [Place.millrace, command] + (words[command] ?? []) + ["--workspace", workspace.folder],
      folder: TemporaryFolder.path)
    #expect(result.status == 64)
    #expect(result.errors.contains(workspace.folder) && result.errors.contains("millrace init"))
    #expect(!FileManager.default.fileExists(atPath: workspace.folder), "looking must not make anything")
  }

  @Test(
    "an unknown key in millrace.yaml is named with line, column and the nearest known one",
    arguments: [
      ("base_currency: USD\nsources:\n  acess_log: x\n", ":3:3: unknown key 'acess_log'; did you mean 'access_log'?"),
      ("\nfoo: 1\n", ":2:1: unknown key 'foo'; known here: base_currency"),
      ("freshness_limit_minutes: 61\n", ":1:26: a whole number is expected here; anything from 1 to 60"),
      ("sources: [a]\n", ":1:11: here stands"), ("a: [\n", "millrace.yaml:"),
      ("site:\n  staff_networks: [203.0.113.300]\n", ":2:20: '203.0.113.300' is no IP address"),
      ("site:\n  staff_networks: [10.0.0.0/8]\n", "more than 65536 addresses; name narrower blocks"),
      ("site:\n  staff_networks:\n    - 2001:db8::/64\n", ":3:7: '2001:db8::/64' has more than 65536 addresses"),
      ("site:\n  staff_networks: [203.0.113.9/24]\n", "write 203.0.113.0/24 for the block"),
      (
        "site:\n  staff_networks: [10.1.0.0/16, \"::1\"]\n",
        ":2:19: these blocks have more than 65536 addresses together"
      ),
    ])
  func configuration(text: String, answer: String) throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    try workspace.configure(text)
    for words in [["capture", "--once"], ["project", "--once"], ["status"], ["report", "leads"]] {
      let result = try ChildProcess.run(
        [Place.millrace] + words + ["--workspace", workspace.folder], folder: TemporaryFolder.path)
      #expect(result.status == 66, "\(words)")
      #expect(result.errors.contains("millrace.yaml") && result.errors.contains(answer), "\(result.errors)")
    }
  }

  @Test("init a second time changes nothing, and never replaces a key") func initTwice() throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    let key = try Data(contentsOf: URL(fileURLWithPath: workspace.keyFile))
    try workspace.configure("base_currency: EUR\n")
    let second = try workspace.run("init")
    #expect(second.output.contains("nothing to do"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: workspace.keyFile)) == key)
    #expect(try String(contentsOfFile: "\(workspace.folder)/millrace.yaml", encoding: .utf8) == "base_currency: EUR\n")
  }

  @Test(
    "a report's name with a typing error gets the nearest name",
    arguments: [("montly-sales", "did you mean monthly-sales?"), ("nothing-like-it", "reports: monthly-sales")])
  func reportTypo(name: String, answer: String) throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    let result = try workspace.run("report", name, expecting: 2)
    #expect(result.errors.contains(answer), "\(result.errors)")
  }

  @Test("before anything was captured, each command says what to do first")
  func emptyWorkspace() throws {
    let workspace = TestWorkspace()
    try workspace.run("init")
    for words in [["report", "leads"], ["snapshot", "sales", "\(TemporaryFolder.path)/x.sqlite"]] {
      let result = try ChildProcess.run(
        [Place.millrace] + words + ["--workspace", workspace.folder], folder: TemporaryFolder.path)
      #expect(result.status == 69 && result.errors.contains("millrace project"), "\(words): \(result.errors)")
    }
    for words in [["project", "--once"], ["log", "topics"], ["log", "verify"]] {
      let result = try ChildProcess.run(
        [Place.millrace] + words + ["--workspace", workspace.folder], folder: TemporaryFolder.path)
      #expect(result.status == 68 && result.errors.contains("capture"), "\(words): \(result.status) \(result.errors)")
    }
    #expect(try workspace.run("status", expecting: 73).output.contains("NOT healthy"))
  }

  @Test("describe prints each mart's tables, views and columns with their meaning", arguments: TestWorkspace.marts)
  func describe(mart: String) throws {
    let result = try millrace("describe", mart)
    #expect(result.status == 0)
    let view =
      [
        "sales": "order_details", "traffic": "session_details", "leads": "lead_details",
        "advertising": "recommendation_details", "returns": "return_details",
      ][mart] ?? ""
    #expect(
      result.output.contains(view) && result.output.contains("millrace_quarantine"), "\(result.output.prefix(500))")
  }
}
