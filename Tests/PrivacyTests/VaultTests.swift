import Crypto
import Entity
import Events
import Files
import Foundation
import Privacy
import SQLite
import Telemetry
import TestSupport
import Testing

@Suite(.temporaryFolder) struct VaultTests {
  private func subject(_ text: String, _ domain: String = "user") -> Subject {
    Subject(domain, Array(text.utf8), isIdentity: domain == "customer")
  }

  @Test("a subject keeps its key, and subjects named together share one") func linking() throws {
    let space = try Workspace()
    let vault = try space.vault()
    let maria = try vault.key(for: [subject("maria")])
    #expect(try vault.key(for: [subject("maria")]).id == maria.id)
    #expect(try vault.key(for: [subject("jose")]).id != maria.id)
    #expect(try vault.key(for: [subject("maria", "email")]).id != maria.id)
    #expect(try vault.key(for: [subject("17", "customer"), subject("maria"), subject("m@x", "mail")]).id == maria.id)
    try vault.commit()
    #expect(try vault.key(for: [subject("17", "customer")]).id == maria.id)
    #expect(try vault.key(for: [subject("m@x", "mail")]).id == maria.id)
    // Both known with different keys: the first decides, and nobody's link moves.
    let jose = try vault.key(for: [subject("jose")])
    #expect(try vault.key(for: [subject("jose"), subject("maria")]).id == jose.id)
    #expect(try vault.key(for: [subject("maria")]).id == maria.id)
  }

  /// Goal: erasing one customer leaves the others readable. Method: two customers with one e-mail address and user name, a
  /// lead before or after them, in one commit or over a restart; erase the first.
  @Test("two customers with one e-mail address have a key each", arguments: [false, true], [false, true])
  func sharedEmail(_ isLeadFirst: Bool, _ reopens: Bool) throws {
    let space = try Workspace()
    var vault = try space.vault()
    let email = subject("both@x", "email")
    let lead = isLeadFirst ? try vault.key(for: [email]).id : nil
    let one = try vault.key(for: [subject("1", "customer"), email]).id
    if let lead { #expect(one == lead) }
    if reopens {
      try vault.commit()
      vault = try Self.reopen(&vault, space)
    }
    let two = try vault.key(for: [subject("2", "customer"), subject("shared"), email]).id
    let three = try vault.key(for: [subject("3", "customer"), subject("shared"), email]).id
    #expect(Set([one, two, three]).count == 3)
    #expect(try vault.key(for: [subject("2", "customer")]).id == two)
    #expect(try vault.key(for: [email]).id == one)
    // A customer first met by an order alone is one, too.
    let four = try vault.key(for: [subject("4", "customer")]).id
    #expect(try vault.key(for: [subject("4", "customer"), subject("four")]).id == four)
    #expect(try vault.key(for: [subject("5", "customer"), subject("four")]).id != four)
    #expect(try vault.destroyIrrevocably(one))
    #expect(try vault.key(id: one) == nil)
    #expect(try vault.key(id: two) != nil && vault.key(for: [subject("2", "customer"), email]).id == two)
  }

  /// The writer's lock goes with the old vault.
  private static func reopen(_ vault: inout Vault, _ space: Workspace) throws -> Vault {
    let reader = try space.vault(.reader)
    vault = reader
    return try space.vault()
  }

  @Test("keys survive reopening, and one that was never committed is gone") func durability() throws {
    let space = try Workspace()
    let first: PersonKeyID
    do {
      let vault = try space.vault()
      first = try vault.key(for: [subject("maria")]).id
      try vault.commit()
      _ = try vault.key(for: [subject("jose")])
    }
    let vault = try space.vault()
    #expect(try vault.key(for: [subject("maria")]).id == first)
    #expect(try Database(space.vaultPath, .readOnly).integer("SELECT count(*) FROM keys") == 1)
  }

  /// Goal: readers of other processes see what the writer committed, at once. Method: a child process writes and exits by
  /// a signal, so that nothing is tidied up; this process reads the same file.
  @Test("a reader sees what another process has committed") func twoProcesses() async throws {
    let space = try Workspace()
    let folder = TemporaryFolder.path
    let vault = try space.vault()
    let early = try vault.key(for: [subject("early")])
    try vault.commit()
    let reader = try space.vault(.reader)
    #expect(try reader.key(id: early.id)?.id == early.id)
    let late = try vault.key(for: [subject("late")])
    #expect(throws: PrivacyError.self) { try reader.key(id: late.id) }
    try vault.commit()
    #expect(try reader.key(id: late.id)?.id == late.id)

    await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
      let keyring = try Keyring(masterKeyFile: folder + "/master.key")
      let vault = try Vault(path: folder + "/other.sqlite", keyring: keyring, mode: .writer)
      let key = try vault.key(for: [Subject("user", [1])])
      try vault.commit()
      try Files.create(folder + "/id", with: key.id.bytes, mode: 0o600)
      kill(getpid(), SIGKILL)
    }
    let written = try Vault(path: folder + "/other.sqlite", keyring: space.keyring, mode: .reader)
    let bytes = try Files.read(folder + "/id", limit: 16).bytes
    let id = bytes.withUnsafeBytes {
      PersonKeyID(
        high: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
    #expect(try written.key(id: id)?.id == id)
  }

  @Test("keys that are made, read from the file and destroyed are counted") func counters() throws {
    let space = try Workspace()
    let metrics = Metrics()
    let vault = try Vault(path: space.vaultPath, keyring: space.keyring, mode: .writer, metrics: metrics)
    let maria = try vault.key(for: [subject("maria")])
    _ = try vault.key(for: [subject("jose")])
    #expect(metrics.prometheusText().contains("millrace_vault_keys_made_total 0\n"), "not before they are durable")
    try vault.commit()
    let reader = try Vault(path: space.vaultPath, keyring: space.keyring, mode: .reader, metrics: metrics)
    for _ in 0..<3 { _ = try reader.key(id: maria.id) }
    for _ in 0..<2 { _ = try vault.destroyIrrevocably(maria.id) }
    let text = metrics.prometheusText()
    for line in ["made_total 2", "read_total 1", "destroyed_total 1"] {
      #expect(text.contains("millrace_vault_keys_\(line)\n"), "\(line) in \(text)")
    }
  }

  @Test("a second writer, a writing reader, and a missing vault are refused") func refusals() throws {
    let space = try Workspace()
    #expect(throws: PrivacyError.self) { _ = try space.vault(.reader) }
    let vault = try space.vault()
    let error = #expect(throws: PrivacyError.self) { _ = try space.vault() }
    #expect(error?.kind == .locked)
    let reader = try space.vault(.reader)
    #expect(throws: PrivacyError.self) { _ = try reader.key(for: [subject("maria")]) }
    // It has nothing of its own, so there is nothing to refuse.
    try reader.commit()
    _ = vault
  }

  /// Goal: no vault but the log's own is ever used. Method: marks of today held against older, other and missing files.
  @Test("a vault that is missing, older than its mark, or another one is refused, and none is made in its place")
  func marks() throws {
    let space = try Workspace()
    func refusal(_ path: String, _ mark: VaultMark, _ mode: Vault.Mode) -> PrivacyError? {
      #expect(throws: PrivacyError.self) {
        _ = try Vault(path: path, keyring: space.keyring, mode: mode, expected: mark)
      }
    }
    let (older, other) = (TemporaryFolder.path + "/older.sqlite", TemporaryFolder.path + "/other.sqlite")
    var mark = VaultMark(keys: 0, newest: nil)
    do {
      let vault = try space.vault()
      let key = try vault.key(for: [subject("maria")])
      #expect(vault.mark == mark, "not before it is durable")
      try vault.commit()
      #expect(vault.mark == VaultMark(keys: 1, newest: key.id))
      try Database(space.vaultPath, .readOnly).copy(to: older)
      _ = try vault.key(for: [subject("jose")])
      try vault.commit()
      // A destroyed key stays counted.
      #expect(try vault.destroyIrrevocably(key.id))
      mark = try #require(vault.mark)
      #expect(try space.vault(.reader).mark == nil)
    }
    do {
      let vault = try Vault(path: other, keyring: space.keyring, mode: .writer)
      for name in ["a", "b", "c"] { _ = try vault.key(for: [subject(name)]) }
      try vault.commit()
    }
    for mode in [Vault.Mode.reader, .writer] {
      #expect(refusal(older, mark, mode)?.cause.contains("holds 1 keys, and 2 were made") == true)
      #expect(refusal(other, mark, mode)?.cause.contains("another one") == true)
      #expect(refusal(older + "x", mark, mode)?.cause.contains("is missing") == true)
      #expect(!Files.exists(older + "x"))
      _ = try Vault(path: space.vaultPath, keyring: space.keyring, mode: mode, expected: mark)
    }
    #expect(VaultMark(mark.text) == mark && VaultMark("0 0 0")?.newest == nil && VaultMark("1 2") == nil)
  }

  @Test("a vault of another keyring, of a newer version, or another database is refused") func foreign() throws {
    let space = try Workspace()
    do { _ = try space.vault() }
    try Keyring.create(at: space.keyPath + "2")
    let other = try Keyring(masterKeyFile: space.keyPath + "2")
    for mode in [Vault.Mode.writer, .reader] {
      let error = #expect(throws: PrivacyError.self) {
        _ = try Vault(path: space.vaultPath, keyring: other, mode: mode)
      }
      #expect(error?.kind == .keyMissing)
    }
    do { try Database(space.vaultPath, .readWrite).setUserVersion(2) }
    #expect(throws: PrivacyError.self) { _ = try space.vault() }
    do { try Database(TemporaryFolder.path + "/x.sqlite", .readWriteCreate).execute("CREATE TABLE t(a)") }
    for mode in [Vault.Mode.writer, .reader] {
      let path = TemporaryFolder.path + "/x.sqlite"
      #expect(throws: PrivacyError.self) { _ = try Vault(path: path, keyring: space.keyring, mode: mode) }
    }
  }

  /// Goal: what leaves the bounded cache comes back from the file. Method: more keys than the cache holds, in small commits.
  @Test("more keys than the cache holds") func eviction() throws {
    let space = try Workspace()
    let vault = try space.vault()
    let count = PrivacyLimits.cachedKeys + 5_000
    var ids: [PersonKeyID] = []
    for number in 0..<count {
      ids.append(try vault.key(for: [subject(String(number))]).id)
      if number % 10_000 == 0 { try vault.commit() }
    }
    try vault.commit()
    #expect(Set(ids).count == count)
    let reader = try space.vault(.reader)
    #expect(throws: PrivacyError.self) { try reader.key(id: PersonKeyID(high: 1, low: 2)) }
    for number in stride(from: 0, to: count, by: 997) {
      #expect(try vault.key(for: [subject(String(number))]).id == ids[number])
      #expect(try reader.key(id: ids[number])?.id == ids[number])
    }
  }

  @Test("in a batch, keys are found that are younger than its first look-up, and unknown ones are refused")
  func batches() throws {
    let space = try Workspace()
    let vault = try space.vault()
    let reader = try space.vault(.reader)
    let maria = try vault.key(for: [subject("maria")]).id
    try vault.commit()
    try reader.batch { () throws(PrivacyError) in
      #expect(try reader.key(id: maria)?.id == maria)
      let jose = try vault.key(for: [subject("jose")]).id
      try vault.commit()
      #expect(try reader.key(id: jose)?.id == jose)
      // The batch of another thread ends meanwhile.
      try reader.batch { () throws(PrivacyError) in }
      let ana = try vault.key(for: [subject("ana")]).id
      try vault.commit()
      #expect(try reader.key(id: ana)?.id == ana)
      #expect(throws: PrivacyError.self) { try reader.key(id: PersonKeyID(high: 1, low: 2)) }
    }
  }

  @Test("a destroyed key is gone for the subject, for readers and from the file") func destruction() throws {
    let space = try Workspace()
    let vault = try space.vault()
    let maria = try vault.key(for: [subject("maria"), subject("17", "customer")])
    try vault.commit()
    let wrapped = try #require(
      try Database(space.vaultPath, .readOnly).first("SELECT wrapped FROM keys", [], { $0.blob(0) }))
    let reader = try space.vault(.reader)
    #expect(try reader.key(id: maria.id) != nil)
    #expect(try vault.destroyIrrevocably(maria.id))
    #expect(try !vault.destroyIrrevocably(maria.id))
    #expect(try vault.key(id: maria.id) == nil)
    reader.forgetCached()
    #expect(try reader.key(id: maria.id) == nil)
    #expect(try reader.key(id: maria.id) == nil)
    #expect(try vault.key(for: [subject("maria")]).id != maria.id)
    #expect(throws: PrivacyError.self) { try vault.destroyIrrevocably(PersonKeyID(high: 1, low: 2)) }
    for file in try bytesOfFiles(in: TemporaryFolder.path) { #expect(!contains(file.bytes, wrapped), "\(file.name)") }
  }

  @Test("a key that the vault never had is an error, not an erased person") func unknown() throws {
    let space = try Workspace()
    let vault = try space.vault()
    let error = #expect(throws: PrivacyError.self) { try vault.key(id: PersonKeyID(high: 1, low: 2)) }
    #expect(error?.kind == .keyMissing)
  }

  @Test("an entry that was swapped or damaged does not unwrap") func damage() throws {
    let space = try Workspace()
    let ids: [PersonKeyID]
    do {
      let vault = try space.vault()
      ids = [try vault.key(for: [subject("maria")]).id, try vault.key(for: [subject("jose")]).id]
      try vault.commit()
    }
    let database = try Database(space.vaultPath, .readWrite)
    let wrapped = try ids.map { try wrappedKey($0, in: space.vaultPath) }
    for (id, box) in zip(ids, wrapped.reversed()) {
      try database.run("UPDATE keys SET wrapped = ?1 WHERE key_id = ?2", [.blob(box), .blob(id.bytes)])
    }
    let vault = try space.vault()
    for id in ids {
      let error = #expect(throws: PrivacyError.self) { try vault.key(id: id) }
      #expect(error?.kind == .vault)
    }
  }

  /// Goal: the vault's bytes reveal nobody. Method: look for clear subjects, for the master key, and for each data key,
  /// which the test unwraps by itself from the documented derivation.
  @Test("neither subjects nor keys stand in the vault's files") func noClearBytes() throws {
    let space = try Workspace()
    let canaries = ["maria.canary@example.com", "canary-visitor|203.0.113.77|Mozilla"]
    let vault = try space.vault()
    for canary in canaries { _ = try vault.key(for: [subject(canary)]) }
    try vault.commit()
    let master = try Files.read(space.keyPath, limit: 100).bytes
    let wrapping = try master.withUnsafeBytes {
      try KeyDerivation.derive(from: SecretBytes(copying: $0), label: "millrace/vault/wrapping", context: [])
    }
    var cipher = try AESGCM()
    var secrets = [master] + canaries.map { Array($0.utf8) }
    let rows = try Database(space.vaultPath, .readOnly)
      .rows("SELECT key_id, wrapped FROM keys", []) { (id: $0.blob(0), wrapped: $0.blob(1)) }
    for row in rows {
      var key = [UInt8](repeating: 0, count: 32)
      try wrapping.withBytes { wrapping in
        try row.id.withUnsafeBytes { id in
          try row.wrapped.withUnsafeBytes { box in
            try key.withUnsafeMutableBytes {
              _ = try cipher.open(box, key: wrapping, associatedData: id, into: $0)
            }
          }
        }
      }
      secrets.append(key)
    }
    #expect(secrets.count == 5)
    let files = try bytesOfFiles(in: TemporaryFolder.path).filter { $0.name.hasPrefix("vault") }
    #expect(files.count >= 3)
    for file in files {
      for secret in secrets { #expect(!contains(file.bytes, secret), "\(file.name)") }
      #expect(try Files.status(TemporaryFolder.path + "/" + file.name).mode & 0o077 == 0, "\(file.name)")
    }
    _ = vault
  }
}
