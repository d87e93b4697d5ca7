import Testing

@testable import ShopSources

@Suite("Names of rotations")
struct RotationNameTests {
  @Test(
    "numbers, dates and stamps behind the name or before its extension are rotations",
    arguments: [
      "access.log.1", "access.log.0", "access.log.12.gz", "access.log-20261130", "access.log-20261130.gz",
      "access.log-2026113023", "access.log-1764460800.gz", "access.log.1764460800", "access.log.2026-11-30",
      "access.log-2026-11-30T10:00:00Z", "access-20261130.log", "access-20261130.log.gz", "access_2026-11.log",
      "access.1.log", "access.2026-11-30.log", "access-2026-11-30T10-00-00.000.log.gz", "access-1764460800.log",
      "access.log.old", "access.log-Nov-29", "access.log.29-nov-2026.gz", "access.log-Sat-28", "access.log.gz",
      "access.log_20261130",
    ])
  func rotations(_ name: String) throws {
    let rotation = try #require(RotationName(name, of: "access.log"))
    #expect(!rotation.isCurrent && rotation.packing == (name.hasSuffix(".gz") ? .gzip : .none))
    #expect(
      rotation.isNumbered
        == [".1", ".0", ".12.gz", "log.1764460800"].contains { name.hasSuffix($0) && name.hasPrefix("access.log.") })
  }

  @Test(
    "other logs and other files are none",
    arguments: [
      "access-8080.log", "access.8080.log", "access-ssl.log", "access.log.swp", "access.log~", "access.log.tmp",
      "access_log", "access.log-7th-shop", "access.log.2nd", "error.log", "error.log.1", "access.log-backup",
      "access.logs", "access-20269930.log",
      "access2.log",
      "access.log.1.bak", "other_vhosts_access.log.1", "access-2.log",
    ])
  func others(_ name: String) { #expect(RotationName(name, of: "access.log") == nil) }

  @Test("what other programs packed is known as such, and a name without extension has rotations, too")
  func packings() {
    #expect(RotationName("access.log.1.xz", of: "access.log")?.packing == .other)
    #expect(RotationName("access.log-20261130.zst", of: "access.log")?.packing == .other)
    #expect(RotationName("access_log-20261130", of: "access_log")?.packing == RotationName.Packing.none)
    #expect(RotationName("access_log", of: "access_log")?.isCurrent == true)
    #expect(RotationName("access_log-ssl", of: "access_log") == nil)
  }
}
