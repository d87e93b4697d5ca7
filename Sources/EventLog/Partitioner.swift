/// The partition of a key: murmur2 as the Java client computes it, so that other producers agree.
package enum Partitioner {
  package static func partition(of key: [UInt8], among partitions: Int32) -> Int32 { fatalError("contract") }
}
