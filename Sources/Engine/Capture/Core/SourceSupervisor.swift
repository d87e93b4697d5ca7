internal import Concurrency
internal import EventLog
internal import Money
internal import SQLite
internal import Telemetry

/// Keeps one source going: decides what is tried again and when, and tells what the source waits for. Works on a thread
/// of its own (`CaptureSession.supervise`); `lookAfter` alone may be called from another.
// Unchecked: the session and the variables belong to the supervisor's thread; gate, trouble and telemetry are safe from
// any.
final class SourceSupervisor: @unchecked Sendable {
  /// One run of a capture.
  struct Run: Sendable {
    /// Answers whether the capture is to end.
    var stopping: @Sendable () -> Bool
    /// Set when another source met what ends the run for all.
    var ending: StopFlag
    var progress: @Sendable (CaptureProgress) -> Void
    var clock: @Sendable () -> Timestamp

    var mustStop: Bool { ending.isAsked || stopping() }

    /// Rests in short naps, so that a request to stop is heard soon.
    func rest(milliseconds: Int) {
      let end = Monotonic.millis + Int64(milliseconds)
      while !mustStop {
        let rest = end - Monotonic.millis
        if rest <= 0 { return }
        ending.pause(milliseconds: Int(min(rest, 50)))
      }
    }
  }

  let session: SourceSession
  let trouble: TroubleNote
  private let outbox: Outbox
  private let delivery: DeliveryLine
  private let telemetry: SourceTelemetry

  init(
    _ session: SourceSession, trouble: TroubleNote, outbox: Outbox, delivery: DeliveryLine, telemetry: SourceTelemetry
  ) {
    self.session = session
    self.trouble = trouble
    self.outbox = outbox
    self.delivery = delivery
    self.telemetry = telemetry
  }

  var name: String { session.source.name }

  // MARK: To the end

  /// Reads the source until it has nothing more, then tells its partitions so. `looked` is called after the first
  /// round. Throws the source's own error, or one of what all share.
  func runOnce(_ run: Run, looked: () -> Void) throws {
    defer { looked() }
    let began = run.clock()
    do {
      _ = try session.drain(until: nil, stop: { run.mustStop }, run.progress)
      looked()
      try drainWhatSettles(run)
      try session.sendHeartbeats(silentSince: nil)
      try trouble.clear(at: run.clock())
    } catch let failure as SourceFailure {
      try trouble.raise(failure.text, since: began)
      throw failure.error
    }
  }

  /// What was written a moment ago is only left for later when it keeps changing.
  private func drainWhatSettles(_ run: Run) throws {
    let deadline = Monotonic.millis + CaptureLimits.settlingMillis + 200
    while Monotonic.millis < deadline, !run.mustStop {
      guard session.notes?.contains(where: { $0.kind == .waiting }) ?? false else { return }
      run.rest(milliseconds: 100)
      _ = try session.drain(until: nil, stop: { run.mustStop }, run.progress)
    }
  }

  // MARK: Live

  /// Follows the source until the run stops. Errors of the source, and a log that cannot be reached, are met by trying
  /// again with growing pauses; throws what ends the capture as a whole.
  func follow(_ run: Run, pollMillis: Int, looked: () -> Void) throws {
    defer { looked() }
    var backoff = Backoff(first: CaptureLimits.firstRetryMillis, longest: CaptureLimits.longestRetryMillis)
    var isRetry = true
    while !run.mustStop {
      let began = run.clock()
      do {
        // At the start and after every error: something may wait in the outbox.
        if isRetry { try delivery.resend() }
        isRetry = false
        let pace = try session.drain(
          until: Monotonic.millis + CaptureLimits.turnMillis, stop: { run.mustStop }, run.progress)
        looked()
        try session.sendHeartbeats(
          silentSince: Timestamp(millis: run.clock().millis - CaptureLimits.heartbeatMillis))
        try trouble.clear(at: run.clock())
        backoff.reset()
        if pace == .isIdle {
          try outbox.settle()
          run.rest(milliseconds: pollMillis)
        }
      } catch let failure as SourceFailure {
        try trouble.raise(failure.text, since: began)
        isRetry = true
        pauseBeforeRetry(&backoff, run, looked)
      } catch  where Self.isPassing(error) {
        isRetry = true
        pauseBeforeRetry(&backoff, run, looked)
      }
    }
  }

  private func pauseBeforeRetry(_ backoff: inout Backoff, _ run: Run, _ looked: () -> Void) {
    looked()
    telemetry.retries.add()
    run.rest(milliseconds: backoff.next())
  }

  /// Whether an error of what all sources share may pass by itself. Positions are untouched and finished bytes wait in
  /// the outbox either way.
  private static func isPassing(_ error: any Error) -> Bool {
    switch error {
    // The broker restarts, or the line is cut; the delivery line says so.
    case let error as LogError: error.kind == .unavailable
    // Another program looks into capture.sqlite or the vault for longer than a statement waits.
    case let error as SQLiteError: error.isBusy
    // Wrong settings, full disks and damage do not mend themselves, and trying again would hide them.
    default: false
    }
  }

  // MARK: From outside

  /// Tells of a source that has not answered for `silentMillis`. It goes on by itself when it does.
  func lookAfter(at moment: Timestamp, _ silentMillis: Int64) throws {
    guard let waiting = session.gate.waitingMillis, waiting >= silentMillis else { return }
    guard !trouble.isRaised else { return }
    try trouble.raise(
      "\(session.source.place) does not answer; look what holds it up: its disk or network, or another program",
      since: Timestamp(millis: moment.millis - waiting))
  }
}
