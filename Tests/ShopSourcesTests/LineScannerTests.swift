import Capture
import CaptureSupport
import Entity
import Events
import Foundation
import Money
import Privacy
import TestSupport
import Testing

@testable import ShopSources

@Suite("Lines of a web log")
struct LineScannerTests {
  private func event(_ line: [UInt8]) throws -> PendingEvent {
    let bench = try Bench()
    var builder = RequestBuilder(
      router: try Router(bench.keyring), logins: SystemScope("platform", first: "platform"), countries: nil)
    return line.withUnsafeBufferPointer { builder.event(of: $0, stream: "test", offset: 7) }
  }

  private func request(_ line: String) throws -> WebRequest<Person> {
    guard case .webRequest(let request) = try event(Array(line.utf8)).payload else {
      throw CaptureError(.source, operation: "test", cause: "rejected: \(line)", hint: "")
    }
    return request
  }

  private func line(request: String = "GET / HTTP/1.1", user: String = "-", referrer: String = "-", agent: String = "a")
    -> String
  {
    "198.51.100.7 - \(user) [01/Feb/2026:23:59:59 +0545] \"\(request)\" 200 12 \"\(referrer)\" \"\(agent)\""
  }

  @Test("an ordinary line gives all its parts", .temporaryFolder)
  func ordinary() throws {
    let text =
      "2001:db8::17 - maria [17/May/2015:10:05:03 -0300] \"GET /a/b?x=1&utm_source=google&utm_medium=cpc&utm_campaign="
      + "spring%20sale HTTP/1.1\" 404 512 \"https://news.example/p?q=secret#f\" \"Mozilla/5.0 (X11)\""
    let event = try event(Array(text.utf8))
    #expect(event.occurredAt == Timestamp("2015-05-17T13:05:03Z"))
    #expect(event.position == SourcePosition(stream: "test", record: 7))
    let request = try request(text)
    #expect(request.method == "GET" && request.path == "/a/b" && request.status == 404 && request.bytes == 512)
    #expect(request.referrer == "https://news.example/p" && request.userAgent == "Mozilla/5.0 (X11)")
    #expect(request.utmSource == "google" && request.utmMedium == "cpc" && request.utmCampaign == "spring sale")
    #expect(request.ip.bytes == Array("2001:db8::17".utf8) && request.user?.bytes == Array("maria".utf8))
    #expect(request.ipPrefix == "2001:db8::/48" && request.country == "")
  }

  /// Goal: what browsers and attackers write inside the quotes ends up as text, never as structure.
  @Test("escapes are undone and hostile bytes become replacement characters", .temporaryFolder)
  func escapes() throws {
    #expect(try request(line(agent: #"say \"hi\" \\ \x41"#)).userAgent == #"say "hi" \ A"#)
    #expect(try request(line(agent: #"caf\xc3\xa9"#)).userAgent == "café")
    #expect(try event(Array(line(agent: #"caf\xc3\xa9"#).utf8)).flags.isEmpty)
    for hostile in [#"a\x1b[31m"#, #"a\x00b"#, #"a\xffb"#, #"tab\tb"#, #"c1\xc2\x9b31m"#] {
      let event = try event(Array(line(agent: hostile).utf8))
      #expect(event.flags == ["userAgent.invalidBytes"], "\(hostile)")
      #expect(try request(line(agent: hostile)).userAgent.unicodeScalars.contains("\u{fffd}"))
    }
    let raw = try event(Array(line(agent: "AGENT").utf8).map { $0 == UInt8(ascii: "G") ? 0xfe : $0 })
    #expect(raw.operation == .create || raw.operation == .rejected)
    let nul = try event(Array(line(agent: "a\u{0}b").utf8))
    #expect(nul.flags == ["userAgent.invalidBytes"])
    // Backslashes that begin no escape stay.
    #expect(try request(line(agent: #"\q \x4 \xg1 C:\dir"#)).userAgent == #"\q \x4 \xg1 C:\dir"#)
  }

  @Test("a hyphen, empty quotes and quoted names are users as they should be; a bare blank is none", .temporaryFolder)
  func users() throws {
    #expect(try request(line()).user == nil)
    #expect(try request(line(user: "\"\"")).user == nil)
    #expect(try request(line(user: "\"-\"")).user == nil)
    #expect(try request(line(user: "\"John Smith\"")).user?.bytes == Array("John Smith".utf8))
    #expect(try request(line(user: "\"x [y] z\"")).user?.bytes == Array("x [y] z".utf8))
    #expect(try request(line(user: "x[y]z")).user?.bytes == Array("x[y]z".utf8))
    for user in ["John Smith", "x [y] z", "- -", "- alpha", "\"a\" b", "a \"b\"", "\"a"] {
      #expect(try event(Array(line(user: user).utf8)).operation == .rejected, "\(user)")
    }
  }

  @Test("requests that are none still count", .temporaryFolder)
  func oddRequests() throws {
    for odd in ["-", #"\x16\x03\x01"#, "", "GET", "\u{1}"] {
      #expect(try request(line(request: odd)).method == "", "\(odd)")
    }
    #expect(try request(line(request: "GET /old")).path == "/old")
    #expect(try request(line(request: "GET http://host.example/p?x HTTP/1.1")).path == "/p")
    #expect(try request(line(request: "GET /with space HTTP/1.1")).path == "/with space")
    let dash = "1.2.3.4 - - [01/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 304 - \"-\" \"-\""
    #expect(try request(dash).bytes == 0 && request(dash).userAgent == "" && request(dash).referrer == "")
  }

  /// Goal: a request is counted although its line was cut in the last field: nothing that is counted is missing. The public
  /// sample holds such a line.
  @Test("a line cut in its user agent is a request, flagged", .temporaryFolder, arguments: ["", "cut", "a\\\""])
  func cutAgent(_ agent: String) throws {
    let event = try event(
      Array("1.2.3.4 - - [01/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 7 \"-\" \"\(agent)".utf8))
    #expect(event.operation == .create && event.flags == ["userAgent.truncated"])
    guard case .webRequest(let request) = event.payload else { return }
    #expect(request.bytes == 7 && request.status == 200)
  }

  @Test(
    "what is no line is rejected with its reason",
    .temporaryFolder,
    arguments: [
      "", " ", "garbage", "1.2.3.4", "1.2.3.4 - -", "1.2.3.4 - - [",
      "1.2.3.4 - - [31/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"a\"",
      "1.2.3.4 - - [01/Foo/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"a\"",
      "1.2.3.4 - - [01/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1",
      "1.2.3.4 - - [01/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" ",
      "1.2.3.4 - - [01/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" cut",
      "1.2.3.4 - - [01/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 20x 1 \"-\" \"a\"",
      "1.2.3.4 - - [01/Feb/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 99999999999999999999 \"-\" \"a\"",
    ])
  func rejected(_ text: String) throws {
    let event = try event(Array(text.utf8))
    #expect(event.operation == .rejected)
    guard case .rejected(let rejected) = event.payload else { return }
    #expect(rejected.reason == "weblog.unparsable" && rejected.raw?.bytes == Array(text.utf8))
  }

  /// Goal: no input traps. Method: cut a good line at every byte and change every byte to hostile ones.
  @Test("no cut and no changed byte traps", .temporaryFolder)
  func mutations() throws {
    let bench = try Bench()
    var builder = RequestBuilder(
      router: try Router(bench.keyring), logins: SystemScope("platform", first: "platform"), countries: nil)
    let good = Array(
      line(request: "GET /a?utm_source=%41%4 HTTP/1.1", user: "u", referrer: "http://a.b/c?d", agent: #"m \x41"#).utf8)
    for end in 0...good.count {
      _ = good[..<end].withUnsafeBufferPointer { builder.event(of: $0, stream: "", offset: 0) }
    }
    for index in good.indices {
      for byte in [0, 0x20, 0x22, 0x5b, 0x5c, 0x5d, 0x80, 0xff] as [UInt8] {
        var changed = good
        changed[index] = byte
        _ = changed.withUnsafeBufferPointer { builder.event(of: $0, stream: "", offset: 0) }
      }
    }
  }

  @Test("addresses and card numbers are taken out of paths, referrers and campaigns", .temporaryFolder)
  func scrubbing() throws {
    let card = "4111111111111111"
    #expect(try request(line(request: "GET /u/ana.perez@mail.example/x HTTP/1.1")).path == "/u/[redacted]/x")
    #expect(try request(line(request: "GET /u/ana%40mail.example HTTP/1.1")).path == "/u/[redacted]")
    #expect(try request(line(request: "GET /pay/\(card)/ok HTTP/1.1")).path == "/pay/[redacted]/ok")
    #expect(try request(line(request: "GET /pay/4111-1111-1111-1111-123 HTTP/1.1")).path.contains("4111") == false)
    #expect(try request(line(request: "GET /order/4111111111111112 HTTP/1.1")).path == "/order/4111111111111112")
    #expect(try request(line(referrer: "https://ana:pw@shop.example/a?b")).referrer.contains("pw") == false)
    let campaign = try request(line(request: "GET /?utm_campaign=ana%40mail.example+now HTTP/1.1")).utmCampaign
    #expect(campaign == "[redacted] now")
    let long = String(repeating: "x", count: 120) + card
    #expect(try request(line(request: "GET /?utm_source=\(long) HTTP/1.1")).utmSource.contains("4111") == false)
  }

  @Test("fields that are too long are cut between characters", .temporaryFolder)
  func cuts() throws {
    let agent = String(repeating: "é", count: 2_000)
    let cut = try request(line(agent: agent)).userAgent
    #expect(cut.utf8.count == 2_048 && cut.allSatisfy { $0 == "é" })
    #expect(ClearText.cut("aé", to: 2) == "a" && ClearText.cut("aé", to: 3) == "aé")
  }
}
