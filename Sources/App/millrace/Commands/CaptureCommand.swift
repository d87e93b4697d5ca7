internal import Capture
internal import Concurrency
internal import Failures
internal import Files
internal import Operations
internal import Text
internal import Workspace

extension Command {
  /// `millrace capture`: sources → log.
  static let capture = Command(
    "capture", "read the changes of all sources into the log",
    discussion: """
      Reads the sources named in millrace.yaml: a first snapshot of each platform database and then its changes, access logs
      across rotation, lead and spend sheets by comparison with what they held before. Several sources of a kind are told
      apart by their names, which are never changed: a renamed one is refused. Personal data are sealed before they enter
      the log. A source that cannot be read holds up no other: live, it is tried again, and `millrace status`
      says what it waits for; with --once the others are read to their end, then millrace ends with that source's error.
      The first capture of a database adds a change table and triggers to it; --uninstall takes them out again.
      Records that cannot be read are counted at the end, with the three commonest reasons and what to do about them
      (`millrace quarantine list` has all). Where no record of a file could be read, millrace ends with code
      \(ExitCode.refused.rawValue).
      Interrupted at any moment, the next capture goes on where this one stood. One capture per workspace.
      """,
    options: [
      .init("once", "stop when all sources are read to their end (default: go on until Ctrl-C or SIGTERM)"),
      .init("acknowledge-breaks", "forget the historyBroken notes that status shows; see docs/operations.md"),
      .init(
        repeatable: "accept", "FILE",
        "take the sheet of this name though it lacks most of what it had before, or has the rows of another; may be repeated"
      ),
      .init("uninstall", "remove the change tables and triggers from all platform databases, and stop"),
    ],
    examples: ["millrace capture --once", "millrace capture"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let configuration = try workspace.configuration()
    if invocation.has("uninstall") {
      for path in try workspace.removeTriggers(configuration) {
        Output.line("Removed Millrace's change table and triggers from \(path).")
      }
      return .ok
    }
    let once = invocation.has("once")
    let stop = StopFlag.onSignals()
    let job = try CaptureJob(
      workspace, configuration, stop: stop, waits: !once, accepting: Set(invocation.all("accept").map(Self.fileName)))
    if invocation.has("acknowledge-breaks") { try job.acknowledgeBreaks() }
    if let broken = job.resumes { Output.note("Going on after run \(broken), which broke.") }
    let kinds = Dictionary(
      configuration.sources.map { ($0.name, $0.kind) }, uniquingKeysWith: { first, _ in first })
    let line = ProgressLine("capture")
    let tell: @Sendable (CaptureProgress) -> Void = { progress in
      line.update(label: progress.source, count: Int64(progress.events), share: progress.share)
    }
    if !once { Output.note("Capturing until Ctrl-C.") }
    // What was captured is said also when a source could not be read.
    defer {
      line.finish()
      Output.line(job.counts.sentence)
      for line in job.counts.commonest(kinds: kinds) { Output.line(line) }
    }
    _ = try once ? job.runOnce(stop: stop, progress: tell) : job.run(stop: stop, progress: tell)
    if once, stop.isAsked { Output.note("Stopped before the end; the next capture goes on from here.") }
    let refused = once ? job.counts.refused : []
    for file in refused { Output.note("No record of \(escapeForTerminal(file)) could be read.") }
    return refused.isEmpty ? .ok : .refused
  }
}

extension Command {
  /// A file may be named with its folder.
  private static func fileName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
}

extension CaptureCounts {
  /// The three commonest reasons why records could not be read: how many, of which source, where, and what to do.
  func commonest(kinds: [String: String]) -> [String] {
    rejections.prefix(3).map { group in
      let what = group.detail.isEmpty ? group.reason : "\(group.reason) (\(group.detail))"
      let example = group.count == 1 ? group.place : "for example \(group.place)"
      let remedy = Remedy.words(for: group.reason, stage: "capture", kind: kinds[group.source] ?? "")
      return escapeForTerminal("  \(group.count) × \(what), source \(group.source): \(example); \(remedy)")
    } + (rejections.count > 3 ? ["  \(rejections.count - 3) more reasons: millrace quarantine list"] : [])
  }

  /// "Captured 12 events (platform 7, weblog 5); 1 could not be parsed and is kept as rejected."
  var sentence: String {
    let each = sources.sorted { $0.key < $1.key }.filter { $0.value.events > 0 }.map { "\($0.key) \($0.value.events)" }
    return "Captured \(events) events" + (each.isEmpty ? "" : " (\(each.joined(separator: ", ")))") + "."
      + (rejected == 0
        ? "" : " \(rejected) source records could not be read as events; they will be in quarantine, sealed.")
      + (resent == 0 ? "" : " \(resent) records of an interrupted run were sent again.")
  }
}
