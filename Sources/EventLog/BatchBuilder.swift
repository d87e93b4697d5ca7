/// Collects records of one partition into an `EncodedBatch`.
package struct BatchBuilder: Sendable {
  package let partition: TopicPartition
  package private(set) var count = 0
  package init(partition: TopicPartition) { self.partition = partition }
  /// Bytes collected so far.
  package var byteCount: Int { fatalError("contract") }
  package mutating func append(
    key: [UInt8], value: [UInt8]?, origin: [UInt8], timestampMillis: Int64
  ) { fatalError("contract") }
  /// The finished batch; the builder is empty again. nil when nothing was collected.
  package mutating func finish() -> EncodedBatch? { fatalError("contract") }
}

extension RecordBatch {
  /// Takes a stored batch apart. Hostile bytes end in `.damaged`.
  package init(decoding bytes: [UInt8], partition: TopicPartition, baseOffset: Int64) throws(LogError) {
    fatalError("contract")
  }
}
