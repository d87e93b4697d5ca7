internal import Capture
internal import Entity
package import EventLog
package import Events
package import Money
package import Privacy

/// Appends decisions to the log: numbered, by way of an outbox of their own, exactly once. Does not wait for a capture.
package enum DecisionRecorder {
  /// Records one decision, and sends first what an interrupted call has left. Blocks; refused while another decision of
  /// this workspace is being recorded. When it throws after the decision was finished, the next call sends it. `vault`
  /// may be open for reading: a decision holds nothing personal.
  package static func record(
    _ decision: Decision, at moment: Timestamp, workspace: String, partitions: Int32,
    log: any LogReader & LogWriter, keyring: Keyring, vault: Vault
  ) throws {
    var configuration = CaptureConfiguration(workspace: workspace, partitions: partitions)
    configuration.role = .operator
    let source = try OperatorSource([(decision, moment)], keyring: keyring)
    let session = try CaptureSession(
      configuration, sources: [source], log: log, keyring: keyring, vault: vault, clock: { moment })
    _ = try session.runOnce()
  }
}
