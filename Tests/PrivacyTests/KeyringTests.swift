import Entity
import Events
import Files
import Foundation
import Privacy
import TestSupport
import Testing

@Suite(.temporaryFolder) struct KeyringTests {
  private var path: String { TemporaryFolder.path + "/master.key" }

  @Test("a new key file is 0600, 32 bytes, random, and never overwritten") func creation() throws {
    try Keyring.create(at: path)
    let (bytes, status) = try Files.read(path, limit: 100)
    #expect(status.mode == 0o600)
    #expect(bytes.count == 32)
    #expect(throws: PrivacyError.self) { try Keyring.create(at: path) }
    #expect(try Files.read(path, limit: 100).bytes == bytes)
    try Keyring.create(at: path + "2")
    #expect(try Files.read(path + "2", limit: 100).bytes != bytes)
    _ = try Keyring(masterKeyFile: path)
  }

  /// Goal: an unsafe key file is refused with its reason. Method: one file for each way to be unsafe.
  @Test("a key file that is unsafe or no key is refused") func refusals() throws {
    let good = (0..<32).map { UInt8($0) }
    func refused(_ name: String, says: String, _ make: (String) throws -> Void) throws {
      let path = TemporaryFolder.path + "/" + name
      try make(path)
      let error = #expect(throws: PrivacyError.self, "\(name)") { _ = try Keyring(masterKeyFile: path) }
      #expect(error?.kind == .keyFile)
      #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }
    try refused("group", says: "other users") {
      try Files.create($0, with: good, mode: 0o600)
      chmod($0, 0o640)
    }
    try refused("world", says: "other users") {
      try Files.create($0, with: good, mode: 0o600)
      chmod($0, 0o644)
    }
    try refused("writable", says: "other users") {
      try Files.create($0, with: good, mode: 0o600)
      chmod($0, 0o602)
    }
    try refused("short", says: "31 bytes") { try Files.create($0, with: Array(good.dropLast()), mode: 0o600) }
    try refused("empty", says: "0 bytes") { try Files.create($0, with: [], mode: 0o600) }
    try refused("zero", says: "all its bytes are the same") {
      try Files.create($0, with: [UInt8](repeating: 0, count: 32), mode: 0o600)
    }
    try refused("big", says: "limit") { try Files.create($0, with: [UInt8](repeating: 1, count: 5_000), mode: 0o600) }
    try refused("missing", says: "millrace init") { _ in }
    try refused("folder", says: "not a regular file") { try Files.makeFolder($0) }
    try refused("linked", says: "second name") {
      try Files.create($0, with: good, mode: 0o600)
      #expect(link($0, $0 + ".other") == 0)
    }
    try refused("symbolic", says: "symbolic link") {
      try Files.create($0 + ".real", with: good, mode: 0o600)
      #expect(symlink($0 + ".real", $0) == 0)
    }
  }

  @Test("another user's key file is refused", .enabled(if: geteuid() == 0, "only root can give a file away"))
  func foreignOwner() throws {
    try Keyring.create(at: path)
    #expect(chown(path, 12_345, 12_345) == 0)
    #expect(throws: PrivacyError.self) { _ = try Keyring(masterKeyFile: path) }
  }

  /// Goal: no two inputs make one token by joining. Method: cut random texts of few letters into parts in random ways.
  @Test("parts never run into each other") func joining() throws {
    try Keyring.create(at: path)
    let router = try Router(Keyring(masterKeyFile: path))
    var generator = SeededGenerator(seed: 11)
    var seen: [Token: [[UInt8]]] = [:]
    for _ in 0..<3_000 {
      var parts: [[UInt8]] = []
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        parts.append(
          (0..<Int.random(in: 0...3, using: &generator)).map { _ in [0, 1, 0x61].randomElement(using: &generator) ?? 0 }
        )
      }
      let token =
        switch parts.count {
        case 1: router.token("d", parts[0])
        case 2: router.token("d", parts[0], parts[1])
        default: router.token("d", parts[0], parts[1], parts[2])
        }
      if let other = seen[token] { #expect(other == parts) }
      seen[token] = parts
    }
    #expect(Set(seen.values).count == seen.count)
    #expect(router.token("ab", [0x63]) != router.token("a", [0x62, 0x63]))
    #expect(router.token("d", [1]) == router.token("d", [1]))
    let lent = [UInt8]("ip".utf8).withUnsafeBytes { ip in
      [UInt8]("ua".utf8).withUnsafeBytes { router.token("v", ip, $0) }
    }
    #expect(lent == router.token("v", Array("ip".utf8), Array("ua".utf8)))
  }

  @Test("keys of two key files have nothing in common") func separation() throws {
    try Keyring.create(at: path)
    try Keyring.create(at: path + "2")
    let one = try Router(Keyring(masterKeyFile: path))
    #expect(try one.token("d", [1]) == Router(Keyring(masterKeyFile: path)).token("d", [1]))
    #expect(try one.token("d", [1]) != Router(Keyring(masterKeyFile: path + "2")).token("d", [1]))
  }
}
