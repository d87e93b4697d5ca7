internal import Crypto
package import Entity
internal import Files
internal import Foundation
package import Telemetry

/// Data keys per person, wrapped by a key of the keyring, in `vault.sqlite`. One writer process (capture, held to that
/// by a lock file), many readers. Calls block; safe to share between threads.
///
/// Data keys are random 256-bit keys, wrapped by AES-256-GCM with the key's id as associated data. Nonces are random,
/// so one wrapping key serves 2^32 keys, and one person key 2^32 seals, far beyond what a person or a visitor-month
/// has. Subjects are kept as tokens: the file holds no clear value. A destroyed key leaves its id and the time behind,
/// so that "erased" can be told from "this vault does not belong to this log".
///
/// Caches are bounded (`PrivacyLimits.cachedKeys`). A reader's cached key outlives its destruction by another process
/// until `forgetCached()`.
///
/// Unchecked: what changes is touched under `lock` only.
package final class Vault: @unchecked Sendable {
  /// What a process may do with the vault: one writes, any number read.
  package enum Mode: Sendable {
    case writer
    case reader
  }

  private let lock = AdaptiveLock()
  private let file: VaultFile
  private let path: String
  private let mode: Mode
  private let writerLock: LockFile?
  private let slab = SecretSlab(slotBytes: AESGCM.keyBytes)
  private let wrappingKey: SecretBytes
  private var cipher: AESGCM
  private var random = RandomBlock()
  private var subjectMAC: HMACSHA256
  private var input = Scratch()
  /// nil: known to be destroyed.
  private var keys = GenerationCache<PersonKeyID, PersonKey?>(limit: PrivacyLimits.cachedKeys)
  private var subjects = GenerationCache<Token, PersonKey>(limit: PrivacyLimits.cachedKeys)
  /// Batches under way on readers' threads.
  private var batches = 0
  /// Keys that were ever made, destroyed ones and those of `pendingKeys` among them. The writer's alone.
  private var made: UInt64 = 0
  private var durable = VaultMark(keys: 0, newest: nil)
  private var pendingKeys: [PersonKeyID: PersonKey] = [:]
  private var pendingSubjects: [Token: PersonKey] = [:]
  private let counters: VaultCounters

  /// The writer creates a missing file; a reader refuses it. A second writer is refused. `expected`: how far it must
  /// have come at least; a vault that is missing then, older or another one is refused. `metrics` counts keys made, read
  /// and destroyed.
  package init(
    path: String, keyring: Keyring, mode: Mode, expected: VaultMark? = nil, metrics: Metrics = Metrics()
  ) throws(PrivacyError) {
    self.mode = mode
    self.path = path
    counters = VaultCounters(metrics)
    wrappingKey = try keyring.wrappingKey()
    cipher = try makeCipher()
    subjectMAC = try makeMAC(keyring.subjectKey())
    let check = try keyring.vaultCheck()
    if expected != nil, !Files.exists(path) { throw .missing(path) }
    do {
      if mode == .writer {
        guard let held = try LockFile.tryLock(path + ".lock") else {
          throw PrivacyError(
            .locked, operation: "open the vault for writing", cause: "another capture works on this workspace",
            hint: "stop it first, or use another workspace")
        }
        writerLock = held
      } else {
        writerLock = nil
      }
      file = try VaultFile(path: path, isWriter: mode == .writer, check: check)
      if mode == .writer {
        durable = VaultMark(keys: try file.keyCount(), newest: try file.newestKey())
        made = durable.keys
      }
      if let expected { try Self.require(expected, of: file, path) }
    } catch {
      throw .vault(error, operation: "open the vault")
    }
  }

  deinit {
    // Only the writer may ever checkpoint. A failure leaves the write-ahead log to the next writer.
    if mode == .writer { _ = try? file.checkpoint() }
  }

  // MARK: Writer

  /// The key of the person whom these subjects name. The first subject is who it is; the others (a user name, an e-mail
  /// address) are weaker links, by which a person met elsewhere is recognised. In this order:
  ///
  /// 1. the key that the first subject has,
  /// 2. the first link's key, except that an identity (`Subject.isIdentity`) takes no key that another of its kind has:
  ///    two customers may share an e-mail address, and whoever erases one of them must not erase the other,
  /// 3. a new key, durable only after `commit()`.
  ///
  /// All subjects without a key get linked to the one found; no link ever moves. Writer only. Costs one look-up per
  /// subject, and one more per link only for an identity not met before.
  package func key(for wanted: [Subject]) throws(PrivacyError) -> PersonKey {
    precondition(!wanted.isEmpty, "a key for nobody")
    lock.lock()
    defer { lock.unlock() }
    try mustWrite()
    let first = token(of: wanted[0])
    var found = try known(first)
    if wanted.count == 1, let found { return found }
    let identity = found == nil && wanted[0].isIdentity ? wanted[0].domain : nil
    var strangers = found == nil ? [first] : []
    for subject in wanted.dropFirst() {
      let token = token(of: subject)
      if let known = try known(token) {
        guard found == nil else { continue }
        var isAnothers = false
        if let identity { isAnothers = try self.known(mark(of: known, identity)) != nil }
        if !isAnothers { found = known }
      } else {
        strangers.append(token)
      }
    }
    let key = if let found { found } else { try makeKey() }
    for token in strangers { pendingSubjects[token] = key }
    if let identity { pendingSubjects[mark(of: key, identity)] = key }
    return key
  }

  /// How many keys were ever made, destroyed ones and those that `commit()` makes durable next among them: whoever has
  /// fewer lacks some that seals of today may need. 0 for a reader, which cannot tell.
  package var counter: UInt64 { lock.withLock { made } }

  /// Of what is durable; nil for a reader, which cannot tell.
  package var mark: VaultMark? { mode == .writer ? lock.withLock { durable } : nil }

  /// Refuses a vault that has not come so far.
  package func require(_ mark: VaultMark) throws(PrivacyError) {
    lock.lock()
    defer { lock.unlock() }
    if mode == .writer, mark.newest == nil, durable.keys >= mark.keys { return }
    do { try Self.require(mark, of: file, path) } catch { throw .vault(error, operation: "look at the vault") }
  }

  private static func require(_ mark: VaultMark, of file: VaultFile, _ path: String) throws {
    let keys = try file.keyCount()
    guard keys >= mark.keys else { throw PrivacyError.behind(path, mark, keys: keys) }
    guard let newest = mark.newest else { return }
    guard try newest.withBytes({ try file.entry($0) }) != nil else {
      throw PrivacyError.behind(path, mark, keys: keys)
    }
  }

  /// Makes new keys durable. Call before any event sealed with them enters the outbox.
  package func commit() throws(PrivacyError) {
    lock.lock()
    defer { lock.unlock() }
    // A reader never has any.
    guard !pendingKeys.isEmpty || !pendingSubjects.isEmpty else { return }
    try mustWrite()
    var newKeys: [(id: [UInt8], wrapped: [UInt8])] = []
    newKeys.reserveCapacity(pendingKeys.count)
    let byID = pendingKeys.values.sorted { ($0.id.high, $0.id.low) < ($1.id.high, $1.id.low) }
    for key in byID { newKeys.append((id: key.id.bytes, wrapped: try wrap(key))) }
    let bySubject = pendingSubjects.sorted { $0.key < $1.key }.map { (subject: $0.key.bytes, id: $0.value.id.bytes) }
    do {
      try file.insert(keys: newKeys, subjects: bySubject, now: Int64(Date().timeIntervalSince1970))
    } catch {
      throw .vault(error, operation: "store new keys")
    }
    counters.made.add(Int64(byID.count))
    durable.keys += UInt64(byID.count)
    let newest = [durable.newest, byID.last?.id].compactMap(\.self)
    durable.newest = newest.max { ($0.high, $0.low) < ($1.high, $1.low) }
    for key in byID { keys.insert(key, for: key.id) }
    for (token, key) in pendingSubjects { subjects.insert(key, for: token) }
    pendingKeys.removeAll(keepingCapacity: true)
    pendingSubjects.removeAll(keepingCapacity: true)
  }

  /// Destroys a person's key for good; false when it was destroyed before. Writer only. Copies of the vault file are
  /// not reached: whoever makes backups must erase there too.
  package func destroyIrrevocably(_ id: PersonKeyID) throws(PrivacyError) -> Bool {
    try commit()
    lock.lock()
    defer { lock.unlock() }
    do {
      guard try id.withBytes({ try file.entry($0) }) != nil else { throw Self.unknownKey }
      let isNew = try file.destroy(id.bytes, now: Int64(Date().timeIntervalSince1970))
      if isNew { counters.destroyed.add() }
      keys.insert(nil, for: id)
      subjects.removeAll { $0.id == id }
      return isNew
    } catch {
      throw .vault(error, operation: "destroy a key")
    }
  }

  // MARK: Reader

  /// nil: the key was destroyed (an erased person). A key that the vault does not know at all is an error: then this is
  /// not the vault of that log, or an old copy of it, and going on would count living people as erased.
  package func key(id: PersonKeyID) throws(PrivacyError) -> PersonKey? {
    lock.lock()
    defer { lock.unlock() }
    if let cached = keys[id] { return cached }
    if let pending = pendingKeys[id] { return pending }
    switch try entry(id) {
    case nil: throw Self.unknownKey
    case .destroyed:
      keys.insert(nil, for: id)
      return nil
    case .wrapped(let wrapped):
      let key = try unwrap(wrapped, id: id)
      keys.insert(key, for: id)
      return key
    }
  }

  /// Look-ups of several threads' batches share a snapshot of the file, until the first of the batches ends:
  /// milliseconds, within which another process's erasure is not seen, and its checkpoints wait. Makes a look-up three
  /// times cheaper.
  package func batch<R>(_ body: () throws(PrivacyError) -> R) throws(PrivacyError) -> R {
    lock.withLock { batches += 1 }
    defer {
      lock.withLock {
        batches -= 1
        file.endSnapshot()
      }
    }
    return try body()
  }

  /// Forgets what is cached, e.g. when another process has destroyed a key. Keys in use elsewhere live on there.
  package func forgetCached() {
    lock.lock()
    defer { lock.unlock() }
    keys.removeAll()
    subjects.removeAll()
    file.endSnapshot()
  }

  // MARK: Parts, under the lock

  private func mustWrite() throws(PrivacyError) {
    guard mode == .writer else {
      throw PrivacyError(
        .vault, operation: "make a key", cause: "the vault is open for reading only",
        hint: "this is probably a defect in Millrace; please report it")
    }
  }

  private func entry(_ id: PersonKeyID) throws(PrivacyError) -> VaultFile.Entry? {
    do {
      counters.read.add()
      // The writer's connection is free for its transactions.
      if batches > 0, mode == .reader { try file.holdSnapshot() }
      if let entry = try id.withBytes({ try file.entry($0) }) { return entry }
      guard file.holdsSnapshot else { return nil }
      // The key may be younger than the snapshot.
      file.endSnapshot()
      return try id.withBytes { try file.entry($0) }
    } catch {
      throw .vault(error, operation: "look a key up")
    }
  }

  private static let unknownKey = PrivacyError(
    .keyMissing, operation: "look a key up", cause: "the vault does not know this person key",
    hint: "the vault is older than the log or belongs to another one; restore the vault that was used with this log")

  private func token(of subject: Subject) -> Token {
    input.truncate(to: 0)
    input.append(part: subject.domain)
    input.append(part: subject.value)
    let (high, low) = subjectMAC.token(of: input.bytes)
    return Token(high: high, low: low)
  }

  /// A subject of its own that says of a key: it belongs to an identity of this kind. Kept and destroyed like every
  /// link of the key.
  private func mark(of key: PersonKey, _ domain: String) -> Token {
    token(of: Subject("\(domain)-of-key", key.id.bytes))
  }

  private func known(_ subject: Token) throws(PrivacyError) -> PersonKey? {
    if let pending = pendingSubjects[subject] { return pending }
    if let cached = subjects[subject] { return cached }
    let stored: (id: [UInt8], wrapped: [UInt8])?
    do {
      stored = try withUnsafeBytes(of: (subject.high.bigEndian, subject.low.bigEndian)) { try file.key(subject: $0) }
    } catch {
      throw .vault(error, operation: "look a subject up")
    }
    guard let stored, let id = PersonKeyID(bytes: stored.id) else { return nil }
    let key: PersonKey
    if let cached = keys[id], let cached {
      key = cached
    } else {
      key = try unwrap(stored.wrapped, id: id)
      keys.insert(key, for: id)
    }
    subjects.insert(key, for: subject)
    return key
  }

  private func makeKey() throws(PrivacyError) -> PersonKey {
    do throws(CryptoError) {
      let name = try random.next(10)
      // The layout of RFC 9562's version 7, without its marks: 48 bits of milliseconds, then 80 random ones. Keys that
      // were made together lie together in the file, and are looked up together when their events are read again.
      let moment = UInt64(clamping: Int64(Date().timeIntervalSince1970 * 1_000))
      let id = PersonKeyID(
        high: moment << 16 | UInt64(name.loadUnaligned(as: UInt16.self)),
        low: name.loadUnaligned(fromByteOffset: 2, as: UInt64.self))
      let slot = try slab.take()
      let key = PersonKey(id: id, slab: slab, slot: slot)
      try Randomness.fill(slot)
      pendingKeys[id] = key
      made += 1
      return key
    } catch {
      throw PrivacyError(error, operation: "make a key")
    }
  }

  private func wrap(_ key: PersonKey) throws(PrivacyError) -> [UInt8] {
    do throws(CryptoError) {
      let nonce = try random.next(AESGCM.nonceBytes)
      var box = [UInt8](repeating: 0, count: AESGCM.keyBytes + AESGCM.overhead)
      try box.withMutableBytes { box throws(CryptoError) in
        try key.id.withBytes { id throws(CryptoError) in
          try wrappingKey.withBytes { wrapping throws(CryptoError) in
            try cipher.seal(key.bytes, key: wrapping, nonce: nonce, associatedData: id, into: box)
          }
        }
      }
      return box
    } catch {
      throw PrivacyError(error, operation: "wrap a key")
    }
  }

  private func unwrap(_ box: [UInt8], id: PersonKeyID) throws(PrivacyError) -> PersonKey {
    do throws(CryptoError) {
      guard box.count == AESGCM.keyBytes + AESGCM.overhead else {
        throw CryptoError(.authenticationFailed, operation: "unwrap")
      }
      let slot = try slab.take()
      let key = PersonKey(id: id, slab: slab, slot: slot)
      _ = try box.withBytes { box throws(CryptoError) in
        try id.withBytes { id throws(CryptoError) in
          try wrappingKey.withBytes { wrapping throws(CryptoError) in
            try cipher.open(box, key: wrapping, associatedData: id, into: slot)
          }
        }
      }
      return key
    } catch {
      // Not `.authenticationFailed`: that kind sends single events to quarantine, and this is about the vault itself.
      throw PrivacyError(
        .vault, operation: "unwrap a key", cause: "an entry of the vault is damaged",
        hint: "restore vault.sqlite from a backup")
    }
  }
}
