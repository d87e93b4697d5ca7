import Concurrency
import Entity
import EventLog
import Events
import Marts
import Projections
import SQLite
import Telemetry
import TestSupport
import Testing

@testable import Pipeline

@Suite("What a mart's pipeline tells of its work", .temporaryFolder) struct PipelineTelemetryTests: ReplaySuite {
  private let lines = Lines()
  private let metrics = Metrics()

  private var logger: Logger {
    Logger(format: .logfmt, level: .debug, nowMillis: { 0 }, write: { [lines] in lines.add($0) })
  }

  /// Lines without time and mart.
  private func told() -> [String] {
    lines.all.map { line in
      #expect(line.hasPrefix("time=1970-01-01T00:00:00.000Z level=") && line.contains(" mart=toy"), "\(line)")
      return String(line.dropFirst("time=1970-01-01T00:00:00.000Z level=".count)).replacing(" mart=toy", with: "")
        .replacing("message=", with: "").replacing("\"", with: "").replacing("\n", with: "")
    }
  }

  private func project(_ world: World, log: (any LogReader)? = nil, until rule: StopRule = .atEnd(nil)) throws {
    try World.pipeline(.toy, folder: world.folder, log: log, logger: logger, metrics: metrics).run(until: rule)
  }

  /// Goal: whoever reads the log sees what is left out and where to look. Method: two refused events, one that is
  /// none, a duplicate and a good one.
  @Test("quarantined events are a line for each stage and reason, and a batch is none") func quarantine() throws {
    let world = try World()
    for id: Int64 in [1, 2] { try world.add(world.event(world.line(id, quantity: 66), on: orders[0]), to: orders[0]) }
    world.addRaw([0xff], origin: EventOrigin(source: "platform", epoch: 1, number: 3).encoded, to: orders[0])
    let good = world.event(world.line(3, quantity: 1), on: orders[1])
    for _ in 0..<2 { try world.add(good, to: orders[1]) }
    try world.cutAll()
    try project(world)
    #expect(
      Set(told()) == [
        "info events were quarantined generation=1 stage=fold reason=toy.refused events=2",
        "info events were quarantined generation=1 stage=decode reason=event.undecodable events=1",
      ])
    let count = lines.all.count
    try project(world)
    #expect(lines.all.count == count, "nothing new, so nothing to tell")
    let text = metrics.prometheusText()
    for line in [
      "events_total{mart=\"toy\"} 5", "duplicates_total{mart=\"toy\"} 1", "batches_total{mart=\"toy\"} 1",
      "quarantined_total{mart=\"toy\",stage=\"fold\"} 2", "quarantined_total{mart=\"toy\",stage=\"decode\"} 1",
      "retries_total{mart=\"toy\"} 0",
    ] { #expect(text.contains("millrace_pipeline_\(line)\n"), "\(line) in \(text)") }
  }

  @Test("more reasons than anybody reads are counted, not told") func manyReasons() {
    let telemetry = PipelineTelemetry("toy", logger, metrics)
    let groups = (0..<100).map { QuarantineCount(stage: "capture", reason: "row.\($0)", count: 2) }
    telemetry.absorbed(MartCounts(eventsIn: 200, quarantined: 200), groups, generation: 1)
    #expect(lines.all.count == PipelineLimits.toldReasons)
    #expect(metrics.prometheusText().contains("quarantined_total{mart=\"toy\",stage=\"capture\"} 200\n"))
  }

  /// Goal: a fault that lasts is one line, not one a second, and its end is one too. Method: the tries of a broker that is
  /// away, as the pipeline tells them.
  @Test("a fault that passes is told when it begins and when it is over, and each try is counted") func retries() {
    let telemetry = PipelineTelemetry("toy", logger, metrics)
    let fault = PipelineError(.log, mart: "toy", cause: "cannot read", hint: "", isPassing: true)
    for attempt in 1...3 { telemetry.retries(fault, attempt: attempt, afterMilliseconds: 1_000 * attempt) }
    telemetry.goesOn(afterAttempts: 3)
    #expect(
      told() == [
        "warning cannot go on and tries again kind=log cause=cannot read attempt=1 milliseconds=1000",
        "debug cannot go on and tries again kind=log cause=cannot read attempt=2 milliseconds=2000",
        "debug cannot go on and tries again kind=log cause=cannot read attempt=3 milliseconds=3000",
        "info goes on attempts=3",
      ])
    #expect(metrics.prometheusText().contains("millrace_pipeline_retries_total{mart=\"toy\"} 3\n"))
  }

  /// Goal: the same, as a live run does it. Method: a log that fails once, and a wish to stop when the events are in.
  @Test("a live run that meets a fault says so, and that it goes on") func liveRetry() throws {
    let world = try filled(20)
    let failing = FailingOnce(world.log)
    let stop = StopFlag()
    let pipeline = try World.pipeline(.toy, folder: world.folder, log: failing, logger: logger, metrics: metrics) {
      if $0.counts.eventsIn > 0 { stop.ask() }
    }
    try pipeline.run(until: .whenAsked(stop))
    let lines = told()
    #expect(lines.first?.hasPrefix("warning cannot go on and tries again kind=log") == true, "\(lines)")
    #expect(lines.contains("info goes on attempts=1"), "\(lines)")
    #expect(metrics.prometheusText().contains("millrace_pipeline_retries_total{mart=\"toy\"} 1\n"))
  }

  @Test("a projector that makes way says so, and when it has the mart again") func handOver() throws {
    let world = try filled(50)
    try world.project()
    let stop = StopFlag()
    let (folder, directory, logger, metrics) = (world.folder, world.directory(), logger, metrics)
    let isAtWork = StopFlag()
    let projector = WorkThread.run("projector") {
      let job = MartRuntime.Job(mart: "toy", handOver: HandOver(directory), logger: logger, metrics: metrics) {
        let pipeline = try World.pipeline(.toy, folder: folder)
        isAtWork.ask()
        return pipeline
      }
      return try MartRuntime.run([job], until: .whenAsked(stop))[0].result.get()
    }
    while !isAtWork.isAsked { StopFlag().pause(milliseconds: 1) }
    try HandOver(directory).ask(of: 1, withinMilliseconds: 60_000) { #expect($0) }
    while lines.all.count < 2 { StopFlag().pause(milliseconds: 1) }
    stop.ask()
    _ = try projector.wait()
    let lines = told()
    #expect(lines.first == "info makes way at the end of a batch: another process asked for the mart")
    #expect(lines.last?.hasPrefix("info has the mart again milliseconds=") == true, "\(lines)")
    #expect(metrics.prometheusText().contains("millrace_pipeline_hand_over_seconds_count{mart=\"toy\"} 1\n"))
  }

  @Test("each step of a replay is a line, and so is a generation that is not put to use") func steps() throws {
    let world = try filled(50)
    try world.project()
    var setup = world.setup()
    setup.logger = logger
    setup.metrics = metrics
    let reached = Lock<[ReplayStep]>([])
    setup.step = { step in reached.withLock { $0.append(step) } }
    #expect(try replay(setup).isSwapped)
    let steps = reached.withLock { $0 }
    #expect(steps.contains(.aligned) && steps.last == .retired)
    let begun = told().filter { $0.contains("step") }
    #expect(
      begun
        == steps.map { "info a replay has reached a step generation=\($0 == .preflight ? 0 : 2) step=\($0.rawValue)" })
    #expect(metrics.prometheusText().contains("replay_steps_total{mart=\"toy\",step=\"swapped\"} 1\n"))

    try Database(world.directory().path(of: 2), .readWrite).execute("UPDATE toy_products SET units = units + 1")
    #expect(try replay(setup).refusal != nil)
    #expect(
      told().last == "info a replayed generation is not put to use by itself generation=3 differing_tables=1")
    #expect(metrics.prometheusText().contains("millrace_pipeline_replays_refused_total{mart=\"toy\"} 1\n"))
  }

  /// Goal: nothing of a person is in a log line, at any level. Method: canaries in good events and in such that each
  /// stage leaves out, a projection and a replay of them.
  @Test("no log line of a pipeline or a replay holds personal data") func canaries() throws {
    let world = try World()
    func add(_ payload: Payload<Person>, from other: TopicPartition? = nil) throws {
      let (value, origin) = try world.encoded(world.event(payload, on: weblog[0]), for: other ?? weblog[0])
      world.addRaw(value, origin: origin, to: weblog[0])
    }
    try add(world.request("198.51.100.77"))
    try add(world.request("198.51.100.77"), from: weblog[1])
    try add(
      .rejected(Rejected(reason: "row.badNumber", detail: "canary-detail", raw: PersonalData("canary-raw"))))
    world.addRaw(Array("canary@canary.example".utf8), origin: Array("canary".utf8), to: weblog[0])
    try world.cutAll()
    try project(world)
    var setup = world.setup()
    setup.logger = logger
    _ = try replay(setup)
    let text = lines.all.joined()
    for word in ["stage=capture", "stage=decode", "step=swapped"] { #expect(text.contains(word), "\(word): \(text)") }
    for canary in ["canary", "198.51.100", "maria"] { #expect(!text.contains(canary), "\(canary): \(text)") }
  }
}

/// A log whose first read fails as with a broker that is away.
// Unchecked: the log behind it serves any number of threads, and the flag is one that threads may share.
private final class FailingOnce: LogReader, @unchecked Sendable {
  private let log: any LogReader
  private let hasFailed = StopFlag()

  init(_ log: any LogReader) { self.log = log }

  var logID: String { log.logID }
  func topics() throws(LogError) -> [String] { try log.topics() }
  func partitions(of topic: String) throws(LogError) -> [TopicPartition] { try log.partitions(of: topic) }
  func bounds(of partition: TopicPartition) throws(LogError) -> LogBounds { try log.bounds(of: partition) }
  func read(_ partition: TopicPartition, from offset: Offset, maximumBytes: Int) throws(LogError) -> RecordBatch {
    if !hasFailed.isAsked {
      hasFailed.ask()
      throw LogError(.unavailable, operation: "read", partition: partition, cause: "planted", hint: "")
    }
    return try log.read(partition, from: offset, maximumBytes: maximumBytes)
  }
  func anchor(of partition: TopicPartition, at nextOffset: Offset) throws(LogError) -> LogAnchor? {
    try log.anchor(of: partition, at: nextOffset)
  }
  func check(_ anchor: LogAnchor, of partition: TopicPartition) throws(LogError) -> AnchorCheck {
    try log.check(anchor, of: partition)
  }
}
