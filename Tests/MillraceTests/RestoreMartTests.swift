import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// `millrace restore MART FILE`: a mart from its snapshot and the log's tail.
@Suite("Restoring a mart", .temporaryFolder)
struct RestoreMartTests {
  private var file: String { "\(TemporaryFolder.path)/copy.sqlite" }

  /// A workspace whose leads mart was copied to `file`, and has got one more lead since.
  private func prepared() throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try workspace.run("snapshot", "leads", file)
    try workspace.dropSheet(
      "zz.csv",
      TestWorkspace.leadHeader
        + "LATE,2026-10-30T08:00:00Z,Live,Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,qualified,2026-10-30T09:00:00Z\n"
    )
    try workspace.catchUp()
    return workspace
  }

  private func leads(_ workspace: TestWorkspace) throws -> [String] {
    try Database(workspace.generationFile("leads"), .readOnly).rows(
      // All but the numbers, which are each generation's own.
      "SELECT version_major, version_minor, email, d.* FROM leads JOIN lead_details d USING (lead_id) ORDER BY lead_id"
    ) { row in
      (0..<row.columnCount).map { "\(row.value($0))" }.joined(separator: "|")
    }
  }

  private func refused(_ workspace: TestWorkspace, _ text: String, mart: String = "leads") throws {
    let before = try Files.names(in: "\(workspace.folder)/marts/\(mart)").filter { $0.hasSuffix(".sqlite") }
    for words in [["restore", mart, file], ["replay", mart, "--from-snapshot", file]] {
      let result = try workspace.answer(words)
      #expect(result.status == 75, "\(words): \(result.errors)")
      #expect(result.errors.contains(text), "\(result.errors)")
    }
    #expect(try Files.names(in: "\(workspace.folder)/marts/\(mart)").filter { $0.hasSuffix(".sqlite") } == before)
  }

  @Test("a snapshot and the log's tail give the mart that is served, and only the tail is read") func tail() throws {
    let workspace = try prepared()
    let expected = try leads(workspace)
    let result = try workspace.json(workspace.run("restore", "leads", file, "--format", "json").outputBytes)
    let replay = try #require((result["replays"] as? [[String: Any]])?.first)
    #expect(replay["swapped"] as? Bool == true && replay["generation"] as? Int == 2)
    #expect((replay["comparison"] as? [String: Any])?["equal"] as? Bool == true)
    #expect(try leads(workspace) == expected)
    let run = try #require(try workspace.runs().first { $0["job"] as? String == "replay leads" })
    let counts = try #require(run["counts"] as? [String: Int])
    let all = try Database(workspace.generationFile("leads"), .readOnly).integer(
      "SELECT sum(next_offset) FROM millrace_positions")
    #expect(counts["progress.read"] ?? .max < Int(all ?? 0) / 2, "\(counts)")
    try workspace.run("replay", "leads")
    #expect(try leads(workspace) == expected, "from the log alone")
  }

  @Test("a mart that is gone comes back from its snapshot, also where the log has lost its beginning") func gone()
    throws
  {
    let workspace = try prepared()
    let expected = try leads(workspace)
    try FileManager.default.removeItem(atPath: "\(workspace.folder)/marts/leads")
    try Database(workspace.logFile, .readWrite).execute(
      """
      DELETE FROM batches WHERE base_offset = 0
        AND partition_id IN (SELECT partition_id FROM batches GROUP BY partition_id HAVING count(*) > 1);
      UPDATE partitions SET first_offset =
        coalesce((SELECT min(base_offset) FROM batches WHERE partition_id = partitions.id), first_offset)
      """)
    try workspace.run("replay", "leads", expecting: 75)
    try workspace.run("restore", "leads", file)
    #expect(try leads(workspace) == expected)
    try workspace.run("project", "--once")
    #expect(try leads(workspace) == expected)
  }

  @Test("a snapshot with a wrong row is not put to use unless --accept says so") func wrongRow() throws {
    let workspace = try prepared()
    let expected = try leads(workspace)
    try Database(file, .readWrite).execute(
      "UPDATE leads SET industry = 'x' WHERE lead_id = (SELECT min(lead_id) FROM leads)")
    let result = try workspace.run("restore", "leads", file, expecting: 74)
    #expect(result.output.contains("leads"), "\(result.output)")
    #expect(try leads(workspace) == expected)
    // What was begun from a snapshot is not what a replay from the log alone goes on with.
    try workspace.run("replay", "leads")
    #expect(try leads(workspace) == expected)
    #expect(try workspace.generationFile("leads").hasSuffix("leads.000003.sqlite"))
  }

  @Test("a snapshot of another mart, no mart, no file and a later schema are refused") func foreign() throws {
    let workspace = try prepared()
    try Files.remove(file)
    try refused(workspace, "copy.sqlite does not exist")
    try workspace.run("snapshot", "sales", file)
    try refused(workspace, "is one of another mart (it has catalog, orders)")
    try Files.remove(file)
    try Database(file, .readWriteCreate).execute("CREATE TABLE a (b)")
    try refused(workspace, "no mart of Millrace")
    try Files.remove(file)
    try workspace.run("snapshot", "leads", file)
    try Database(file, .readWrite).execute("PRAGMA user_version = 99")
    try refused(workspace, "schema version 99")
  }

  @Test("a snapshot made from other parts is refused, and each is named") func parts() throws {
    let workspace = try prepared()
    try Database(file, .readWrite).execute(
      """
      UPDATE millrace_identity SET value = '0' WHERE part = 'projection.leads';
      UPDATE millrace_identity SET value = '7' WHERE part = 'keys.tokenVersion';
      UPDATE millrace_identity SET value = 'other' WHERE part = 'log';
      """)
    try refused(workspace, "projection.leads was 0, is 4")
    try refused(workspace, "keys.tokenVersion was 7, is 1")
    try refused(workspace, "log was other, is ")
  }

  @Test("a snapshot made with other data for user agents is refused by their hash") func data() throws {
    let workspace = try prepared()
    try Files.remove(file)
    try workspace.run("snapshot", "traffic", file)
    let database = try Database(file, .readWrite)
    let part = try #require(
      try database.string(
        "SELECT min(part) FROM millrace_identity WHERE part NOT LIKE 'projection.%' AND part NOT IN ('log', 'keys.tokenVersion')"
      ))
    try database.run("UPDATE millrace_identity SET value = 'f00' WHERE part = ?1", [.text(part)])
    try refused(workspace, "\(part) was f00, is ", mart: "traffic")
  }

  @Test("a damaged snapshot is refused") func damaged() throws {
    let workspace = try prepared()
    try Database(file, .readWrite).execute(
      "PRAGMA ignore_check_constraints = 1; UPDATE millrace_numbers SET applied = applied + 1")
    try refused(workspace, "in = applied + quarantined + duplicates does not hold")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    try (bytes.prefix(8_192) + Data(repeating: 0xa5, count: bytes.count - 8_192)).write(to: URL(fileURLWithPath: file))
    try refused(workspace, "malformed")
  }

  @Test("a snapshot that is ahead of the log, of records that the log does not hold, or of a lost partition is refused")
  func positions() throws {
    let workspace = try prepared()
    let database = try Database(file, .readWrite)
    try database.execute("UPDATE millrace_positions SET anchor = zeroblob(32) WHERE partition = 1")
    try refused(workspace, "other records stand before offset")
    try database.execute("UPDATE millrace_positions SET next_offset = next_offset + 1000 WHERE partition = 1")
    try refused(workspace, "ahead of the log")
    try database.execute("UPDATE millrace_positions SET partition = 9 WHERE partition = 1")
    try refused(workspace, "leads/9, which the log does not have")
  }

  @Test("a snapshot that is newer than the generation being served is refused until that one has caught up")
  func newer() throws {
    let workspace = try prepared()
    try workspace.run("replay", "leads")
    try workspace.dropSheet(
      "zzz.csv",
      TestWorkspace.leadHeader
        + "LATER,2026-10-30T08:00:00Z,Live,Acme,retail,Ana,ana@x.example,1,trade show,1.00,US,qualified,2026-10-30T09:00:00Z\n"
    )
    try workspace.catchUp()
    try Files.remove(file)
    try workspace.run("snapshot", "leads", file)
    try workspace.run("rollback", "leads")
    try refused(workspace, "newer than the generation being served")
    try workspace.run("project", "leads", "--once")
    try workspace.run("restore", "leads", file)
  }

  @Test("a snapshot that somebody uses, or that is a link to a served file, is refused") func inUse() throws {
    let workspace = try prepared()
    try Files.create(file + "-wal", with: [1], mode: 0o600)
    try refused(workspace, "lies beside it")
    try Files.remove(file + "-wal")
    try Files.remove(file)
    try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: workspace.generationFile("leads"))
    try refused(workspace, "is a link")
  }

  @Test("a snapshot is for one mart, and not for a detached generation") func usage() throws {
    let workspace = try prepared()
    #expect(try workspace.answer(["replay", "--all", "--from-snapshot", file]).status == 2)
    #expect(try workspace.answer(["replay", "leads", "--from-snapshot", file, "--until", "2026-10-01"]).status == 2)
    #expect(try workspace.answer(["restore", "leads"]).status == 2)
    #expect(try workspace.answer(["restore"]).status == 2)
    #expect(try workspace.answer(["restore", "leads", file, "--keys", "x"]).status == 2)
    #expect(try workspace.answer(["restore", "leads", file, "--from-backup", "x"]).status == 2)
    #expect(try workspace.answer(["restore", "--from-backup", "x", "--accept", "leads@1"]).status == 2)
  }

  @Test("a restoring killed at any of its steps goes on, and readers keep their mart") func killed() throws {
    let workspace = try prepared()
    let expected = try leads(workspace)
    for step in ["announced", "copied", "building", "aligned", "sealed", "handedOver", "swapped", "retired"] {
      let killed = try workspace.crash(at: step, "restore", "leads", file)
      #expect(killed.status == 137 || killed.status == 0, "\(step): \(killed.errors)")
      #expect(try leads(workspace) == expected, "\(step)")
      if step == "copied" {
        // A copy that was broken off in the middle.
        let names = try Files.names(in: "\(workspace.folder)/marts/leads")
        #expect(!names.contains { $0.hasSuffix(".partial") }, "\(names)")
      }
    }
    try workspace.run("restore", "leads", file)
    #expect(try leads(workspace) == expected)
  }
}
