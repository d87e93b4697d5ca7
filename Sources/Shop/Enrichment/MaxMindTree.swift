internal import CMaxMindDB

/// Reads a whole `.mmdb` tree into sorted ranges, once. The library's own look-up maps the file for as long as the
/// process lives, and a file that is cut meanwhile would end the process with SIGBUS.
enum MaxMindTree {
  static func load(
    _ path: String, operation: String, v4: inout CountryTable<UInt32>, v6: inout CountryTable<UInt128>
  ) throws(EnrichmentError) {
    let database = try Handle(path, operation: operation)
    var walk = Walk(database: database)
    let (bits, start) = database.v4Start
    var failed = false
    if database.isV6 {
      walk.ranges(from: 0, bits: 128, skippingV4: true) { first, last, code in
        if !v6.append(from: first, through: last, code: code) { failed = true }
      }
    }
    if let start {
      walk.ranges(from: start, bits: bits, skippingV4: false) { first, last, code in
        let inOrder = v4.append(
          from: UInt32(truncatingIfNeeded: first), through: UInt32(truncatingIfNeeded: last), code: code)
        if !inOrder { failed = true }
      }
    }
    guard !failed, !walk.isBroken, walk.countries > 0 else {
      throw EnrichmentError(
        operation: operation,
        cause: "\(path): " + (walk.isBroken || failed ? "its search tree is damaged" : "no record names a country"),
        hint: "fetch the file again; it must hold country.iso_code or country_code")
    }
  }

  /// The open file, closed when loading ends.
  fileprivate final class Handle {
    private let database: UnsafeMutablePointer<MMDB_s>

    init(_ path: String, operation: String) throws(EnrichmentError) {
      let opened = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
      let status = MMDB_open(path, UInt32(MMDB_MODE_MMAP), opened)
      guard status == MMDB_SUCCESS else {
        opened.deallocate()
        throw EnrichmentError(
          operation: operation, cause: "\(path): \(String(cString: MMDB_strerror(status)))",
          hint: "fetch the file again; it must be a MaxMind DB file")
      }
      // Last, because a throw after it would run deinit on a file that was never opened.
      database = opened
    }

    deinit {
      MMDB_close(database)
      database.deallocate()
    }

    var isV6: Bool { database.pointee.metadata.ip_version == 6 }
    var nodeCount: UInt32 { database.pointee.metadata.node_count }

    /// Where IPv4 begins, at 96 zero bits of an IPv6 tree; nil when the tree ends above it (then it says nothing about
    /// single IPv4 addresses).
    var v4Start: (bits: Int, node: UInt32?) {
      guard isV6 else { return (32, 0) }
      var node: UInt32 = 0
      for _ in 0..<96 {
        guard let read = read(node), read.left_record_type == UInt8(MMDB_RECORD_TYPE_SEARCH_NODE) else {
          return (32, nil)
        }
        node = UInt32(truncatingIfNeeded: read.left_record)
      }
      return (32, node)
    }

    func read(_ node: UInt32) -> MMDB_search_node_s? {
      var result = MMDB_search_node_s()
      return MMDB_read_node(database, node, &result) == MMDB_SUCCESS ? result : nil
    }

    func country(of entry: MMDB_entry_s) -> UInt8 {
      var entry = entry
      var letters: (UInt8, UInt8) = (0, 0)
      let found = withUnsafeMutableBytes(of: &letters) {
        millrace_mmdb_country(&entry, $0.baseAddress?.assumingMemoryBound(to: UInt8.self))
      }
      return found == 1 ? CountryCode.number(letters.0, letters.1) : 0
    }
  }

  /// A depth-first walk, left before right, hence in the order of addresses.
  fileprivate struct Walk {
    let database: Handle
    /// Records are shared by thousands of networks; each is read once.
    private var codes: [UInt32: UInt8] = [:]
    /// IPv6 trees reach the IPv4 part by up to four ways (mapped, 6to4, Teredo), so an honest walk passes each node at
    /// most five times; a tree that loops would be walked for ever.
    private var nodesLeft: Int
    private(set) var isBroken = false
    private(set) var countries = 0

    private struct Branch {
      var record: UInt64
      var type: UInt8
      var entry: MMDB_entry_s
      var prefix: UInt128
      var depth: Int
    }

    init(database: Handle) {
      self.database = database
      nodesLeft = 8 * Int(database.nodeCount) + 1_024
    }

    /// `skippingV4`: leaves out ::/96, where IPv6 trees keep IPv4. As IPv6 addresses these have been out of use since
    /// 2006, so no country is right.
    mutating func ranges(
      from root: UInt32, bits: Int, skippingV4: Bool, _ emit: (UInt128, UInt128, UInt8) -> Void
    ) {
      var stack = [
        Branch(
          record: UInt64(root), type: UInt8(MMDB_RECORD_TYPE_SEARCH_NODE), entry: MMDB_entry_s(), prefix: 0, depth: 0)
      ]
      while let branch = stack.popLast(), !isBroken {
        switch branch.type {
        case UInt8(MMDB_RECORD_TYPE_EMPTY):
          continue
        case UInt8(MMDB_RECORD_TYPE_DATA):
          let code = country(of: branch.entry)
          let size = UInt128(bits - branch.depth)
          emit(branch.prefix, branch.prefix | (size == 128 ? .max : (UInt128(1) << size) - 1), code)
        case UInt8(MMDB_RECORD_TYPE_SEARCH_NODE):
          if skippingV4, branch.depth == 96, branch.prefix == 0 { continue }
          nodesLeft -= 1
          guard nodesLeft > 0, branch.depth < bits, branch.record <= UInt64(UInt32.max),
            let node = database.read(UInt32(truncatingIfNeeded: branch.record))
          else {
            isBroken = true
            continue
          }
          let depth = branch.depth + 1
          let rightPrefix = branch.prefix | UInt128(1) << UInt128(bits - depth)
          stack.append(
            Branch(
              record: node.right_record, type: node.right_record_type, entry: node.right_record_entry,
              prefix: rightPrefix, depth: depth))
          stack.append(
            Branch(
              record: node.left_record, type: node.left_record_type, entry: node.left_record_entry,
              prefix: branch.prefix, depth: depth))
        default:
          isBroken = true
        }
      }
    }

    private mutating func country(of entry: MMDB_entry_s) -> UInt8 {
      if let known = codes[entry.offset] { return known }
      let code = database.country(of: entry)
      codes[entry.offset] = code
      if code != 0 { countries += 1 }
      return code
    }
  }
}
