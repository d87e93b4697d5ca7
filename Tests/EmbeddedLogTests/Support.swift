import EmbeddedLog
import EventLog
import SQLite
import Testing

/// A small log in `folder`: two partitions, some batches of a few short records each.
func makeSmallLog(_ folder: String, batches: Int = 3, recordsPerBatch: Int = 2) throws -> [TopicPartition: [LogAnchor]]
{
  let log = try EmbeddedLog(folder: folder)
  try log.ensureTopic("small", partitions: 2)
  var anchors: [TopicPartition: [LogAnchor]] = [:]
  for number in 0..<batches {
    for partition in try log.partitions(of: "small") {
      let batch = try smallBatch(partition, from: number * recordsPerBatch, count: recordsPerBatch)
      let range = try #require(try log.append([batch]).first)
      anchors[partition, default: []].append(try #require(range.anchor))
    }
  }
  return anchors
}

func smallBatch(_ partition: TopicPartition, from start: Int, count: Int) throws -> EncodedBatch {
  var builder = BatchBuilder(partition: partition)
  for number in start..<start + count {
    let taken = builder.append(
      key: [UInt8(truncatingIfNeeded: number)], value: Array("v\(number)".utf8), origin: [1, 2],
      timestampMillis: Int64(1_000 + number))
    #expect(taken)
  }
  let batch = builder.finish()
  return try #require(batch)
}

/// Changes the log's file behind its back, as an accident would.
func tamper(_ folder: String, _ sql: String, _ values: [Value] = []) throws {
  try Database(folder + "/log.sqlite", .readWrite).run(sql, values)
}

@discardableResult
func verify(_ folder: String, anchors: [TopicPartition: [LogAnchor]] = [:]) throws -> LogVerification {
  try EmbeddedLog(folder: folder, readOnly: true).verify(anchors: anchors) { _, _ in }
}
