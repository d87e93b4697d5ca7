import Capture
import CaptureSupport
import Entity
import Events
import Money
import Privacy
import TestSupport
import Testing

@testable import ShopSources

/// What servers and their owners write besides the plain combined format.
@Suite("Formats of web logs", .temporaryFolder)
struct LineFormatTests {
  private let rest = "[30/Nov/2026:00:10:00 +0000] \"GET /a HTTP/1.1\" 200 10 \"-\" \"Firefox\""

  private func event(_ line: String, takesCommon: Bool = true) throws -> PendingEvent {
    let bench = try Bench()
    var builder = RequestBuilder(
      router: try Router(bench.keyring), logins: SystemScope("platform", first: "platform"), countries: nil)
    builder.takesCommon = takesCommon
    return Array(line.utf8).withUnsafeBufferPointer { builder.event(of: $0, stream: "test", offset: 7) }
  }

  private func request(_ line: String) throws -> WebRequest<Person>? {
    guard case .webRequest(let request) = try event(line).payload else { return nil }
    return request
  }

  private func detail(_ line: String, takesCommon: Bool = true) throws -> String? {
    guard case .rejected(let rejected) = try event(line, takesCommon: takesCommon).payload else { return nil }
    #expect(rejected.reason == "weblog.unparsable")
    return rejected.detail
  }

  @Test(
    "name the client by an address, with a port or without, by a host name, or by a list of forwarded addresses",
    arguments: [
      ("8.8.8.8", "8.8.8.8", "8.8.8.0/24"), ("8.8.8.8:51234", "8.8.8.8", "8.8.8.0/24"),
      ("2001:db8::17", "2001:db8::17", "2001:db8::/48"), ("[2001:db8::17]:443", "2001:db8::17", "2001:db8::/48"),
      ("[2001:db8::17]", "2001:db8::17", "2001:db8::/48"), ("fe80::1%eth0", "fe80::1", "fe80::/48"),
      ("dsl-17.provider.example", "dsl-17.provider.example", ""), ("localhost", "localhost", ""),
      ("8.8.8.8, 10.0.0.5", "8.8.8.8", "8.8.8.0/24"), ("8.8.8.8,10.0.0.5", "8.8.8.8", "8.8.8.0/24"),
      ("10.1.2.3, 8.8.4.4, 10.0.0.5", "8.8.4.4", "8.8.4.0/24"), ("unknown, 8.8.4.4", "8.8.4.4", "8.8.4.0/24"),
      ("192.168.0.7, 10.0.0.5", "192.168.0.7", "192.168.0.0/24"),
      ("fd00::1, 2001:db8::7", "2001:db8::7", "2001:db8::/48"),
      ("100.64.3.2, 172.31.0.1, 9.9.9.9:80", "9.9.9.9", "9.9.9.0/24"),
    ])
  func clients(field: String, ip: String, prefix: String) throws {
    let request = try #require(try request("\(field) - - \(rest)"))
    #expect(request.ip.bytes == Array(ip.utf8) && request.ipPrefix == prefix && request.user == nil)
    #expect(request.path == "/a" && request.userAgent == "Firefox")
  }

  @Test(
    "are rejected where a field stands before the referrer, or referrer and agent are exchanged",
    arguments: [
      (#""shop.example" "-" "Firefox""#, false), (#""http.example" "-" "Firefox""#, false),
      (#""shop.example" "https://www.google.com/" "Firefox""#, false),
      (#""Mozilla/5.0 (X11)" "https://www.google.com/""#, false), (#""Mozilla/5.0" "-" "1.2.3.4""#, false),
      // People with odd referrers, and programs without an agent.
      (#""shop.example" "Firefox""#, true), (#""shop.example" "-""#, true), (#""-" "https://bot.example/""#, true),
      (#""/a" "http://bot.example/""#, true), (#""android-app://x/" "Firefox" "1.2.3.4""#, true),
      (#""about:blank" "https://bot.example/" "1.2.3.4""#, true), (#""https://x.example/" "-" "1.2.3.4""#, true),
    ])
  func movedFields(tail: String, isRead: Bool) throws {
    let line = #"8.8.8.8 - - [17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 10 "# + tail
    #expect(try detail(line) == (isRead ? nil : "referrer"))
  }

  @Test(
    "are rejected where the first field is neither",
    arguments: [
      "-", "999.1.1.1", "8.8.8", "8.8.8.8:port", "a..b", "-a.example", "shop.example:443", "8.8.8.8,evil", "8.8.8.8, -",
      "unknown, unknown", "<script>", "[8.8.8.8]:80", "8.8.8.8/24", "caf\u{e9}.example", "1:2:3", "\"8.8.8.8\"",
    ])
  func noClient(field: String) throws {
    #expect(try detail("\(field) - - \(rest)") != nil)
  }

  @Test(
    "with a virtual host before the client are read by their client",
    arguments: [
      "shop.example:443 8.8.8.8 - alpha", "shop.example 8.8.8.8 - alpha", "127.0.1.1:80 8.8.8.8 - alpha",
      "[2001:db8::1]:443 8.8.8.8 - alpha", "_ 8.8.8.8 - alpha", "shop.example:80 8.8.8.8, 10.0.0.5 - alpha",
      "shop.example:80 8.8.8.8 - \"alpha\"",
    ])
  func virtualHosts(head: String) throws {
    let request = try #require(try request("\(head) \(rest) 1234"))
    #expect(request.ip.bytes == Array("8.8.8.8".utf8) && request.user?.bytes == Array("alpha".utf8))
  }

  @Test(
    "with four fields of which the first is no virtual host are rejected",
    arguments: [
      "8.8.8.8 10.0.0.5 - -", "8.8.8.8 - John Smith", "host.example - John Smith", "a:1 b - - -", "- 8.8.8.8 - -",
    ])
  func noVirtualHost(head: String) throws {
    #expect(try detail("\(head) \(rest)") == "user")
  }

  @Test("may be common; what ends there in a log of longer lines was cut") func common() throws {
    let line = "8.8.8.8 - alpha [30/Nov/2026:00:10:00 +0000] \"GET /a HTTP/1.1\" 200 10"
    let request = try #require(try request(line))
    #expect(request.status == 200 && request.bytes == 10 && request.userAgent == "" && request.referrer == "")
    #expect(try detail(line, takesCommon: false) == "referrer")
    // Not common, and not combined: fields between that only the server's configuration explains.
    #expect(try detail(line + " 0.003 \"-\" \"Firefox\"") == "referrer")
    #expect(try detail(line + " \"-\"") == "agent")
  }

  /// Goal: a cut line never passes for one of the common format. Method: logs that begin as either, read from their start
  /// and on from a stored position by another process.
  @Test("are a log's own: its first line says whether short lines are whole") func firstLine() throws {
    let short = "8.8.8.8 - - [30/Nov/2026:00:10:00 +0000] \"GET /a HTTP/1.1\" 200 10\n"
    let long = "8.8.8.8 - - \(rest)\n"
    for (first, rejections) in [(long, 2), (short, 0)] {
      let bench = try Bench(weblog: true)
      try bench.appendToLog(first + short)
      try bench.capture()
      try bench.appendToLog(long + short)
      try bench.capture()
      #expect(try bench.rejections().count == rejections)
    }
  }

  @Test(
    "that are not read are refused by their names",
    arguments: [
      ("{\"remote_addr\": \"8.8.8.8\"}", "JSON"), ("#Fields: date time s-ip cs-method", "W3C"),
      ("2026-11-30 00:10:00 10.0.0.1 GET /a - 443 - 8.8.8.8", "W3C"),
      ("<190>Nov 30 00:10:00 web nginx: 8.8.8.8 - - [30/Nov/2026:00:10:00 +0000] \"GET / HTTP/1.1\" 200 1", "syslog"),
      (
        "Nov 30 00:10:00 web nginx: 8.8.8.8 - - [30/Nov/2026:00:10:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"-\"",
        "syslog"
      ),
      ("2026/11/30 00:10:00 [error] 17#17: *1 open() failed", "error log of nginx"),
      ("[Mon Nov 30 00:10:00.123 2026] [core:error] [pid 7] AH00124", "error log of Apache"),
      ("https 2026-11-30T00:10:00.186641Z app/lb 8.8.8.8:2817 10.0.0.1:80", "AWS load balancer"),
    ])
  func refused(line: String, name: String) throws {
    #expect(try detail(line)?.contains("looks like") == true && detail(line)?.contains(name) == true)
  }
}
