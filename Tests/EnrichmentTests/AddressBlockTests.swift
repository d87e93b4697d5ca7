import Testing

@testable import Enrichment

@Suite("A block of addresses")
struct AddressBlockTests {
  @Test(
    "has the addresses from its first to its last",
    arguments: [
      ("203.0.113.7", 1, "203.0.113.7", "203.0.113.7"), ("203.0.113.7/32", 1, "203.0.113.7", "203.0.113.7"),
      ("203.0.113.0/24", 256, "203.0.113.0", "203.0.113.255"),
      ("203.0.113.128/25", 128, "203.0.113.128", "203.0.113.255"),
      ("203.0.113.254/31", 2, "203.0.113.254", "203.0.113.255"), ("10.1.0.0/16", 65_536, "10.1.0.0", "10.1.255.255"),
      ("255.255.0.0/16", 65_536, "255.255.0.0", "255.255.255.255"), ("0.0.0.0/31", 2, "0.0.0.0", "0.0.0.1"),
      ("2001:DB8::7", 1, "2001:db8:0:0:0:0:0:7", "2001:db8:0:0:0:0:0:7"),
      ("2001:db8::/120", 256, "2001:db8:0:0:0:0:0:0", "2001:db8:0:0:0:0:0:ff"),
      ("2001:db8::1:0/112", 65_536, "2001:db8:0:0:0:0:1:0", "2001:db8:0:0:0:0:1:ffff"),
      (
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127", 2, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
      ),
      ("::ffff:203.0.113.0/120", 256, "203.0.113.0", "203.0.113.255"),
    ])
  func edges(text: String, count: Int, first: String, last: String) throws {
    let block = try AddressBlock(text)
    let addresses = Array(block.addresses)
    #expect(block.count == count && addresses.count == count)
    #expect(addresses.first == first && addresses.last == last)
    #expect(Set(addresses).count == count)
    // Each is read back as one address of the same family.
    #expect(addresses.allSatisfy { IPAddress($0.utf8) != nil })
  }

  @Test(
    "is refused with a hint when it is none, too wide or not named by its first address",
    arguments: [
      ("", "is no IP address"), ("office", "is no IP address"), ("203.0.113", "is no IP address"),
      ("203.0.113.0 /24", "is no IP address"), ("/24", "is no IP address"), ("203.0.113.07", "is no IP address"),
      ("203.0.113.0/", "no number from 0 to 32"), ("203.0.113.0/33", "no number from 0 to 32"),
      ("203.0.113.0/-1", "no number from 0 to 32"), ("203.0.113.0/024", "no number from 0 to 32"),
      ("203.0.113.0/24/2", "no number from 0 to 32"), ("2001:db8::/129", "no number from 0 to 128"),
      ("203.0.113.0/99999999999999999999", "no number from 0 to 32"),
      ("10.0.0.0/15", "more than 65536 addresses"), ("0.0.0.0/0", "more than 65536 addresses"),
      ("2001:db8::/111", "more than 65536 addresses"), ("2001:db8::/64", "more than 65536 addresses"),
      ("::/0", "more than 65536 addresses"), ("::ffff:0.0.0.0/64", "more than 65536 addresses"),
      ("203.0.113.9/24", "write 203.0.113.0/24 for the block, or 203.0.113.9"),
      ("2001:db8::5/120", "write 2001:db8:0:0:0:0:0:0/120"),
    ])
  func refused(text: String, message: String) {
    let error = #expect(throws: EnrichmentError.self) { try AddressBlock(text) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.hint.isEmpty == false)
  }
}
