import EventLog
import KafkaLog
import Testing

/// Records whose number is their content, for one partition.
func encoded(_ numbers: Range<Int>, for partition: TopicPartition, bytes: Int = 0) throws -> EncodedBatch {
  var builder = BatchBuilder(partition: partition)
  for number in numbers {
    let taken = builder.append(
      key: Array("k\(number)".utf8), value: Array("\(number)".utf8) + [UInt8](repeating: 0x20, count: bytes),
      origin: Array("o\(number)".utf8), timestampMillis: 1_700_000_000_000 + Int64(number))
    #expect(taken)
  }
  let batch = builder.finish()
  return try #require(batch)
}

/// A record as read: its offset and the number in it.
struct Read: Equatable {
  var offset: Offset
  var number: Int
}

/// All records from `offset` up to the end that the broker tells. Offsets rise.
func readAll(_ log: any LogReader, _ partition: TopicPartition, from offset: Offset = 0) throws -> [Read] {
  var found: [Read] = []
  var next = offset
  let end = try log.bounds(of: partition).next
  while next < end {
    let batch = try log.read(partition, from: next, maximumBytes: 1 << 20)
    for record in batch.records {
      try #require(record.offset >= next)
      next = record.offset + 1
      let text = record.value.map { String(decoding: batch.bytes[$0], as: UTF8.self) } ?? ""
      found.append(Read(offset: record.offset, number: Int(text.prefix { $0 != " " }) ?? -1))
    }
    next = try #require(batch.nextOffset, "nothing at \(next), below the end at \(end)")
  }
  return found
}

/// What a reader that drops repeated numbers keeps: each number once, in order of first appearance.
func numbers(_ records: [Read]) -> [Int] {
  var seen: Set<Int> = []
  return records.map(\.number).filter { seen.insert($0).inserted }
}
