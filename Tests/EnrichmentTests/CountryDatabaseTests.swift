import Foundation
import TestSupport
import Testing

@testable import Enrichment

@Suite("Countries of addresses")
struct CountryDatabaseTests {
  private func country(_ text: String, _ database: CountryDatabase) -> String {
    IPAddress(text.utf8).map(database.country) ?? "no address"
  }

  @Test(
    "come from tor's data for both families",
    arguments: [
      ("8.8.8.8", "US"), ("194.109.6.66", "NL"), ("193.0.6.139", "NL"), ("200.147.35.149", "BR"), ("133.11.0.1", "JP"),
      ("2001:67c:2e8:22::c100:68b", "NL"), ("2001:200::1", "JP"), ("::ffff:200.147.35.149", "BR"),
    ])
  func known(text: String, country: String) throws {
    #expect(self.country(text, try TestData.countries.get()) == country)
  }

  @Test(
    "are unknown for addresses of nobody",
    arguments: [
      "0.0.0.0", "10.1.2.3", "127.0.0.1", "127.255.255.255", "192.168.1.1", "224.0.0.1", "255.255.255.255", "::", "::1",
      "fe80::1", "fd00::1", "ff02::1", "2001:db8::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ])
  func unknown(text: String) throws {
    #expect(country(text, try TestData.countries.get()) == "")
  }

  /// Goal: every address has the country of the line it lies in, above 128.0.0.0 too. Method: a second, naive reading
  /// of tor's text; each range's first and last address, and its neighbours outside when no range claims them.
  @Test("agree with the text at every range's ends") func rangeEnds() throws {
    let database = try TestData.countries.get()
    let special: Set = ["??", "A1", "A2", "O1", "EU", "AP", "CS", "AN"]
    var lines = 0
    var above = 0
    let text = try String(contentsOfFile: TestData.geoip, encoding: .utf8)
    for (number, line) in text.utf8.split(separator: UInt8(ascii: "\n")).enumerated() where number % 5 == 0 {
      let fields = line.split(separator: UInt8(ascii: ",")).compactMap { String($0) }
      guard fields.count == 3, let first = UInt32(fields[0]), let last = UInt32(fields[1]) else { continue }
      let expected = special.contains(fields[2]) ? "" : fields[2] == "UK" ? "GB" : fields[2]
      for address in [first, last] where database.country(of: .v4(address)) != expected {
        Issue.record("\(address): \(database.country(of: .v4(address))), expected \(expected)")
      }
      lines += 1
      if first >= 0x8000_0000 { above += 1 }
    }
    #expect(lines > 70_000 && above > 20_000)
  }

  @Test("are read from small files, in gaps and at both ends of the space", .temporaryFolder) func edges() throws {
    let v4 = TemporaryFolder.path + "/geoip"
    let v6 = TemporaryFolder.path + "/geoip6"
    let text4 = "# head\n0,255,US\n2147483647,2147483648,DE\n2147483700,2147483800,??\n4294967295,4294967295,UK\r\n"
    let text6 =
      "::,::ff,A1\n2001:db8::1,2001:db8::2,BR\n2001:db8::3,2001:db8::3,EU\n2001:db8::4,2001:db8::9,FR\n"
      + "ffff::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,JP\n"
    try Data(text4.utf8).write(to: URL(fileURLWithPath: v4))
    try Data(text6.utf8).write(to: URL(fileURLWithPath: v6))
    let database = try CountryDatabase(paths: [v4, v6])
    let expected = [
      ("0.0.0.0", "US"), ("0.0.0.255", "US"), ("0.0.1.0", ""), ("127.255.255.254", ""), ("127.255.255.255", "DE"),
      ("128.0.0.0", "DE"), ("128.0.0.1", ""), ("128.0.0.60", ""), ("255.255.255.254", ""), ("255.255.255.255", "GB"),
      ("::1", ""), ("2001:db8::", ""), ("2001:db8::1", "BR"), ("2001:db8::2", "BR"), ("2001:db8::3", ""),
      ("2001:db8::9", "FR"), ("2001:db8::a", ""), ("fffe::", ""), ("ffff::1", "JP"),
      ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "JP"),
    ]
    for (text, country) in expected { #expect(self.country(text, database) == country, "\(text)") }
    #expect(try CountryDatabase(paths: [v6, v4]).version == database.version)
    let alone = try CountryDatabase(paths: [v4])
    #expect(country("2001:db8::1", alone) == "")
    #expect(alone.version != database.version)
  }

  @Test("are refused when a file is no such file", .temporaryFolder) func refusals() throws {
    let path = TemporaryFolder.path + "/geoip"
    let missing = #expect(throws: EnrichmentError.self) { try CountryDatabase(paths: [path]) }
    #expect(missing?.hint.contains("Debian package tor-geoipdb") == true)
    #expect(throws: EnrichmentError.self) { try CountryDatabase(paths: []) }
    let texts = [
      "": "holds no ranges", "# only\n": "holds no ranges", "1,2\n": "line 1: no range",
      "1,2,USA\n": "line 1: no range",
      "2,1,US\n": "line 1: the ranges are not in order", "1,5,US\n# c\n4,9,DE\n": "line 3: the ranges are not in order",
      "1,4294967296,US\n": "line 1: no range", "-1,2,US\n": "line 1: no range", "::1,5,US\n": "line 1: no range",
      "::2,::1,US\n": "not in order", "\u{0}\u{1}\u{2}": "line 1: no range",
    ]
    for (text, cause) in texts {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: EnrichmentError.self) { try CountryDatabase(paths: [path]) }
      #expect(error?.cause.contains(cause) == true, "\(error?.cause ?? "")")
    }
    let tree = TemporaryFolder.path + "/x.mmdb"
    let noTree = #expect(throws: EnrichmentError.self) { try CountryDatabase(paths: [tree]) }
    #expect(noTree?.hint.contains("GeoLite2") == true)
    try Data("no tree".utf8).write(to: URL(fileURLWithPath: tree))
    #expect(throws: EnrichmentError.self) { try CountryDatabase(paths: [tree]) }
    #expect(throws: EnrichmentError.self) { try CountryDatabase(paths: [tree, path]) }
  }

  /// Goal: two independent sources, read by different code, mostly agree; a shift by one or a signed comparison would
  /// halve the agreement. Method: random addresses, IPv6 from the part
  /// that Europe hands out (most of the rest is empty); data of different days and registries differ a little.
  @Test(
    "agree between tor's text and a tree",
    .enabled(if: TestData.shared("geoip/geo-whois-asn-country.mmdb") != nil, "the shared sample .mmdb is not here"))
  func agreement() throws {
    let path = try #require(TestData.shared("geoip/geo-whois-asn-country.mmdb"))
    let tree = try CountryDatabase(paths: [path])
    let tor = try TestData.countries.get()
    var generator = SeededGenerator(seed: 1)
    var counts = (both: [0, 0], equal: [0, 0])
    for index in 0..<40_000 {
      let family = index % 2
      let address =
        family == 0
        ? IPAddress.v4(UInt32.random(in: 0...UInt32.max, using: &generator))
        : IPAddress.v6(high: UInt64.random(in: 0x2a00 << 48...0x2a10 << 48, using: &generator), low: 1)
      let (one, other) = (tor.country(of: address), tree.country(of: address))
      guard !one.isEmpty, !other.isEmpty else { continue }
      counts.both[family] += 1
      if one == other { counts.equal[family] += 1 }
    }
    print(
      "tor and tree know and agree: IPv4 \(counts.equal[0]) of \(counts.both[0]),",
      "IPv6 \(counts.equal[1]) of \(counts.both[1]),",
      "ranges: tor \(tor.rangeCounts), tree \(tree.rangeCounts)")
    #expect(counts.both[0] > 5_000 && counts.equal[0] * 10 > counts.both[0] * 8)
    #expect(counts.both[1] > 1_000 && counts.equal[1] * 10 > counts.both[1] * 8)
    #expect(country("8.8.8.8", tree) == "US")
    #expect(country("127.0.0.1", tree) == "")
    #expect(country("::8.8.8.8", tree) == "")
  }

  /// Goal: a damaged tree ends in an error or in a database, never in a trap. Method: seeded damage to the sample.
  @Test(
    "survive a damaged tree", .temporaryFolder,
    .enabled(if: TestData.shared("geoip/geo-whois-asn-country.mmdb") != nil, "the shared sample .mmdb is not here"))
  func damagedTree() throws {
    let sample = try Data(
      contentsOf: URL(fileURLWithPath: try #require(TestData.shared("geoip/geo-whois-asn-country.mmdb"))))
    let path = TemporaryFolder.path + "/x.mmdb"
    var generator = SeededGenerator(seed: 6)
    for round in 0..<3 {
      var bytes = round == 0 ? sample.prefix(sample.count / 2) + sample.suffix(2_000) : sample
      for _ in 0..<(round * 200) {
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      if let database = try? CountryDatabase(paths: [path]) { _ = country("8.8.8.8", database) }
    }
  }
}
