internal import Capture
internal import EventLog
internal import Files
package import Privacy

/// Whether master key and vault are those that the log was sealed with.
extension Workspace {
  /// How far the vault must have come; nil: nothing was captured yet, so there may be none.
  func vaultMark(beside log: any LogReader) throws -> VaultMark? {
    if let mark = try CaptureStatus.vaultMark(workspace: folder) { return mark.keys == 0 ? nil : mark }
    if Files.exists(vaultFile) { return nil }
    // Whoever captured before this build, or lost capture.sqlite, too, has records all the same.
    for topic in try log.topics() {
      for partition in try log.partitions(of: topic) {
        let bounds = try log.bounds(of: partition)
        if bounds.next > bounds.earliest { return VaultMark(keys: 0, newest: nil) }
      }
    }
    return nil
  }

  /// The vault, to look keys up in; refused where it is missing, older than the log, or another one.
  package func vaultToRead(_ keyring: Keyring) throws -> Vault {
    try Vault(
      path: vaultFile, keyring: keyring, mode: .reader, expected: CaptureStatus.vaultMark(workspace: folder),
      metrics: metrics)
  }

  /// Why nothing can be sealed or opened; nil: master key and vault are there and belong to the log.
  package func keyFault() -> String? {
    do {
      let keyring = try keyring()
      let mark = try CaptureStatus.vaultMark(workspace: folder)
      if mark == nil, !Files.exists(vaultFile) { return nil }
      _ = try vaultToRead(keyring)
      return nil
    } catch let error as PrivacyError {
      return "keys: \(error.cause); \(error.hint)"
    } catch {
      return "keys: \(error)"
    }
  }
}
