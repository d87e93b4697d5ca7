package import EventLog
import Testing

/// What every log must do, whatever it is made of. Each check is a function of a log under test; run all of them:
///
///     @Test("the log keeps the contract", .temporaryFolder, arguments: LogContract.checks)
///     func keepsContract(check: LogContract.Check) throws {
///       try check.run(LogUnderTest(prefix: "a") { try MyLog(…) })
///     }
package enum LogContract {
  package typealias Log = any LogReader & LogWriter

  package struct Check: Sendable, CustomTestStringConvertible {
    package let name: String
    let body: @Sendable (LogUnderTest) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (LogUnderTest) throws -> Void) {
      self.name = name
      self.body = body
    }

    package var testDescription: String { name }
    package func run(_ log: LogUnderTest) throws { try body(log) }
  }

  package static let checks: [Check] = topicChecks + orderChecks + positionChecks + appendChecks
}

/// Where logs may differ and still keep the contract.
package struct LogCapabilities: Sendable {
  /// Anchors are digests of single records, so one stands at every offset; else at the ends of batches only.
  package var anchorsEveryRecord = false
  package init() {}
}

/// A log that a check may open several times, each time as another process would.
package struct LogUnderTest {
  /// Begins every topic's name, so that checks can share a broker.
  package let prefix: String
  package let capabilities: LogCapabilities
  private let opener: () throws -> LogContract.Log

  package init(
    prefix: String, capabilities: LogCapabilities = LogCapabilities(), _ opener: @escaping () throws -> LogContract.Log
  ) {
    self.prefix = prefix
    self.capabilities = capabilities
    self.opener = opener
  }

  package func open() throws -> LogContract.Log { try opener() }
}

/// A record as the checks write and expect it.
struct Sample: Equatable, Sendable {
  var key: [UInt8]
  var value: [UInt8]?
  var origin: [UInt8]?
  var timestampMillis: Int64

  init(_ number: Int, timestampMillis: Int64 = 1_700_000_000_000) {
    key = Array("key \(number)".utf8)
    value = Array("value \(number)".utf8)
    origin = Array("origin \(number)".utf8)
    self.timestampMillis = timestampMillis + Int64(number)
  }
}

extension Sample {
  init(_ record: RecordBatch.Record, in batch: RecordBatch) {
    self.init(0)
    key = Array(batch.bytes[record.key])
    value = record.value.map { Array(batch.bytes[$0]) }
    origin = record.origin.map { Array(batch.bytes[$0]) }
    timestampMillis = record.timestampMillis
  }
}

func encoded(_ samples: [Sample], for partition: TopicPartition) throws -> EncodedBatch {
  var builder = BatchBuilder(partition: partition)
  for sample in samples {
    let taken = builder.append(
      key: sample.key, value: sample.value, origin: sample.origin, timestampMillis: sample.timestampMillis)
    #expect(taken)
  }
  let batch = builder.finish()
  return try #require(batch)
}

func samples(_ numbers: Range<Int>) -> [Sample] { numbers.map { Sample($0) } }

/// Everything from `offset` on, read in steps; checks that offsets are contiguous. Asks for the log's end first: a reader
/// on another machine hears of new records a little later, but must give all that it was told of.
func readAll(
  _ log: any LogReader, _ partition: TopicPartition, from offset: Offset = 0, maximumBytes: Int = 1 << 20
) throws -> [Sample] {
  var result: [Sample] = []
  var next = offset
  _ = try log.bounds(of: partition)
  while true {
    let batch = try log.read(partition, from: next, maximumBytes: maximumBytes)
    #expect(batch.partition == partition)
    for record in batch.records {
      try #require(record.offset == next)
      next += 1
      result.append(Sample(record, in: batch))
    }
    if batch.records.isEmpty { return result }
  }
}

/// The error that `body` throws, or nil.
func errorKind(_ body: () throws -> Void) -> LogError.Kind? {
  do {
    try body()
    return nil
  } catch { return (error as? LogError)?.kind }
}
