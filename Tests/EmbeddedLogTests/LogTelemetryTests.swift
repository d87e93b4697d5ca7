import Concurrency
import EventLog
import Files
import Telemetry
import TestSupport
import Testing

@testable import EmbeddedLog

@Suite("What the embedded log tells of its work", .temporaryFolder) struct LogTelemetryTests {
  private let lines = Lines()
  private let metrics = Metrics()
  private let partition = TopicPartition("small", 0)

  private func open() throws -> EmbeddedLog {
    let lines = lines
    let logger = Logger(format: .logfmt, level: .debug, nowMillis: { 0 }, write: { lines.add($0) })
    let log = try EmbeddedLog(folder: TemporaryFolder.path, logger: logger, metrics: metrics)
    try log.ensureTopic("small", partitions: 1)
    return log
  }

  @Test("a checkpoint is a line, and an append is none") func checkpoint() throws {
    let log = try open()
    for number in 0..<5 { _ = try log.append([smallBatch(partition, from: number, count: 2)]) }
    #expect(lines.all.isEmpty)
    let bytes = log.uncheckpointedBytes
    try log.checkpoint()
    #expect(
      lines.all == [
        "time=1970-01-01T00:00:00.000Z level=debug message=\"log.sqlite: checkpoint\" bytes=\(bytes)\n"
      ])
    let text = metrics.prometheusText()
    #expect(text.contains("millrace_log_checkpoints_total 1"), "\(text)")
    #expect(text.contains("millrace_log_lock_wait_seconds_count 6"), "a topic and five appends: \(text)")
  }

  /// Goal: a slow append explains itself. Method: another owner keeps the lock until the append has certainly waited.
  @Test("a long wait for another process that appends is a line") func waiting() throws {
    let log = try open()
    let lock = try LockFile(opening: TemporaryFolder.path + "/log.lock")
    let isHeld = Lock(false)
    let other = WorkThread.run("other process") {
      try lock.withLock {
        isHeld.change { $0 = true }
        StopFlag().pause(milliseconds: Int(EmbeddedLogLimits.toldWaitMilliseconds) + 100)
      }
    }
    isHeld.change(afterWaitingWhile: { !$0 }, { _ in })
    _ = try log.append([smallBatch(partition, from: 0, count: 1)])
    try other.wait()
    #expect(lines.all.count == 1)
    #expect(
      lines.all.first?.contains("level=info message=\"log.sqlite: waited for another process that appends\" mill")
        == true, "\(lines.all)")
  }
}
