internal import Dispatch

/// `transform` of every index 0 ..< count, on all cores; the result does not depend on how work was spread. Blocks
/// until all are done. `transform` must depend on its index alone.
func parallelMap<Result: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> Result) -> [Result] {
  guard count > 0 else { return [] }
  // Few large pieces: threads cost more than small rows do.
  let pieces = min(count, 16)
  var parts = [[Result]](repeating: [], count: pieces)
  parts.withUnsafeMutableBufferPointer { buffer in
    // Each piece writes its own element only.
    nonisolated(unsafe) let slots = buffer
    DispatchQueue.concurrentPerform(iterations: pieces) { piece in
      slots[piece] = (piece * count / pieces..<(piece + 1) * count / pieces).map(transform)
    }
  }
  return parts.flatMap { $0 }
}
