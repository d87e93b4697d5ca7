package import Foundation
internal import Glibc

/// A real process started by a test, with posix_spawn rather than Foundation.Process: that one hands down the signal mask of
/// whatever thread it is called on, and a child of a task's thread then never sees SIGTERM.
package final class ChildProcess: @unchecked Sendable {
  package struct Result: Sendable {
    /// Exit code, or 128 + the signal that ended it.
    package var status: Int32
    package var output: String
    package var errors: String
    package var outputBytes: Data
    package var errorBytes: Data
  }

  package let identifier: pid_t
  private let outputFile: String
  private let errorFile: String
  private var finished: Int32?

  /// Starts `words[0]` (a path). Output goes to files, so that no pipe can fill up.
  package init(_ words: [String], environment: [String: String] = [:], folder: String) throws {
    let name = UUID().uuidString
    outputFile = "\(folder)/\(name).out"
    errorFile = "\(folder)/\(name).err"

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var nothing = sigset_t()
    sigemptyset(&nothing)
    posix_spawnattr_setsigmask(&attributes, &nothing)
    var defaults = sigset_t()
    sigfillset(&defaults)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var variables = ProcessInfo.processInfo.environment
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables.merge(environment) { $1 }
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var settings: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for pointer in arguments + settings { free(pointer) } }
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, words[0], &actions, &attributes, &arguments, &settings)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
    self.identifier = identifier
  }

  package func signal(_ number: Int32) { _ = Glibc.kill(identifier, number) }

  /// Whether the process has ended by now.
  package var hasEnded: Bool {
    if finished != nil { return true }
    var status: Int32 = 0
    guard waitpid(identifier, &status, WNOHANG) == identifier else { return false }
    finished = status
    return true
  }

  /// What the process has written to standard error until now.
  package var errorsSoFar: String {
    String(decoding: FileManager.default.contents(atPath: errorFile) ?? Data(), as: UTF8.self)
  }

  /// Waits for the end (blocking).
  package func wait() -> Result {
    var status = finished ?? 0
    if finished == nil {
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      finished = status
    }
    let signal = status & 0x7f
    let output = FileManager.default.contents(atPath: outputFile) ?? Data()
    let errors = FileManager.default.contents(atPath: errorFile) ?? Data()
    return Result(
      status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self), outputBytes: output, errorBytes: errors)
  }

  package static func run(_ words: [String], environment: [String: String] = [:], folder: String) throws -> Result {
    try ChildProcess(words, environment: environment, folder: folder).wait()
  }
}

/// Where things are during a test run.
package enum Place {
  /// The package's root folder.
  package static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// The millrace executable of this very build.
  package static let millrace = tool("millrace")

  /// An executable of this very build: it lies beside the test bundle.
  package static func tool(_ name: String) -> String {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    let folder = URL(fileURLWithPath: bundle).deletingLastPathComponent().path
    let beside = "\(folder)/\(name)"
    return FileManager.default.isExecutableFile(atPath: beside) ? beside : "\(root)/.build/debug/\(name)"
  }

  /// The folder of real sample data, when it is there: beside the checkout, or where MILLRACE_SHARED_DATA says.
  package static let sharedData: String? = {
    let folder = ProcessInfo.processInfo.environment["MILLRACE_SHARED_DATA"] ?? "\(root)/../shared/data"
    return FileManager.default.fileExists(atPath: folder) ? folder : nil
  }()

  /// Whether tests must not skip for want of a peer that can be had (CI).
  package static let peersRequired = ProcessInfo.processInfo.environment["MILLRACE_REQUIRE_PEERS"] != nil
  /// Whether the long form of campaigns runs.
  package static let long = ProcessInfo.processInfo.environment["MILLRACE_LONG"] != nil
}
