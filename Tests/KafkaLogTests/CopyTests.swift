import EventLog
import EventLogContract
import KafkaLog
import KafkaSupport
import Testing

@Suite("A copy on Kafka")
struct CopyTests {
  let cluster = MockCluster()
  let partition = TopicPartition("orders", 0)

  /// Records whose original offsets are those given.
  private func batch(_ offsets: [Int64]) -> RecordBatch {
    var batch = RecordBatch(partition: partition, bytes: [], records: [])
    for offset in offsets {
      let start = batch.bytes.count
      batch.bytes += Array("\(offset)".utf8)
      batch.records.append(
        RecordBatch.Record(
          offset: Offset(offset), timestampMillis: offset - 5, key: start..<start, value: start..<batch.bytes.count,
          origin: nil
        ))
    }
    return batch
  }

  /// Goal: positions of the original mean the same in the copy. Method: originals with holes; every offset translated and
  /// compared with the naive answer. Times before 1970 survive, which Kafka itself cannot hold.
  @Test("original offsets are kept in a header, and every one is translated") func translates() throws {
    let log = try cluster.open()
    try log.ensureTopic(partition.topic, partitions: 1)
    #expect(try log.copiedUpTo(partition) == nil)
    #expect(try log.translate(7, of: partition) == 0)
    let originals: [Int64] = [3, 4, 5, 9, 10, 20, 21, 22, 40]
    try log.appendCopy([batch(Array(originals[..<4]))])
    #expect(try log.copiedUpTo(partition) == 10)
    let again = try cluster.open()
    try again.appendCopy([batch(Array(originals[4...]))])
    #expect(try log.copiedUpTo(partition) == 41)
    for original in 0...45 as ClosedRange<Int64> {
      let expected = Offset(Int64(originals.firstIndex { $0 >= original } ?? originals.count))
      #expect(try log.translate(Offset(original), of: partition) == expected, "\(original)")
    }
    let read = try again.read(partition, from: 0, maximumBytes: 1 << 20)
    #expect(read.records.map(\.timestampMillis) == originals.prefix(read.records.count).map { $0 - 5 })
    #expect(try readAll(again, partition).map(\.number) == originals.map { Int($0) })
  }

  @Test("topics that were captured into are no copy") func notACopy() throws {
    let log = try cluster.open()
    try log.ensureTopic(partition.topic, partitions: 1)
    _ = try log.append([encoded(0..<3, for: partition)])
    #expect(try logError { _ = try log.copiedUpTo(partition) }.kind == .configuration)
  }
}
