import Telemetry
import TestSupport
import Testing
import Workspace

/// Where all parts of a workspace count.
@Suite("The counters of a workspace", .temporaryFolder)
struct MetricsTests {
  /// Goal: no part counts where nobody looks. Method: one capture and one projection, and a counter of each module that
  /// took part.
  @Test("whatever works for a workspace counts in one place") func registered() throws {
    let world = try TestWorld()
    try world.capture()
    try world.project()
    let text = world.workspace.metrics.prometheusText()
    let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") && !$0.hasSuffix(" 0") }
    for name in [
      "millrace_capture_events_total{source=\"platform\"}", "millrace_capture_checkpoints_total",
      "millrace_sqlite_source_rows_total{source=\"platform\"}", "millrace_sheet_source_rows_total{source=\"leads\"}",
      "millrace_log_lock_wait_seconds_count", "millrace_vault_keys_made_total", "millrace_vault_keys_read_total",
      "millrace_pipeline_events_total{mart=\"sales\"}", "millrace_mart_checkpoints_total{mart=\"sales\"}",
    ] { #expect(lines.contains { $0.hasPrefix(name + " ") }, "\(name)") }
  }
}
