import Capture
import EventLog
import Foundation
import Marts
import Operations
import Pipeline
import Projections
import SQLite
import ShopMarts
import TestSupport
import Testing
import Workspace

/// What earlier versions wrote goes on: a whole workspace of format 1, kept as bytes (Tests/Golden/format-1-workspace).
@Suite("The kept workspace of format 1", .temporaryFolder)
struct KeptWorkspaceTests {
  private func renaming(_ mart: MartDefinition) -> DumpRenaming { .ofKeptMarts[mart.name] ?? DumpRenaming() }

  private func expectKept(_ dump: MartDump, _ mart: MartDefinition, _ what: String) throws {
    let differences = renaming(mart).differences(from: try KeptWorkspace.keptDump(of: mart.name), to: dump)
    try #require(differences.isEmpty, "\(mart.name), \(what): \(differences.joined(separator: "\n"))")
  }

  /// Writes the dumps of a workspace that was just made; see the README beside it. Does nothing otherwise.
  @Test(
    "the dumps of a newly made workspace are written down",
    .enabled(if: ProcessInfo.processInfo.environment["MILLRACE_WRITE_KEPT_DUMPS"] != nil))
  func write() throws {
    let kept = try KeptWorkspace()
    for mart in Shop.marts {
      let file = "\(KeptWorkspace.golden)/dumps/\(mart.name).txt"
      try kept.dump(mart).text.write(toFile: file, atomically: true, encoding: .utf8)
    }
  }

  /// Goal: the kept workspace is worth its place. Method: what the tests below rely on, read from the old files.
  @Test("it holds three epochs, old orders that were updated and deleted, and something in every table of rows")
  func holdsEnough() throws {
    var rows: [String: Int] = [:]
    for mart in KeptWorkspace.marts {
      for (name, table) in try KeptWorkspace.keptDump(of: mart.name).tables { rows[name] = table.rows.count }
    }
    // No event is missing, no lead or order has a finding, and a deleted lead is kept as a row.
    let empty = ["lead_flags", "lead_tombstones", "millrace_gaps", "order_flags", "spend_flags"]
    #expect(rows.filter { $0.value == 0 }.keys.sorted() == empty)
    let sales = try KeptWorkspace.keptDump(of: "sales")
    let numbers = try #require(sales.tables["millrace_numbers"])
    let epoch = try #require(numbers.columns.firstIndex(of: "epoch"))
    #expect(Set(numbers.rows.map { $0[epoch] }) == ["1", "2", "3"])
    let tombstones = try #require(sales.tables["order_tombstones"])
    #expect(tombstones.rows.count > 2)
    #expect(sales.text.contains("\"~"), "no natural person's company")
  }

  /// Goal: a new version reads what an earlier one wrote, and goes on. Method: by process, as an operator would; what the
  /// marts say after a replay is what they said before, in today's words.
  @Test("status, replay, capture and project go on with it, and the marts say what they said") func goesOn() throws {
    let kept = try KeptWorkspace()
    let outdated = try KeptWorkspace.marts.map { ($0, try kept.outdated($0)) }
    for (mart, projections) in outdated where !projections.isEmpty {
      let refused = try kept.run(["project", mart.name, "--once"], expecting: nil)
      #expect(refused.status != 0 && refused.errors.contains("millrace replay \(mart.name)"), "\(refused.errors)")
    }
    // The shop's history had broken when it was made, which is for a person to acknowledge.
    let status = try kept.run(["status"], expecting: 73)
    for words in ["were installed anew", "is older than what was captured"] {
      #expect(status.output.contains("platform: the ") && status.output.contains(words), "\(status.output)")
    }

    for (mart, projections) in outdated {
      let accept = projections.isEmpty ? [] : ["--accept", projections.joined(separator: ",")]
      try kept.run(["replay", mart.name] + accept)
      #expect(try MartReader(kept.workspace.mart(mart.name)).generation == 2)
      try expectKept(kept.dump(mart), mart, "after a replay")
    }

    try change(kept)
    let capture = try kept.run(["capture", "--once", "--acknowledge-breaks"])
    // An order, its line, an update of an order of the first epoch, and a delete of another. The sheets are other files
    // than those that were read before, so all are read again; what was refused of them is refused by another mapping. Its
    // shop was a backup that was put back: twenty rows that the backup lacks go away, in an epoch of their own.
    #expect(capture.output.contains(", platform 24, spend 1, weblog 1)"), "\(capture.output)")
    #expect(!capture.errors.contains("broke"), "\(capture.errors)")
    let platform = try kept.status().capture.sources.first { $0.name == "platform" }
    #expect(platform?.epoch == 4)
    try kept.run(["project", "--once"])
    #expect(try kept.status().reasons.allSatisfy { $0.contains("in quarantine") })
    try kept.run(["log", "verify"])

    let live = try KeptWorkspace.marts.map { try kept.dump($0) }
    for (mart, dump) in zip(KeptWorkspace.marts, live) where mart.name != "advertising" {
      #expect(try dump.tables != KeptWorkspace.keptDump(of: mart.name).tables, "nothing came to \(mart.name)")
    }
    try kept.run(["replay", "--all"])
    for (mart, before) in zip(KeptWorkspace.marts, live) {
      let after = try kept.dump(mart)
      #expect(DumpRenaming().differences(from: before, to: after) == [], "\(mart.name)")
    }
  }

  /// What happens in the shop afterwards.
  private func change(_ kept: KeptWorkspace) throws {
    let shop = try Database("\(kept.folder)/sources/platform.sqlite", .readWrite)
    try shop.execute(
      """
      BEGIN;
      INSERT INTO orders VALUES(50, NULL, 1, 'store', 1, 'sale', NULL, 'placed', NULL, '2026-11-05', 'USD', 'US',
        'Later Street', NULL, '2026-11-05T10:00:00Z', '2026-11-05T10:00:00Z');
      INSERT INTO order_items VALUES(500, 50, 1, 2, '10.00', NULL);
      UPDATE orders SET status='completed', updated_at='2026-11-05T11:00:00Z' WHERE id=13;
      DELETE FROM orders WHERE id=10;
      COMMIT;
      """)
    let log = try #require(FileHandle(forWritingAtPath: "\(kept.folder)/sources/weblogs/access.log"))
    try log.seekToEnd()
    try log.write(
      contentsOf: Data(
        """
        203.0.113.77 - user-3 [05/Nov/2026:12:00:00 +0000] "GET /login HTTP/1.1" 200 5 "-" "Firefox/1.0"\n
        """.utf8))
    try log.close()
    let leads = "\(kept.folder)/sources/leads"
    let old = try String(contentsOfFile: "\(leads)/leads-2.csv", encoding: .utf8)
    try old.replacing("2026-10-03T09:00:00Z", with: "2026-11-03T09:00:00Z").write(
      toFile: "\(leads)/leads-3.csv", atomically: true, encoding: .utf8)
  }

  /// Goal: what comes out depends on no order of partitions. Method: partitions one after the other in each of the six
  /// orders, and twenty random interleavings with small batches, in marts of their own.
  @Test("its partitions, folded in every order and interleaved at random, give the marts that were kept")
  func everyOrder() throws {
    let kept = try KeptWorkspace()
    let orders: [[Int32]] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
    for mart in KeptWorkspace.marts {
      for order in orders {
        let logs = try (1...order.count).map { PartlyHiddenLog(try kept.log(), showing: order.prefix($0)) }
        let name = order.map { "\($0)" }.joined()
        let dump = try kept.fold(mart, into: "\(TemporaryFolder.path)/marts-\(name)", logs)
        try expectKept(dump, mart, "partitions \(name)")
      }
      for seed: UInt64 in 1...20 {
        let dump = try kept.fold(
          mart, into: "\(TemporaryFolder.path)/marts-seed-\(seed)", [kept.log()],
          order: .seeded(seed, readBytes: 3_000, flushEvents: 40))
        try expectKept(dump, mart, "seed \(seed)")
      }
    }
  }
}
