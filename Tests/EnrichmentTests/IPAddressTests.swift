import Foundation
import TestSupport
import Testing

@testable import Enrichment

@Suite("An IP address")
struct IPAddressTests {
  @Test(
    "is read from its text",
    arguments: [
      ("0.0.0.0", IPAddress.v4(0)), ("127.255.255.255", .v4(0x7fff_ffff)), ("128.0.0.0", .v4(0x8000_0000)),
      ("255.255.255.255", .v4(.max)), ("203.0.113.9", .v4(0xcb00_7109)), ("::", .v6(high: 0, low: 0)),
      ("::1", .v6(high: 0, low: 1)), ("1::", .v6(high: 0x0001_0000_0000_0000, low: 0)),
      ("2001:db8:1:2:3:4:5:6", .v6(high: 0x2001_0db8_0001_0002, low: 0x0003_0004_0005_0006)),
      ("2001:DB8::A", .v6(high: 0x2001_0db8_0000_0000, low: 10)),
      ("1:2:3:4:5:6:7::", .v6(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0007_0000)),
      ("::ffff:203.0.113.9", .v4(0xcb00_7109)), ("::ffff:cb00:7109", .v4(0xcb00_7109)),
      ("64:ff9b::1.2.3.4", .v6(high: 0x0064_ff9b_0000_0000, low: 0x0102_0304)),
    ])
  func reads(text: String, address: IPAddress) {
    #expect(IPAddress(text.utf8) == address)
    #expect(IPAddress(Array(text.utf8)) == address)
    // A collection without contiguous bytes takes the slow way.
    #expect(IPAddress(Array(text.utf8).lazy.map { $0 }) == address)
  }

  @Test(
    "is not read from anything else",
    arguments: [
      "", " ", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", " 1.2.3.4", "01.2.3.4", "1.2.3.00", "1..2.3",
      ".1.2.3.4",
      "1.2.3.4.", "1.2.3.-4", "0x7f.0.0.1", "1.2.3.4:80", "2130706433", ":", ":::", ":1", "1:", "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::g", "fe80::1%eth0", "[::1]", "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "::1.2.3.4:5", "::1.2.3.256", "localhost", "1.2.3.4\0", "\u{664}.1.1.1",
      "0000000000000000000000000000000000000000000000000::1",
    ])
  func refuses(text: String) {
    #expect(IPAddress(text.utf8) == nil)
    #expect(IPAddress(Array(text.utf8).lazy.map { $0 }) == nil)
  }

  /// Goal: the scanner agrees with the system's. Method: seeded texts near the border of what is an address, against
  /// `inet_pton`; some of both kinds must occur.
  @Test("means what inet_pton says") func agreesWithSystem() {
    var generator = SeededGenerator(seed: 4)
    let parts = ["0", "1", "12", "255", "256", "1.2.3.4", ":", "::", ".", "ffff", "abcde", "2001", "db8", "00", "F"]
    var accepted = 0
    for _ in 0..<60_000 {
      var text = ""
      let separator = [":", ".", ""].randomElement(using: &generator) ?? ""
      for index in 0..<Int.random(in: 1...9, using: &generator) {
        text += (index > 0 ? separator : "") + (parts.randomElement(using: &generator) ?? "")
      }
      var v4 = in_addr()
      var v6 = in6_addr()
      var expected: IPAddress?
      if inet_pton(AF_INET, text, &v4) == 1 {
        expected = .v4(UInt32(bigEndian: v4.s_addr))
      } else if inet_pton(AF_INET6, text, &v6) == 1 {
        let (high, low) = withUnsafeBytes(of: &v6) {
          (
            UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
            UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
          )
        }
        expected =
          high == 0 && low >> 32 == 0xffff ? .v4(UInt32(truncatingIfNeeded: low)) : .v6(high: high, low: low)
      }
      #expect(IPAddress(text.utf8) == expected, "\(text)")
      if expected != nil { accepted += 1 }
    }
    #expect(accepted > 500 && accepted < 59_000)
  }

  @Test(
    "is cut to a network",
    arguments: [
      ("203.0.113.9", "203.0.113.0/24"), ("255.255.255.255", "255.255.255.0/24"), ("0.0.0.7", "0.0.0.0/24"),
      ("10.20.100.1", "10.20.100.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("2001:db8::3", "2001:db8::/48"),
      ("2001:0:1::", "2001:0:1::/48"), ("::1", "::/48"), ("ffff:ffff:ffff:ffff::", "ffff:ffff:ffff::/48"),
      ("0:0:10::", "0:0:10::/48"), ("::ffff:9.8.7.6", "9.8.7.0/24"),
    ])
  func prefix(text: String, prefix: String) {
    #expect(IPAddress(text.utf8)?.truncatedPrefix == prefix)
  }
}
