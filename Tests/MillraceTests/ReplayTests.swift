import Files
import Foundation
import SQLite
import TestSupport
import Testing

/// `millrace replay` and its companions, as people use them: on a workspace, beside other processes.
@Suite("Replay", .temporaryFolder)
struct ReplayTests {
  private func replays(_ result: ChildProcess.Result, _ workspace: TestWorkspace) throws -> [[String: Any]] {
    try #require(try workspace.json(result.outputBytes)["replays"] as? [[String: Any]])
  }

  /// A change in a served generation behind everybody's back; nobody writes it meanwhile.
  private func plant(_ sql: String, in mart: String, of workspace: TestWorkspace) throws {
    try Database(workspace.generationFile(mart), .readWrite).execute(sql)
  }

  @Test("a mart built anew is equal, takes the old one's place, and reports say the same") func equal() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(faults: 0.02)
    let before = try TestWorkspace.allReports.map { try workspace.rows([$0, "--as-of", "2026-10-31"]) as NSArray }
    let result = try workspace.run("replay", "--all", "--format", "json")
    for replay in try replays(result, workspace) {
      #expect(replay["swapped"] as? Bool == true)
      #expect(replay["old_generation"] as? Int == 1)
      #expect(replay["generation"] as? Int == 2)
      let comparison = try #require(replay["comparison"] as? [String: Any])
      #expect(comparison["equal"] as? Bool == true)
      // The simulated spend is one small table in one month.
      let few = replay["mart"] as? String == "advertising" ? 2 : 10
      #expect((comparison["tables_and_months"] as? Int ?? 0) > few, "an empty comparison proves nothing")
    }
    for (name, rows) in zip(TestWorkspace.allReports, before) {
      #expect(try workspace.rows([name, "--as-of", "2026-10-31"]) as NSArray == rows, "\(name)")
    }
    try workspace.expectBalance(workspace.status())
    let run = try #require(try workspace.runs().first { $0["job"] as? String == "replay sales" })
    let counts = try #require(run["counts"] as? [String: Int])
    #expect(counts["swapped from"] == 1 && counts["swapped to"] == 2)
    #expect(counts["to.orders/0"] ?? 0 > 0 && counts["from.orders/0"] == 0)
  }

  /// Goal: a wrong figure in the served mart is found and named, and nothing is put to use behind people's backs. Method: change
  /// one amount by one.
  @Test("a planted wrong row is found by table and month, both generations stay, and --accept takes the new one")
  func plantedRow() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let file = try workspace.generationFile("sales")
    let month = try #require(
      try Database(file, .readOnly).string(
        "SELECT strftime('%Y-%m', entry_day * 86400, 'unixepoch') FROM ledger_days ORDER BY entry_day, kind, order_day LIMIT 1"
      ))
    try plant(
      """
      UPDATE ledger_days SET amount_minor = amount_minor + 1
      WHERE (entry_day, kind, order_day, currency, channel, order_type) IN
        (SELECT entry_day, kind, order_day, currency, channel, order_type FROM ledger_days ORDER BY entry_day, kind, order_day LIMIT 1)
      """, in: "sales", of: workspace)
    let refused = try workspace.run("replay", "sales", "--format", "json", expecting: 74)
    let replay = try #require(try replays(refused, workspace).first)
    #expect(replay["swapped"] as? Bool == false)
    #expect((replay["refusal"] as? String)?.contains("ledger_days") == true)
    let differences = try #require(
      (replay["comparison"] as? [String: Any])?["differences"] as? [[String: Any]])
    #expect(differences.count == 1)
    #expect(differences.first?["table"] as? String == "ledger_days")
    #expect(differences.first?["month"] as? String == month)
    let sums = try #require(differences.first?["sums"] as? [[String: Any]])
    #expect(sums.count == 1 && sums.first?["column"] as? String == "amount_minor")
    #expect(try workspace.generationFile("sales") == file)
    try workspace.run("diff", "sales", "1", "2", expecting: 74)
    // The same command goes on with what is built, and comes to the same.
    try workspace.run("replay", "sales", expecting: 74)
    try workspace.run("replay", "sales", "--accept", "orders@9", expecting: 75)
    try workspace.run("replay", "sales", "--accept", "catalog@3", expecting: 74)
    try workspace.run("replay", "sales", "--accept", "orders@4")
    #expect(try workspace.generationFile("sales").hasSuffix("sales.000002.sqlite"))
    try workspace.run("replay", "sales")
  }

  /// Goal: rows of two rule versions never meet in one mart. Method: mark the served generation as made by another version.
  @Test("project refuses a generation of another projection version, and replay replaces it") func versions() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    try plant(
      "UPDATE millrace_identity SET value = '0' WHERE part = 'projection.leads'; UPDATE leads SET industry = 'x'",
      in: "leads", of: workspace)
    let refused = try workspace.run("project", "leads", "--once", expecting: 69)
    #expect(refused.errors.contains("projection.leads was 0, is 4"), "\(refused.errors)")
    #expect(refused.errors.contains("millrace replay leads --accept leads@4"), "\(refused.errors)")
    #expect(try workspace.rows(["leads"]).count > 0, "reports go on")
    let differing = try workspace.run("replay", "leads", expecting: 74)
    #expect(differing.output.contains("leads was 0, is 4"), "\(differing.output)")
    try workspace.run("project", "leads", "--once", expecting: 69)
    try workspace.run("replay", "leads", "--accept", "leads@4")
    try workspace.run("project", "leads", "--once")
  }

  /// Goal: a rebuild that was killed goes on from its last commit. Method: end it after its first small batch.
  @Test("after kill -9 the same command goes on from the last commit, and the ledger says so") func resume() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let yaml = "\(workspace.folder)/millrace.yaml"
    try (String(contentsOfFile: yaml, encoding: .utf8) + "\nbatches:\n  project_events: 100\n").write(
      toFile: yaml, atomically: true, encoding: .utf8)
    let killed = try workspace.crash(at: "building", "replay", "sales")
    #expect(killed.status == 128 + SIGKILL, "\(killed.errors)")
    let building = "\(workspace.folder)/marts/sales/sales.000002.sqlite"
    let done = try Database(building, .readOnly).integer("SELECT sum(next_offset) FROM millrace_positions") ?? 0
    let all = try Database(workspace.generationFile("sales"), .readOnly).integer(
      "SELECT sum(next_offset) FROM millrace_positions")
    #expect(done > 0 && done < all ?? 0)
    let dry = try replays(workspace.run("replay", "sales", "--dry-run", "--format", "json"), workspace)
    #expect(dry.first?["resumes_generation"] as? Int == 2)
    let finished = try workspace.run("replay", "sales", "--format", "json")
    #expect(try replays(finished, workspace).first?["generation"] as? Int == 2)
    let runs = try workspace.runs().filter { $0["job"] as? String == "replay sales" }
    #expect(runs.map { $0["state"] as? String } == ["finished", "broken"])
    #expect(runs.first?["resumes"] as? Int == runs.last?["id"] as? Int)
    // What was done before is not read again: the second run counts only the rest.
    let counts = try #require(runs.first?["counts"] as? [String: Int])
    #expect(Int64(counts["progress.read"] ?? .max) <= (all ?? 0) - done)
  }

  /// Goal: nothing from before a restart of the machine is trusted unless it was whole on disk. Method: another boot id.
  @Test("a half-built generation from before the machine's restart is thrown away") func otherBoot() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let state = "\(workspace.folder)/marts/leads/leads.000002.state"
    _ = try workspace.crash(at: "aligned", "replay", "leads")
    let text = try String(contentsOfFile: state, encoding: .utf8)
    #expect(text.contains("phase building"))
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    try lines.map { $0.hasPrefix("boot ") ? "boot other" : String($0) }.joined(separator: "\n").write(
      toFile: state, atomically: true, encoding: .utf8)
    try workspace.run("project", "leads", "--once")
    #expect(!Files.exists("\(workspace.folder)/marts/leads/leads.000002.sqlite"))
    try workspace.run("replay", "leads")
    #expect(try workspace.generationFile("leads").hasSuffix("leads.000003.sqlite"))
  }

  @Test("a log that has lost its beginning is named before any work, and an archive helps") func archive() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let archive = "\(workspace.scratch)/archive"
    try FileManager.default.copyItem(atPath: "\(workspace.folder)/log", toPath: archive)
    // Something new for the log alone, in batches of its own.
    try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.7"))
    try workspace.catchUp()
    try Database(workspace.logFile, .readWrite).execute(
      """
      DELETE FROM batches WHERE base_offset = 0
        AND partition_id IN (SELECT partition_id FROM batches GROUP BY partition_id HAVING count(*) > 1);
      UPDATE partitions SET first_offset = coalesce(
        (SELECT min(base_offset) FROM batches WHERE partition_id = partitions.id), first_offset);
      """)
    let refused = try workspace.run("replay", "traffic", expecting: 75)
    #expect(refused.errors.contains("of its first events are gone from the log"), "\(refused.errors)")
    #expect(refused.errors.contains("--from-archive"), "\(refused.errors)")
    #expect(
      try !FileManager.default.contentsOfDirectory(atPath: "\(workspace.folder)/marts/traffic").contains {
        $0.contains(".state")
      })
    try workspace.run("replay", "traffic", "--from-archive", archive)
    let other = TestWorkspace("other")
    try other.prepareSmall(projected: false)
    try other.run("capture", "--once")
    try workspace.run("replay", "traffic", "--from-archive", "\(other.folder)/log", expecting: 75)
  }

  @Test("--until builds a generation for looking only, which reports can read") func until() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let first = try workspace.json(workspace.run("log", "topics", "--format", "json").outputBytes)
    let partitions = try #require(first["partitions"] as? [[String: Any]])
    let leads = try #require(
      partitions.first { $0["topic"] as? String == "leads" && ($0["next_offset"] as? Int ?? 0) > 4 })
    let place = "leads/\(leads["partition"] as? Int ?? 0)"
    try workspace.run("replay", "leads", "--until", "\(place)=3")
    #expect(try workspace.generationFile("leads").hasSuffix("000001.sqlite"))
    let whole = try workspace.rows(["leads"]).reduce(0) { $0 + ($1["leads"] as? Int ?? 0) }
    let part = try workspace.rows(["leads", "--generation", "leads:2"]).reduce(0) { $0 + ($1["leads"] as? Int ?? 0) }
    #expect(part > 0 && part < whole)
    try workspace.run("report", "leads", "--generation", "2", expecting: 2)
    try workspace.run("rollback", "leads", "--to", "2", expecting: 2)
    // Everything was captured before tomorrow, and nothing before the year 2000.
    try workspace.run("replay", "leads", "--until", "2000-01-01")
    #expect(try workspace.rows(["leads", "--generation", "leads:3"]).isEmpty)
    try workspace.run("replay", "leads", "--until", "\(place)=999999", expecting: 2)
    try workspace.run("replay", "leads", "--until", "orders/0=1", expecting: 2)
    try workspace.run("replay", "leads", "--until", "yesterday", expecting: 2)
    // A replacement may come while detached ones are there; they stay.
    try workspace.run("replay", "leads")
    #expect(try workspace.generationFile("leads").hasSuffix("000004.sqlite"))
    try workspace.run("generations", "leads", "--delete", "2")
    try workspace.run("generations", "leads", "--delete", "4", expecting: 2)
  }

  @Test("old generations go with their side files, three are kept, and a rollback goes back and forth") func retention()
    throws
  {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    for _ in 0..<4 { try workspace.run("replay", "leads") }
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(workspace.folder)/marts/leads")
    let numbers = Set(names.compactMap { name in Int(name.split(separator: ".").dropFirst().first ?? "") })
    #expect(numbers == [3, 4, 5], "\(names.sorted())")
    try workspace.run("rollback", "leads")
    #expect(try workspace.generationFile("leads").hasSuffix("000004.sqlite"))
    try workspace.run("rollback", "leads", "--to", "5")
    #expect(try workspace.generationFile("leads").hasSuffix("000005.sqlite"))
    try workspace.run("rollback", "leads", "--to", "1", expecting: 2)
    try workspace.catchUp()
  }

  /// Goal: people notice nothing. Method: `run` follows live sources; every mart is replayed and rolled back again and again
  /// meanwhile, and reports are asked all the time. At the end everything is there, and equal to a rebuild.
  @Test("replay and rollback while run goes on and reports are read lose, repeat and mix nothing") func live() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    let process = try workspace.start("run")
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    try eventually("the marts are there") {
      process.hasEnded
        || TestWorkspace.marts.allSatisfy {
          FileManager.default.fileExists(atPath: "\(workspace.folder)/marts/\($0)/CURRENT")
        }
    }
    let readers = Readers(workspace)
    for round in 0..<4 {
      for index in 0..<10 {
        try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.\(index)", target: "/\(round)"))
      }
      try workspace.run("replay", "--all")
      try workspace.run("rollback", "traffic")
      #expect(!process.hasEnded)
    }
    try eventually("all requests are visible") {
      try Database(workspace.generationFile("traffic"), .readOnly).integer("SELECT sum(requests) FROM status_days")
        == 240
    }
    let answers = readers.end()
    #expect(answers.failures.isEmpty, "\(answers.failures)")
    #expect(answers.count > 10)
    process.signal(SIGTERM)
    let result = process.wait()
    #expect(result.status == 0, "\(result.errors)")
    try workspace.catchUp()
    try workspace.run("replay", "--all")
    try workspace.expectBalance(workspace.status())
    try workspace.run("log", "verify")
  }

  /// Asks reports on threads of its own until told to end.
  private final class Readers: @unchecked Sendable {
    private let lock = NSLock()
    private var isEnding = false
    private var failures: [String] = []
    private var count = 0
    private var threads: [Thread] = []

    init(_ workspace: TestWorkspace) {
      for name in ["leads", "site-traffic", "top-devices"] {
        let thread = Thread { [self] in
          while lock.withLock({ !isEnding }) {
            let words = [Place.millrace, "report", name, "--workspace", workspace.folder]
            let result = try? ChildProcess.run(words, folder: workspace.scratch)
            lock.withLock {
              count += 1
              if result?.status != 0, result?.status != 65 {
                failures.append("\(name): \(result?.errors ?? "no start")")
              }
            }
          }
        }
        thread.start()
        threads.append(thread)
      }
    }

    func end() -> (count: Int, failures: [String]) {
      lock.withLock { isEnding = true }
      while !threads.allSatisfy(\.isFinished) { Thread.sleep(forTimeInterval: 0.01) }
      return lock.withLock { (count, failures) }
    }
  }
}

extension TestWorkspace {
  /// Runs a command that ends itself with SIGKILL at the named step of a replay.
  func crash(at step: String, _ words: String...) throws -> ChildProcess.Result {
    try ChildProcess.run(
      [Place.millrace] + words + ["--workspace", folder], environment: ["MILLRACE_CRASH_AT": step], folder: scratch)
  }
}

@Suite("The ledger of replays", .temporaryFolder)
struct ReplayLedgerTests {
  /// Goal: other tools can follow the lineage. Method: a finished, a failed and a broken run; the events' required fields as
  /// OpenLineage 2-0-2 names them.
  @Test("the ledger is exported as OpenLineage events, one start and at most one end for each run") func openLineage()
    throws
  {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    _ = try workspace.crash(at: "sealed", "replay", "leads")
    try workspace.run("replay", "leads")
    try workspace.run("rollback", "leads", "--to", "7", expecting: 2)
    let text = try workspace.run("runs", "--format", "openlineage").output
    let events = try text.split(separator: "\n").map { try workspace.json(Data($0.utf8)) }
    func types(_ job: String) -> [String] {
      events.filter { ($0["job"] as? [String: Any])?["name"] as? String == job }.compactMap {
        $0["eventType"] as? String
      }
    }
    #expect(types("capture") == ["START", "COMPLETE"])
    #expect(types("replay leads") == ["START", "ABORT", "START", "COMPLETE"])
    #expect(types("rollback leads") == ["START", "FAIL"])
    for event in events {
      let run = try #require(event["run"] as? [String: Any])
      #expect(UUID(uuidString: run["runId"] as? String ?? "") != nil)
      for key in ["eventTime", "producer", "schemaURL"] { #expect((event[key] as? String)?.isEmpty == false) }
      #expect((event["job"] as? [String: Any])?["namespace"] as? String == "millrace")
    }
    let ids = Set(events.compactMap { ($0["run"] as? [String: Any])?["runId"] as? String })
    #expect(ids.count == events.count / 2)
    #expect(text == (try workspace.run("runs", "--format", "openlineage").output), "the same run has the same id again")
    let last = try #require(events.last { ($0["job"] as? [String: Any])?["name"] as? String == "replay leads" })
    #expect((last["outputs"] as? [[String: Any]])?.first?["name"] as? String == "mart.leads")
    #expect((last["inputs"] as? [[String: Any]])?.first?["name"] as? String == "log.leads")
    let facets = try #require((last["run"] as? [String: Any])?["facets"] as? [String: Any])
    #expect((facets["millrace_counts"] as? [String: Any])?["swapped to"] as? Int == 2)
    #expect((facets["millrace_resumes"] as? [String: Any])?["runId"] as? String != nil)
  }

  @Test("a replay at work is seen in status, and two of one mart do not meet") func status() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall()
    let process = try ChildProcess(
      [Place.millrace, "replay", "sales", "--workspace", workspace.folder],
      environment: ["MILLRACE_WAIT_AT": "caughtUp"], folder: workspace.scratch)
    defer { if !process.hasEnded { process.signal(SIGKILL) } }
    try eventually("status shows it") {
      let replays = try workspace.status()["replays"] as? [[String: Any]] ?? []
      guard let replay = replays.first, let done = replay["done"] as? Int, done > 0 else { return process.hasEnded }
      #expect(replay["mart"] as? String == "sales")
      #expect(replay["total"] as? Int ?? 0 >= done)
      #expect((replay["partitions"] as? [[String: Any]])?.count == 8)
      return true
    }
    #expect(!process.hasEnded)
    try workspace.run("replay", "sales", expecting: 67)
    try workspace.run("rollback", "sales", expecting: 67)
    process.signal(SIGTERM)
    let result = process.wait()
    #expect(result.status == 76, "\(result.errors)")
    #expect(result.errors.contains("the same command goes on"), "\(result.errors)")
  }
}
