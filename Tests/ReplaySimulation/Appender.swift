import EmbeddedLog
import EventLog

/// Appends record after record to a log of its own, whatever comes of it, and tells what did; for a disk that fails.
package enum Appender {
  /// Calls `tell` with "kept OFFSET" or "refused KIND" for each append.
  package static func run(folder: String, appends: Int, tell: (String) -> Void) throws {
    let log = try EmbeddedLog(folder: folder)
    let partition = TopicPartition("proof", 0)
    try log.ensureTopic(partition.topic, partitions: 1)
    for number in 0..<appends {
      var builder = BatchBuilder(partition: partition)
      _ = builder.append(key: [1], value: [UInt8(truncatingIfNeeded: number)], origin: nil, timestampMillis: 1)
      guard let batch = builder.finish() else { continue }
      do throws(LogError) {
        for range in try log.append([batch]) { tell("kept \(range.baseOffset)") }
      } catch {
        tell("refused \(error.kind)")
      }
    }
  }

  /// Records that a later process finds. Throws where the log is damaged.
  package static func count(folder: String) throws -> Int64 {
    try EmbeddedLog(folder: folder).verify(anchors: [:]) { _, _ in }.records
  }
}
