import Capture
import Concurrency
import EmbeddedLog
import EventLog
import Files
import Money
import Operations
import Pipeline
import Projections
import SQLite
import ShopMarts
import Simulator
import TestSupport
import Testing
import Workspace

/// A workspace with a small simulated business, driven by function calls.
struct TestWorld {
  let workspace: Workspace
  let configuration: Configuration

  /// With sources and nothing captured.
  init(_ name: String = "workspace") throws {
    workspace = Workspace(folder: "\(TemporaryFolder.path)/\(name)")
    try workspace.create()
    configuration = try workspace.configuration()
    let plan = SimulationPlan(
      until: try #require(CivilDate("2026-10-31")), days: 60, seed: 7, orders: 60, weblogLines: 120, leads: 20)
    try SimulatedSources(workspace).build(plan)
  }

  func capture() throws {
    _ = try workspace.captureSession(configuration, stop: StopFlag(), waits: false).runOnce()
  }

  func project() throws {
    let jobs = try workspace.projectJobs(Shop.marts, configuration, stop: StopFlag(), waits: false) { _ in }
    for outcome in MartRuntime.run(jobs, until: .atEnd(StopFlag())) { _ = try outcome.result.get() }
  }

  func status(at nowMillis: Int64 = Workspace.clock().millis) throws -> WorkspaceStatus {
    try WorkspaceStatus(of: workspace, configuration, nowMillis: nowMillis)
  }

  /// Every partition's end with the chain over all that is before it.
  static func ends(_ folder: String) throws -> [LogEnd] { try EmbeddedLog(folder: folder, readOnly: true).ends() }

  /// Everything in an SQLite file, as text.
  static func dump(_ file: String) throws -> [String] {
    let database = try Database(file, .readOnly)
    let tables = try database.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1") { $0.text(0) }
    return try tables.flatMap { table in
      let columns = try database.rows("SELECT name FROM pragma_table_info('\(table)')") { $0.text(0) }
      let row = columns.map { "quote(\"\($0)\")" }.joined(separator: " || ',' || ")
      return try database.rows("SELECT \(row) FROM \"\(table)\" ORDER BY 1") { "\(table): \($0.text(0))" }
    }
  }

  static func bytes(_ file: String) throws -> [UInt8] { try Files.read(file, limit: 16 << 20).bytes }
}
