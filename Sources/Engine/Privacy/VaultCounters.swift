internal import Telemetry

/// What a vault counts. Whose keys they are nobody learns.
struct VaultCounters: Sendable {
  let made: Counter
  let read: Counter
  let destroyed: Counter

  init(_ metrics: Metrics) {
    made = metrics.counter("millrace_vault_keys_made_total", help: "Keys of persons not met before.")
    read = metrics.counter(
      "millrace_vault_keys_read_total", help: "Keys that were looked up in the vault's file, since no cache had them.")
    destroyed = metrics.counter("millrace_vault_keys_destroyed_total", help: "Keys that were destroyed for good.")
  }
}
