internal import Crypto
internal import Entity
internal import Files
internal import Glibc

/// All keys, derived from the one master key file (KBKDF, SP 800-108). Raw keys never leave the module.
///
/// Each use has a label of its own, so that no two uses ever share a key: log keys, tokens (per field and version),
/// subjects of the vault, wrapping of data keys, and a check value that ties a vault to its keyring.
package final class Keyring: Sendable {
  private let master: SecretBytes

  private enum Label {
    static let routing = "millrace/routing"
    static let token = "millrace/token"
    static let subject = "millrace/vault/subject"
    static let wrapping = "millrace/vault/wrapping"
    static let check = "millrace/vault/check"
  }

  /// Writes a new random master key file, 0600; refuses an existing one.
  package static func create(at path: String) throws(PrivacyError) {
    do {
      let key = try SecretBytes(random: PrivacyLimits.masterKeyBytes)
      var copy = key.withBytes { Array($0) }
      defer { copy.withUnsafeMutableBytes { SecretBytes.cleanse($0) } }
      try Files.create(path, with: copy, mode: 0o600)
    } catch let error as FileError {
      throw .keyFile(path, error.reason, hint: "an existing key is never overwritten; move it away if you mean to")
    } catch let error as CryptoError {
      throw PrivacyError(.randomness, operation: "make a master key", cause: error.kind.rawValue, hint: error.hint)
    } catch {
      throw .keyFile(path, "an unexpected failure", hint: "please report it")
    }
  }

  /// Refuses a file that others may read, that has another owner or a second name, a symbolic link, a short one, and
  /// one whose bytes are all the same.
  package init(masterKeyFile path: String) throws(PrivacyError) {
    do {
      var (bytes, status) = try Files.read(path, limit: PrivacyLimits.masterKeyFileBytes)
      defer { bytes.withUnsafeMutableBytes { SecretBytes.cleanse($0) } }
      guard status.owner == geteuid() else {
        throw PrivacyError.keyFile(path, "it belongs to another user", hint: "run as the user who owns it")
      }
      guard status.mode & 0o077 == 0 else {
        throw PrivacyError.keyFile(
          path, "other users may read or write it", hint: "chmod 600 it, and think about whether it was read")
      }
      guard status.links == 1 else {
        throw PrivacyError.keyFile(path, "it has a second name (hard link)", hint: "delete the other name")
      }
      guard bytes.count >= PrivacyLimits.masterKeyBytes else {
        throw PrivacyError.keyFile(
          path, "it has \(bytes.count) bytes, fewer than \(PrivacyLimits.masterKeyBytes)",
          hint: "restore it from a copy")
      }
      guard bytes.contains(where: { $0 != bytes[0] }) else {
        throw PrivacyError.keyFile(path, "all its bytes are the same", hint: "restore it from a copy")
      }
      master = try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }
    } catch let error as PrivacyError {
      throw error
    } catch let error as FileError {
      throw .keyFile(path, error.reason, hint: "run `millrace init`, or restore the file from a copy")
    } catch let error as CryptoError {
      throw PrivacyError(error, operation: "load the master key")
    } catch {
      throw .keyFile(path, "an unexpected failure", hint: "please report it")
    }
  }

  /// Token key version in force. A version also stands for the canonicalisation rules in `Canonical`.
  package var tokenVersion: Int { 1 }

  func routingKey() throws(PrivacyError) -> SecretBytes { try derive(Label.routing) }
  func subjectKey() throws(PrivacyError) -> SecretBytes { try derive(Label.subject) }
  func wrappingKey() throws(PrivacyError) -> SecretBytes { try derive(Label.wrapping) }

  func tokenKey(_ field: PersonalField, version: Int) throws(PrivacyError) -> SecretBytes {
    guard (1...tokenVersion).contains(version) else {
      throw PrivacyError(
        .unknownVersion, operation: "make token keys", cause: "key version \(version) is not known",
        hint: "this keyring has versions 1 to \(tokenVersion); use the Millrace version that wrote the mart")
    }
    let number = UInt32(version)
    return try derive(
      Label.token,
      context: [
        field.rawValue, UInt8(truncatingIfNeeded: number >> 24), UInt8(truncatingIfNeeded: number >> 16),
        UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number),
      ])
  }

  /// 16 bytes that tell whether a vault was made under this master key. They reveal nothing about any other key.
  func vaultCheck() throws(PrivacyError) -> [UInt8] {
    try derive(Label.check, byteCount: 16).withBytes { Array($0) }
  }

  private func derive(_ label: String, context: [UInt8] = [], byteCount: Int = 32) throws(PrivacyError) -> SecretBytes {
    do throws(CryptoError) {
      return try KeyDerivation.derive(from: master, label: label, context: context, byteCount: byteCount)
    } catch {
      throw PrivacyError(error, operation: "derive a key")
    }
  }
}
