import Foundation
import KafkaSupport
import SQLite
import TestSupport
import Testing

/// What happens to running services when the broker or its topics do, through the real executable.
@Suite(
  "Services beside a broker in trouble", .serialized, .temporaryFolder,
  .enabled(if: RealKafka.tool != nil, RealKafka.absence))
struct KafkaFaultTests {
  private func prepared(_ bootstrap: String) throws -> TestWorkspace {
    let workspace = TestWorkspace()
    try workspace.run("init", "--kafka", bootstrap)
    try workspace.prepareSmall(projected: false)
    try workspace.run("log", "create")
    return workspace
  }

  /// How a service ended that must have ended by now; one that has not is killed.
  private func last(_ service: ChildProcess) -> ChildProcess.Result {
    if !service.hasEnded { service.signal(SIGKILL) }
    return service.wait()
  }

  private func requests(_ workspace: TestWorkspace) throws -> Int64 {
    try Database(workspace.generationFile("traffic"), .readOnly).integer("SELECT sum(requests) FROM status_days") ?? 0
  }

  /// Goal: a service that is asked to stop ends, whatever the line does. Method: connected, caught up, then the line swallows
  /// everything in both directions without closing; SIGTERM while there is something to send.
  @Test(
    "a service ends when asked while the line swallows everything",
    .enabled(if: Toxiproxy.tool != nil, Toxiproxy.absence))
  func blackHole() throws {
    let proxy = try Toxiproxy(folder: TemporaryFolder.path)
    let port = try Toxiproxy.freePort()
    let kafka = try RealKafka(
      folder: TemporaryFolder.path, options: ["--set", "advertised.listeners=PLAINTEXT://127.0.0.1:\(port)"])
    try proxy.add("kafka", listen: "127.0.0.1:\(port)", upstream: kafka.bootstrap)
    let workspace = try prepared("127.0.0.1:\(port)")
    try workspace.catchUp()
    let service = try workspace.start("run")
    defer { if !service.hasEnded { service.signal(SIGKILL) } }
    let before = try requests(workspace)
    try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.1"))
    try eventually("the service works") { try requests(workspace) > before }
    for direction in [Toxiproxy.Direction.upstream, .downstream] {
      try proxy.add(toxic: "timeout", to: "kafka", direction, #"{"timeout": 0}"#)
    }
    for number in 0..<50 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.101.\(number)")) }
    Thread.sleep(forTimeInterval: 1)
    service.signal(SIGTERM)
    try eventually("the service ends", within: 30) { service.hasEnded }
    let result = last(service)
    #expect(result.status == 0 || result.status == 77, "\(result.status): \(result.errors)")
    for direction in [Toxiproxy.Direction.upstream, .downstream] {
      try proxy.remove(toxic: "timeout", from: "kafka", direction)
    }
    try workspace.catchUp()
    #expect(try requests(workspace) == before + 51)
    try workspace.expectBalance(workspace.status())
  }

  /// Goal: a broker that is away for a while is waited for by a running service, and nothing is lost. Method: SIGKILL to the
  /// only broker while lines keep coming; it comes back.
  @Test("a service outlives its broker's death, and what came meanwhile arrives") func brokerAway() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = try prepared(kafka.bootstrap)
    try workspace.catchUp()
    let before = try requests(workspace)
    let service = try workspace.start("run")
    defer { if !service.hasEnded { service.signal(SIGKILL) } }
    try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.1"))
    try eventually("the service works") { try requests(workspace) > before }
    try kafka.stop(kill: true)
    for number in 0..<50 {
      try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.101.\(number)"))
      usleep(Place.long ? 1_200_000 : 200_000)
    }
    #expect(!service.hasEnded)
    try kafka.resume()
    try eventually("what came meanwhile is in the mart") { try requests(workspace) == before + 51 }
    service.signal(SIGTERM)
    let result = service.wait()
    #expect(result.status == 0, "\(result.status): \(result.errors)")
    try workspace.expectBalance(workspace.status())
    try workspace.run("log", "verify")
  }

  /// Goal: a topic that is deleted and made anew under a running mart stops it; nothing of the new one is taken for the old
  /// one's. Method: delete, `log create`, while `project` runs; then the same at a start.
  @Test("a topic made anew under a running mart stops it with an explanation") func recreated() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = try prepared(kafka.bootstrap)
    try workspace.catchUp()
    let service = try workspace.start("project", "traffic")
    defer { if !service.hasEnded { service.signal(SIGKILL) } }
    let before = try requests(workspace)
    try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.100.1"))
    try workspace.run("capture", "--once")
    try eventually("the service works") { try requests(workspace) > before }
    try kafka.tool("topics", "--delete", "--topic", "weblog")
    try workspace.run("log", "create")
    try eventually("the service stops") { service.hasEnded }
    let result = last(service)
    #expect(result.status == 68, "\(result.status): \(result.errors)")
    #expect(result.errors.contains("weblog"), "\(result.errors)")
    let again = try workspace.run("project", "--once", expecting: 68)
    #expect(again.errors.contains("the log lost its tail") || again.errors.contains("made anew"), "\(again.errors)")
    #expect(try workspace.run("capture", "--once", expecting: 68).errors.contains("no longer holds"))
  }

  /// Goal: what the broker has deleted is a gap that is told, never jumped. Method: the mart stands before the records that
  /// are deleted.
  @Test("records that the broker deleted before a mart read them stop it with the size of the gap")
  func deletedRecords() throws {
    let kafka = try RealKafka(folder: TemporaryFolder.path)
    let workspace = try prepared(kafka.bootstrap)
    try workspace.catchUp()
    let marts = try workspace.json(workspace.run("log", "topics", "--format", "json").outputBytes)
    let partitions = try #require(marts["partitions"] as? [[String: Any]])
    for number in 0..<60 { try workspace.appendToAccessLog(TestWorkspace.line(ip: "198.51.\(number).1")) }
    try workspace.run("capture", "--once")
    let now = try #require(
      try workspace.json(workspace.run("log", "topics", "--format", "json").outputBytes)["partitions"]
        as? [[String: Any]])
    var chosen: (partition: Int, from: Int, to: Int)?
    for (old, new) in zip(partitions, now) where new["topic"] as? String == "weblog" {
      let (from, to) = (old["next_offset"] as? Int ?? 0, new["next_offset"] as? Int ?? 0)
      if to - from > 3 { chosen = (new["partition"] as? Int ?? 0, from, to) }
    }
    let gap = try #require(chosen, "no partition got enough")
    let file = "\(TemporaryFolder.path)/delete.json"
    try """
    {"partitions": [{"topic": "weblog", "partition": \(gap.partition), "offset": \(gap.from + 3)}], "version": 1}
    """.write(toFile: file, atomically: true, encoding: .utf8)
    try kafka.tool("delete-records", "--offset-json-file", file)
    let result = try workspace.run("project", "traffic", "--once", expecting: 68)
    #expect(result.errors.contains("a gap of 3"), "\(result.errors)")
    #expect(result.errors.contains("weblog/\(gap.partition)"), "\(result.errors)")
    let replay = try workspace.run("replay", "traffic", expecting: 75)
    #expect(
      (replay.errors + replay.output).contains("begins at offset \(gap.from + 3)"), "\(replay.errors)\(replay.output)")
  }
}
