internal import Glibc

/// A file that is written once, from its beginning, or grown at its end.
struct OutputFile: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []
  /// Large enough that the calls do not show, small enough to stay in the cache.
  private static let bufferSize = 1 << 18

  enum Way {
    /// The file must not be there yet.
    case create
    case append
  }

  init(_ path: String, _ way: Way) throws(SimulatorError) {
    let flags = way == .create ? O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC : O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
    // Logs are world-readable on most servers; these hold only invented people.
    descriptor = open(path, flags, 0o644)
    self.path = path
    guard descriptor >= 0 else { throw OutputFile.failure("open", path) }
    buffer.reserveCapacity(OutputFile.bufferSize + 4_096)
  }

  deinit { close(descriptor) }

  mutating func write(_ body: (inout [UInt8]) -> Void) throws(SimulatorError) {
    body(&buffer)
    if buffer.count >= OutputFile.bufferSize { try flush() }
  }

  /// Hands everything to the system. What is not flushed when the value goes is lost.
  mutating func flush() throws(SimulatorError) {
    var written = 0
    while written < buffer.count {
      let count = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw OutputFile.failure("write", path) }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }

  static func rename(_ path: String, to target: String) throws(SimulatorError) {
    guard Glibc.rename(path, target) == 0 else { throw failure("rename", path) }
  }

  static func remove(_ path: String) throws(SimulatorError) {
    guard unlink(path) == 0 || errno == ENOENT else { throw failure("delete", path) }
  }

  private static func failure(_ operation: String, _ path: String) -> SimulatorError {
    SimulatorError(
      operation: "\(operation) \(path)", cause: String(cString: strerror(errno)),
      hint: "check the folder's permissions and the disk's free space")
  }
}
