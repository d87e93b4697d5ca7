internal import Crypto

/// Countries of IP addresses, from `tor-geoipdb`'s text files or one `.mmdb`. Both become the same sorted arrays when
/// they are loaded, so a look-up costs the same, and a file that somebody replaces meanwhile changes nothing.
/// Immutable after loading; any thread. About 0.1 s and 15 MB for tor's two files.
package final class CountryDatabase: Sendable {
  private let v4: CountryTable<UInt32>
  /// All 128 bits: tor's data split some networks inside one /64.
  private let v6: CountryTable<UInt128>

  /// First eight bytes of the SHA-256 over the files' digests in ascending order (their order does not matter).
  package let version: UInt64

  /// `paths`: one `.mmdb`, or tor's `geoip` and `geoip6` (told apart by their content). One family alone is allowed;
  /// the other then has no countries.
  package init(paths: [String]) throws(EnrichmentError) {
    let operation = "load the countries of IP addresses"
    guard !paths.isEmpty, paths.count == 1 || !paths.contains(where: { $0.hasSuffix(".mmdb") }) else {
      throw EnrichmentError(
        operation: operation, cause: "\(paths.count) files are named",
        hint: "name one .mmdb file, or tor's geoip and geoip6")
    }
    var v4 = CountryTable<UInt32>()
    var v6 = CountryTable<UInt128>()
    var digests: [[UInt8]] = []
    for path in paths {
      let isTree = path.hasSuffix(".mmdb")
      let bytes = try DataFile.read(
        path, limit: Limits.countryBytes, operation: operation,
        hint: isTree
          ? "check the path; GeoLite2-Country and DB-IP's country data are such files"
          : "install the Debian package tor-geoipdb, or name an .mmdb file")
      digests.append(SHA256.hash(bytes))
      if isTree {
        try MaxMindTree.load(path, operation: operation, v4: &v4, v6: &v6)
      } else {
        try TorText.load(bytes, path: path, operation: operation, v4: &v4, v6: &v6)
      }
    }
    v4.finish()
    v6.finish()
    self.v4 = v4
    self.v6 = v6
    digests.sort { $0.lexicographicallyPrecedes($1) }
    version = SHA256.hash(digests.flatMap { $0 }).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// ISO alpha-2 in capitals, "" when unknown. Never a wrong country for what is not an address. About 30 ns.
  package func country(of address: IPAddress) -> String {
    switch address {
    case .v4(let address): CountryCode.names[Int(v4.code(of: address))]
    case .v6(let high, let low): CountryCode.names[Int(v6.code(of: UInt128(high) << 64 | UInt128(low)))]
    }
  }

  /// Ranges held, for tests and log lines.
  var rangeCounts: (v4: Int, v6: Int) { (v4.count, v6.count) }
}
