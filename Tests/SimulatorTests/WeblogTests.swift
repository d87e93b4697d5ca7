import Files
import Foundation
import Glibc
import Money
import TestSupport
import Testing

@testable import Simulator

@Suite(.temporaryFolder) struct WeblogTests {
  @Test("there is one file a day, and the plain one is the newest") func rotation() throws {
    let built = try Workshop.build(Workshop.plan(days: 45))
    let names = try Files.names(in: built.folder + "/weblogs")
    #expect(Set(names) == Set((0..<45).map { $0 == 0 ? "access.log" : "access.log.\($0)" }))
    for name in names {
      let bytes = try Files.read(built.folder + "/weblogs/" + name, limit: 1 << 20).bytes
      let lines = bytes.split(separator: 10).compactMap { ParsedLine(Array($0)) }
      #expect(!lines.isEmpty && bytes.last == 10)
      let date = Days.logText(Int(Workshop.until.daysSinceEpoch) - Built.age(name))
      #expect(lines.allSatisfy { $0.date == date })
      #expect(zip(lines, lines.dropFirst()).allSatisfy { $0.second <= $1.second })
    }
  }

  /// Goal: visitors come from where their address says. Method: parse addresses with the C library and compare them
  /// with the ranges' numbers, and the countries with what the truth counts.
  @Test("every address lies in a range of the visitor's country") func addresses() throws {
    let traffic = try Workshop.scene(Workshop.plan()).traffic
    var sixes = 0
    for request in traffic.requests {
      let text = traffic.addresses[Int(request.address)]
      let code = Geography.countries[Int(request.country)].code
      var four = in_addr()
      var six = in6_addr()
      if inet_pton(AF_INET, text, &four) == 1 {
        let number = UInt32(bigEndian: four.s_addr)
        #expect((Workshop.ranges.v4[code] ?? []).contains { $0.low <= number && number <= $0.high })
      } else {
        #expect(inet_pton(AF_INET6, text, &six) == 1, "\(text)")
        let number = withUnsafeBytes(of: &six) { $0.reduce(UInt128(0)) { $0 << 8 | UInt128($1) } }
        #expect((Workshop.ranges.v6[code] ?? []).contains { $0.low <= number && number <= $0.high })
        sixes += 1
      }
    }
    #expect(sixes > 0)
    let codes = Set(traffic.requests.map { Geography.countries[Int($0.country)].code })
    #expect(codes.isSuperset(of: ["US", "CA", "GB", "DE"]))
    #expect(!codes.contains("FR"), "no ranges, no visitors")
  }

  @Test("addresses are written as RFC 5952 wants them")
  func addressText() {
    #expect(AddressText.v4(3_221_225_984) == "192.0.2.0")
    #expect(AddressText.v6(1) == "::1")
    #expect(AddressText.v6(0) == "::")
    #expect(AddressText.v6(0x2001_0db8_0000_0000_0001_0000_0000_0001) == "2001:db8::1:0:0:1")
    #expect(AddressText.v6(0x2001_0db8_0000_0001_0001_0001_0001_0001) == "2001:db8:0:1:1:1:1:1")
    #expect(AddressText.v6(0x2001_0db8_0001_0000_0000_0000_0000_0000) == "2001:db8:1::")
  }

  @Test("user agents, pages and names have their weights") func weights() throws {
    var plan = Workshop.plan(days: 100, weblogLines: 20_000)
    // Everybody keeps to a browser, so shares need many people.
    plan.customers = 6_000
    let built = try Workshop.build(plan)
    let lines = try built.logLines().map { try #require(ParsedLine($0)) }
    func share(_ test: (ParsedLine) -> Bool) -> Double { Double(lines.count(where: test)) / Double(lines.count) }
    #expect(abs(share { $0.user == "-" } - 0.1) < 0.03)
    #expect(abs(share { $0.path.hasPrefix("/catalog") } - 0.4) < 0.02)
    #expect(abs(share { $0.path.hasPrefix("/products") } - 0.3) < 0.02)
    #expect(abs(share { $0.path == "/health" } - 0.15) < 0.02)
    #expect(abs(share { $0.path == "/login" } - 0.1) < 0.02)
    let signIns = lines.filter { $0.path == "/login" }
    #expect(abs(Double(signIns.count { $0.status == 401 }) / Double(signIns.count) - 0.25) < 0.04)
    for agent in Agent.usual {
      #expect(abs(share { $0.agent == agent.bytes } - Double(agent.weight) / 100) < 0.04)
    }
    #expect(lines.contains { $0.path.contains("utm_source=") })
    #expect(lines.contains { $0.referrer.contains("www.google.com") })
  }

  /// Goal: what must be rejected cannot be read by any sensible parser, and nothing else is. Method: a parser of the
  /// test's own over every line.
  @Test("unreadable lines are as many as the truth says", arguments: [0, 0.03]) func unreadable(faultRate: Double)
    throws
  {
    let built = try Workshop.build(Workshop.plan(days: 50, faultRate: faultRate))
    let lines = try built.logLines()
    let unreadable = lines.filter { ParsedLine($0) == nil }
    #expect(unreadable.count == built.counts("quarantine")["weblog.unparsable"] ?? 0)
    #expect(unreadable.isEmpty == (faultRate == 0))
    let garbled = lines.count { line in String(validating: line, as: UTF8.self) == nil || line.contains { $0 < 32 } }
    #expect(garbled == built.counts("flags")["userAgent.invalidBytes"] ?? 0)
  }

  /// Goal: the truth about traffic agrees with the files. Method: count last month's human lines in the files.
  @Test("site traffic adds up to the lines of the files") func siteTraffic() throws {
    let built = try Workshop.build(Workshop.plan(days: 80, faultRate: 0.02))
    let days = Set((0..<30).map { Days.logText(Int(Workshop.until.daysSinceEpoch) - $0) })
    let lines = try built.logLines().compactMap(ParsedLine.init).filter { days.contains($0.date) }
    let humans = lines.filter { !String(decoding: $0.agent, as: UTF8.self).contains("Googlebot") }
    func sum(_ column: String) -> Int { built.rows("site-traffic").reduce(0) { $0 + ($1[column] as? Int ?? 0) } }
    #expect(sum("requests") == humans.count)
    #expect(sum("bot_requests") == lines.count - humans.count)
    #expect(sum("bytes") == humans.reduce(0) { $0 + $1.bytes })
    #expect(sum("sign_ins") == humans.count { $0.path == "/login" && $0.status < 400 })
    #expect((1...sum("requests")).contains(sum("sessions")))
    #expect(sum("sessions") < sum("requests") / 2)
    let shares = built.rows("advertising-shares").compactMap { $0["share_bp"] as? Int }
    #expect(shares.reduce(0, +) == 10_000)
  }
}
