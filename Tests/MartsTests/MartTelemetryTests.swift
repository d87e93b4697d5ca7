import Concurrency
import Files
import SQLite
import Telemetry
import TestSupport
import Testing

@testable import Marts

@Suite("What a mart tells of its generations", .temporaryFolder) struct MartTelemetryTests {
  private let lines = Lines()
  private let metrics = Metrics()

  private var directory: MartDirectory {
    let lines = lines
    let logger = Logger(format: .logfmt, level: .debug, nowMillis: { 0 }, write: { lines.add($0) })
    return MartDirectory(marts: TemporaryFolder.path + "/marts", name: "toy", logger: logger, metrics: metrics)
  }

  private func open(generation: Int? = nil) throws(MartError) -> MartWriter {
    try MartWriter(directory, generation: generation, schema: toySchema, identity: toyIdentity)
  }

  /// The lines since the last call, without time and mart.
  private func told(after count: inout Int) -> [String] {
    let all = lines.all
    defer { count = all.count }
    return all[count...].map { line in
      #expect(line.hasPrefix("time=1970-01-01T00:00:00.000Z level=") && line.contains(" mart=toy"))
      return String(line.dropFirst("time=1970-01-01T00:00:00.000Z level=".count)).replacing(" mart=toy", with: "")
        .replacing("message=", with: "").replacing("\"", with: "").replacing("\n", with: "")
    }
  }

  @Test("openings, checkpoints, swaps and deletions are a line each, and are counted") func life() throws {
    var count = 0
    do {
      let writer = try open()
      #expect(
        told(after: &count) == [
          "debug generation made generation=1 owner_epoch=1", "debug checkpoint generation=1",
          "info the first generation is put to use generation=1 before=0",
        ])
      var ledger = try writer.ledger()
      try absorb(1...3, into: writer, &ledger)
      #expect(told(after: &count).isEmpty, "a batch is no event worth a line")
      try writer.close()
      #expect(told(after: &count) == ["debug checkpoint generation=1"])
    }
    try open(generation: 2).close()
    _ = told(after: &count)
    try directory.makeCurrent(2)
    try directory.makeCurrent(2)
    #expect(told(after: &count) == ["info another generation is put to use generation=2 before=1"], "once")
    #expect(try directory.delete(1))
    #expect(told(after: &count) == ["info generation deleted generation=1"])
    let text = metrics.prometheusText()
    #expect(text.contains("millrace_mart_checkpoints_total{mart=\"toy\"} 3"), "\(text)")
    #expect(text.contains("millrace_mart_swaps_total{mart=\"toy\"} 2"), "\(text)")
  }

  @Test("a checkpoint that readers keep back and a generation that somebody reads are told") func readers() throws {
    var count = 0
    let writer = try open()
    var ledger = try writer.ledger()
    let reader = try MartReader(directory)
    _ = told(after: &count)
    try reader.snapshot { database in
      _ = try database.integer("SELECT count(*) FROM sums")
      try absorb(1...3, into: writer, &ledger)
      #expect(try !writer.close())
    }
    #expect(told(after: &count) == ["debug readers keep a checkpoint from finishing generation=1"])
    #expect(metrics.prometheusText().contains("millrace_mart_checkpoints_kept_back_total{mart=\"toy\"} 1"))
    try open(generation: 2).close()
    let other = try MartReader(directory, generation: 2)
    _ = told(after: &count)
    try other.snapshot { database in
      _ = try database.integer("SELECT count(*) FROM sums")
      #expect(try !directory.delete(2))
    }
    #expect(
      told(after: &count) == [
        "info a generation that is to be deleted stays, since somebody reads it generation=2"
      ])
  }

  @Test("a writer that is asked to make way is told of, and so is one that does not") func handOver() throws {
    var count = 0
    try open().close()
    let writer = try open()
    _ = told(after: &count)
    #expect(kind { try HandOver(directory).ask(of: 1, withinMilliseconds: 20) { _ in } } == .locked)
    withExtendedLifetime(writer) {}
    let lines = told(after: &count)
    #expect(lines.first == "info asking the generation's writer to make way generation=1" && lines.count == 2)
    #expect(
      lines.last?.hasPrefix("warning the generation's writer does not make way generation=1 milliseconds=") == true)
    #expect(metrics.prometheusText().contains("millrace_mart_hand_over_seconds_count{mart=\"toy\"} 0"))
  }

  @Test("how long a writer took to make way is told and counted") func madeWay() throws {
    var count = 0
    try open().close()
    _ = told(after: &count)
    let before = count
    let held = Lock(try LockFile.tryLock(directory.lockPath(of: 1)))
    let lines = lines
    let writer = WorkThread.run("writer") {
      while lines.all.count == before { StopFlag().pause(milliseconds: 1) }
      held.withLock { $0 = nil }
    }
    try HandOver(directory).ask(of: 1, withinMilliseconds: 60_000) { #expect($0) }
    try writer.wait()
    let news = told(after: &count)
    #expect(news.first == "info asking the generation's writer to make way generation=1" && news.count == 2)
    #expect(news.last?.hasPrefix("info the generation's writer has made way generation=1 milliseconds=") == true)
    #expect(metrics.prometheusText().contains("millrace_mart_hand_over_seconds_count{mart=\"toy\"} 1"))
  }

  /// Goal: whoever reads the log sees why a projector stopped. Method: another opening raises the owner epoch, as a writer
  /// does that took over from one that lost its lock.
  @Test("a writer that was replaced says so") func fenced() throws {
    var count = 0
    let writer = try open()
    var ledger = try writer.ledger()
    try Database(directory.path(of: 1), .readWrite).execute("UPDATE millrace_owner SET owner_epoch = 9")
    _ = told(after: &count)
    #expect(kind { try absorb(1...3, into: writer, &ledger) } == .fenced)
    #expect(
      told(after: &count) == ["warning another writer has taken the generation over generation=1 owner_epoch=1"])
  }
}
