internal import Capture
internal import Files
internal import Workspace

extension Command {
  /// `millrace capture`: sources → log.
  static let capture = Command(
    "capture", "read the changes of all sources into the log",
    discussion: """
      Reads the sources named in millrace.yaml: a first snapshot of the platform database and then its changes, access logs
      across rotation, lead and spend sheets by comparison with what they held before. Personal data are sealed before
      they enter the log. A source that cannot be read holds up no other: live, it is tried again, and `millrace status`
      says what it waits for; with --once the others are read to their end, then millrace ends with that source's error.
      The first capture of a database adds a change table and triggers to it; --uninstall takes them out again.
      Interrupted at any moment, the next capture goes on where this one stood. One capture per workspace.
      """,
    options: [
      .init("once", "stop when all sources are read to their end (default: go on until Ctrl-C or SIGTERM)"),
      .init("acknowledge-breaks", "forget the historyBroken notes that status shows; see docs/operations.md"),
      .init("uninstall", "remove the change table and triggers from the platform database, and stop"),
    ],
    examples: ["millrace capture --once", "millrace capture"]
  ) { invocation in
    let workspace = try Workspace(invocation)
    let configuration = try workspace.configuration()
    if invocation.has("uninstall") {
      guard let path = configuration.source(.sqlite)?.place else {
        throw Failure(.configuration, "millrace.yaml lists no source of kind sqlite to remove triggers from")
      }
      // A capture under way would put them back at its next look, and take a new snapshot.
      let lock = try LockFile.tryLock("\(workspace.folder)/capture.lock")
      if lock == nil {
        throw Failure(.locked, "a capture works on this workspace; stop it before its triggers are removed")
      }
      try TriggerInstaller.remove(workspace.resolve(path))
      _ = consume lock
      Output.line("Removed Millrace's change table and triggers from \(path).")
      return .ok
    }
    let stop = StopRequest.onSignals()
    let session = try workspace.captureSession(configuration, stop: stop.flag, waits: !invocation.has("once"))
    if invocation.has("acknowledge-breaks") { try session.acknowledgeBreaks() }
    let job = try JobRun(workspace.ledger(), job: "capture")
    session.tellTroubles(to: job)
    if let broken = job.resumes { Output.note("Going on after run \(broken), which broke.") }
    let line = ProgressLine("capture")
    let tell: @Sendable (CaptureProgress) -> Void = { progress in
      job.count("\(progress.source).events", Int64(progress.events))
      line.update(label: progress.source, count: Int64(progress.events), share: progress.share)
    }
    // What was captured is said also when a source could not be read.
    defer {
      line.finish()
      Output.line(session.counts.sentence)
    }
    try job.track {
      if !invocation.has("once") {
        Output.note("Capturing until Ctrl-C.")
      }
      defer { session.counts.report(to: job) }
      _ =
        try invocation.has("once")
        ? session.runOnce(stop: { stop.isRequested }, progress: tell)
        : session.run(until: { stop.isRequested }, progress: tell)
    }
    if invocation.has("once"), stop.isRequested {
      Output.note("Stopped before the end; the next capture goes on from here.")
    }
    return .ok
  }
}

extension CaptureSession {
  /// Lets `runs` show what sources wait for.
  func tellTroubles(to job: JobRun) { tellTroubles { [weak job] in job?.remark($0, $1) } }
}

extension CaptureCounts {
  func report(to job: JobRun) {
    job.count("events", Int64(events))
    job.count("rejected", Int64(sources.values.reduce(0) { $0 + $1.rejected }))
    job.count("heartbeats", Int64(sources.values.reduce(0) { $0 + $1.heartbeats }))
    job.count("resent", Int64(resent))
    for (name, source) in sources { job.count("\(name).events", Int64(source.events)) }
  }

  var events: Int { sources.values.reduce(0) { $0 + $1.events } }

  /// "Captured 12 events (platform 7, weblog 5); 1 could not be parsed and is kept as rejected."
  var sentence: String {
    let each = sources.sorted { $0.key < $1.key }.filter { $0.value.events > 0 }.map { "\($0.key) \($0.value.events)" }
    let rejected = sources.values.reduce(0) { $0 + $1.rejected }
    return "Captured \(events) events" + (each.isEmpty ? "" : " (\(each.joined(separator: ", ")))") + "."
      + (rejected == 0
        ? "" : " \(rejected) source records could not be read as events; they will be in quarantine, sealed.")
      + (resent == 0 ? "" : " \(resent) records of an interrupted run were sent again.")
  }
}
