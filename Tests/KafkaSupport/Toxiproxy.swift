internal import Foundation
internal import Glibc
internal import TestSupport
package import Testing

/// A proxy before a broker that cuts, slows and swallows on request, when it lies beside the checkout (`../shared/toxiproxy`,
/// or where MILLRACE_TOXIPROXY says).
// Unchecked: its state is written once.
package final class Toxiproxy: @unchecked Sendable {
  /// nil: not on this machine.
  package static let tool: String? = {
    let path =
      ProcessInfo.processInfo.environment["MILLRACE_TOXIPROXY"]
      ?? "\(Place.root)/../shared/toxiproxy/toxiproxy-server"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }()

  /// Why tests that need it are skipped.
  package static let absence: Comment = "no ../shared/toxiproxy (or MILLRACE_TOXIPROXY), or no Apache Kafka to start"

  package enum Direction: String, Sendable {
    case upstream
    case downstream
  }

  package struct Failure: Error { package var text: String }

  private let process: ChildProcess
  private let port: Int

  package init(folder: String) throws {
    guard let tool = Toxiproxy.tool else { throw Failure(text: "no toxiproxy") }
    port = try Toxiproxy.freePort()
    process = try ChildProcess([tool, "-host", "127.0.0.1", "-port", "\(port)"], folder: folder)
    let end = Date().addingTimeInterval(20)
    while (try? call("GET", "/version")) == nil {
      guard Date() < end, !process.hasEnded else { throw Failure(text: "toxiproxy does not answer") }
      usleep(20_000)
    }
  }

  deinit {
    process.signal(SIGKILL)
    _ = process.wait()
  }

  /// Listens at `listen` (host:port) for clients of `upstream`.
  package func add(_ name: String, listen: String, upstream: String) throws {
    try call("POST", "/proxies", #"{"name": "\#(name)", "listen": "\#(listen)", "upstream": "\#(upstream)"}"#)
  }

  /// Cuts the line, or mends it.
  package func enable(_ name: String, _ isEnabled: Bool) throws {
    try call("POST", "/proxies/\(name)", #"{"enabled": \#(isEnabled)}"#)
  }

  /// `attributes` as JSON.
  package func add(toxic: String, to name: String, _ direction: Direction, _ attributes: String) throws {
    try call(
      "POST", "/proxies/\(name)/toxics",
      """
      {"name": "\(toxic)-\(direction)", "type": "\(toxic)", "stream": "\(direction)", "attributes": \(attributes)}
      """)
  }

  package func remove(toxic: String, from name: String, _ direction: Direction) throws {
    try call("DELETE", "/proxies/\(name)/toxics/\(toxic)-\(direction)")
  }

  /// A port that nobody listened at a moment ago.
  package static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
      }
    }
    guard code == 0 else { throw Failure(text: "no free port") }
    return Int(UInt16(bigEndian: address.sin_port))
  }

  private static func loopback(_ port: Int) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return address
  }

  /// One request of its HTTP interface; answers that are no success are thrown.
  @discardableResult
  private func call(_ method: String, _ path: String, _ body: String = "") throws -> String {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { Glibc.close(descriptor) }
    var address = Toxiproxy.loopback(port)
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else { throw Failure(text: "toxiproxy is not there") }
    let request = Array(
      ("\(method) \(path) HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    guard write(descriptor, request, request.count) == request.count else {
      throw Failure(text: "cannot ask toxiproxy")
    }
    var answer: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = read(descriptor, &part, part.count)
      guard count > 0 else { break }
      answer += part[..<count]
    }
    let text = String(decoding: answer, as: UTF8.self)
    guard text.split(separator: " ").dropFirst().first?.hasPrefix("2") == true else {
      throw Failure(text: "toxiproxy: \(method) \(path): \(text)")
    }
    return text
  }
}
