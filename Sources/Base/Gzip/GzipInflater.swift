internal import CZlib

/// Unpacks the bytes of a .gz file piece by piece. Owns its zlib object. Members that follow one another are one text,
/// as gunzip has it; zero bytes behind the last are nothing.
package struct GzipInflater: ~Copyable {
  /// What a step has come to.
  package enum State: Sendable, Equatable {
    /// Goes on with more input, or more room.
    case goesOn
    /// A member has ended: what follows is another one, or nothing.
    case memberEnded
    /// These bytes are no gzip.
    case damaged
  }

  /// zlib keeps the address, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private let isReady: Bool
  private var isBetweenMembers = false

  /// At the beginning of a file.
  package init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    isReady = millrace_inflate_gzip(stream) == Z_OK
  }

  deinit {
    if isReady { inflateEnd(stream) }
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Takes bytes from `input` and writes what they unpack to into `output`; answers how many were taken and written.
  package mutating func inflate(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> (taken: Int, given: Int, state: State) {
    guard isReady else { return (0, 0, .damaged) }
    var skipped = 0
    if isBetweenMembers {
      while skipped < input.count, input[skipped] == 0 { skipped += 1 }
      if skipped == input.count { return (skipped, 0, .memberEnded) }
      guard inflateReset(stream) == Z_OK else { return (skipped, 0, .damaged) }
      isBetweenMembers = false
    }
    let rest = UnsafeRawBufferPointer(rebasing: input[skipped...])
    let inputCount = min(rest.count, Int(UInt32.max >> 1))
    let outputCount = min(output.count, Int(UInt32.max >> 1))
    // zlib does not write to its input; its type has no const.
    stream.pointee.next_in = UnsafeMutablePointer(
      mutating: rest.baseAddress?.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(inputCount)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(outputCount)
    let code = CZlib.inflate(stream, Z_NO_FLUSH)
    let taken = skipped + inputCount - Int(stream.pointee.avail_in)
    let given = outputCount - Int(stream.pointee.avail_out)
    switch code {
    case Z_STREAM_END:
      isBetweenMembers = true
      return (taken, given, .memberEnded)
    // No progress is possible without more input or room.
    case Z_OK, Z_BUF_ERROR: return (taken, given, .goesOn)
    default: return (taken, given, .damaged)
    }
  }
}
