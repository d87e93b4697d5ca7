import EmbeddedLog
import EventLog
import Foundation
import TestSupport
import Testing

/// `millrace sanitize` as a process. That nothing personal is in its output: CanaryTests.
@Suite("Tokenized streams", .temporaryFolder)
struct SanitizeTests {
  private func lines(_ data: Data) throws -> [[String: Any]] {
    try data.split(separator: 0x0a).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
    }
  }

  /// Goal: the stream is whole. Method: its offsets are those of the log, and what it rejects is what the truth, which shares
  /// no code with Millrace, says must be in quarantine.
  @Test("every record of the log is a line, and what cannot be used is what the truth says")
  func whole() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(seed: 7, faults: 0.03, projected: false)
    try workspace.run("capture", "--once")
    let objects = try lines(workspace.run("sanitize", "--stdout", "--once").outputBytes)
    var offsets: [String: [Int]] = [:]
    var quarantine: [String: Int] = [:]
    var kinds: Set<String> = []
    for object in objects {
      let topic = try #require(object["topic"] as? String)
      let partition = try #require(object["partition"] as? Int)
      offsets["\(topic)/\(partition)", default: []].append(try #require(object["offset"] as? Int))
      kinds.insert(try #require(object["kind"] as? String))
      if let rejection = object["rejected"] as? [String: Any] {
        quarantine[try #require(rejection["reason"] as? String), default: 0] += 1
      }
    }
    #expect(kinds.count == 17, "\(kinds.sorted())")
    let bounds = try #require(
      workspace.json(workspace.run("log", "topics", "--format", "json").outputBytes)["partitions"] as? [[String: Any]])
    for bound in bounds {
      let name = "\(bound["topic"] ?? "")/\(bound["partition"] ?? "")"
      let next = try #require(bound["next_offset"] as? Int)
      #expect(offsets[name, default: []] == Array(0..<next), "\(name)")
    }
    #expect(offsets.count == bounds.count)
    let truth = try #require(workspace.truth["quarantine"] as? [String: Int])
    #expect(!truth.isEmpty && quarantine == truth)
  }

  /// Goal: a pipe that broke is gone on with exactly. Method: kill -9 in the middle of the stream, again and again, going on
  /// behind the last whole line; together they are the bytes of one undisturbed run.
  @Test("killed and gone on with, the lines are the same bytes")
  func killed() throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 3, orders: 200, weblogLines: 12_000)
    try workspace.run("capture", "--once")
    let words = ["sanitize", "weblog", "--stdout", "--partition", "0"]
    let whole = try ChildProcess.run(
      [Place.millrace] + words + ["--once", "--workspace", workspace.folder], folder: TemporaryFolder.path
    ).outputBytes
    let total = whole.split(separator: 0x0a).count
    #expect(total > 1_500)
    var random = SeededGenerator(seed: 11)
    var gathered = Data()
    var next = 0
    var kills = 0
    var spread = 0.1
    while next < total {
      let process = try ChildProcess(
        [Place.millrace] + words + ["--from-offset", "\(next)", "--limit", "400", "--workspace", workspace.folder],
        folder: TemporaryFolder.path)
      Thread.sleep(forTimeInterval: Double.random(in: 0..<spread, using: &random))
      process.signal(SIGKILL)
      let result = process.wait()
      if result.status == 128 + SIGKILL { kills += 1 }
      spread = min(spread * 1.2, 1)
      // A line that was cut off is thrown away, as a consumer does that goes by line ends.
      let bytes = result.outputBytes
      let end = bytes.lastIndex(of: 0x0a).map { $0 + 1 } ?? 0
      gathered += bytes.prefix(end)
      next += bytes.prefix(end).filter { $0 == 0x0a }.count
    }
    #expect(kills > 0)
    #expect(gathered == whole)
  }

  /// Everything a copy holds, in order, as its tables give it: each partition's end, and every stored batch taken apart.
  private func contents(_ folder: String) throws -> [String] {
    let log = try EmbeddedLog(folder: folder, readOnly: true)
    var found: [String] = []
    for topic in try log.topics() {
      for partition in try log.partitions(of: topic) {
        var offset = try log.bounds(of: partition).earliest
        while let next = try log.read(partition, from: offset, maximumBytes: 1 << 20).nextOffset {
          let batch = try log.read(partition, from: offset, maximumBytes: 1 << 20)
          for record in batch.records {
            let value = record.value.map { String(decoding: batch.bytes[$0], as: UTF8.self) } ?? ""
            let origin = record.origin.map { Array(batch.bytes[$0]) } ?? []
            found.append(
              "\(partition) \(record.offset) \(record.timestampMillis) \(Array(batch.bytes[record.key])) \(origin) \(value)"
            )
          }
          offset = next
        }
        found.append("\(partition) ends at \(offset)")
      }
    }
    return found
  }

  /// Goal: a copy in a folder survives sudden death. Method: kill -9 at random moments until the copy is whole; it holds, record
  /// for record, what one undisturbed run gives, and that is what --stdout prints.
  @Test("a copy in a folder, killed and gone on with, is the same in every byte")
  func killedCopy() throws {
    let workspace = TestWorkspace()
    try workspace.prepare(seed: 4, faults: 0.02, orders: 300, weblogLines: 15_000)
    try workspace.run("capture", "--once")
    let whole = "\(TemporaryFolder.path)/whole"
    try workspace.run("sanitize", "--once", "--to-folder", whole)
    let broken = "\(TemporaryFolder.path)/broken"
    var random = SeededGenerator(seed: 12)
    var kills = 0
    // How much was there after each kill.
    var sizes: Set<Int> = []
    var spread = 0.3
    while true {
      let process = try workspace.start("sanitize", "--once", "--to-folder", broken)
      Thread.sleep(forTimeInterval: Double.random(in: 0..<spread, using: &random))
      process.signal(SIGKILL)
      let result = process.wait()
      if result.status != 128 + SIGKILL {
        #expect(result.status == 0, "\(result.errors)")
        break
      }
      kills += 1
      if let parts = try? contents(broken).count, parts > 0 { sizes.insert(parts) }
      spread = min(spread * 1.1, 5)
    }
    #expect(kills > 0 && sizes.count > 1, "no kill hit a copy at work: \(kills) kills, sizes \(sizes)")
    let copied = try contents(whole)
    #expect(copied.count > 15_000)
    #expect(try contents(broken) == copied)
    let printed = try workspace.run("sanitize", "--stdout", "--once").outputBytes
    #expect(printed.split(separator: 0x0a).count == copied.filter { !$0.contains(" ends at ") }.count)
    // Nothing new: nothing is copied.
    #expect(try workspace.run("sanitize", "--once", "--to-folder", whole).output == "Copied 0 records.\n")
    #expect(try workspace.runs().contains { $0["job"] as? String == "sanitize" })
    // Another workspace's copy is not continued.
    let other = TestWorkspace("other")
    try other.prepareSmall(projected: false)
    try other.run("capture", "--once")
    let refused = try other.run("sanitize", "--once", "--to-folder", whole, expecting: 68)
    #expect(refused.errors.contains("another"), "\(refused.errors)")
    #expect(try contents(whole) == copied)
  }

  @Test("what makes no sense is refused with words that help")
  func usage() throws {
    let workspace = TestWorkspace()
    try workspace.prepareSmall(projected: false)
    try workspace.run("capture", "--once")
    for (words, answer) in [
      (["order", "--stdout"], "did you mean orders?"), (["orders", "orders", "--stdout"], "named twice"),
      (["--stdout", "--partition", "0"], "--partition needs exactly one TOPIC"),
      (["orders", "--stdout", "--partition", "4"], "a whole number from 0 to 3"),
      (["orders", "--stdout", "--from-offset", "4"], "--from-offset needs --partition"),
      (["orders", "--limit", "4"], "--limit is for --stdout"),
      (["--stdout", "--to-folder", "x"], "exclude each other"), (["--once"], "--to-folder"),
    ] {
      let result = try workspace.answer(["sanitize"] + words)
      #expect(result.status == 2 && result.errors.contains(answer), "\(words): \(result.errors)")
      #expect(result.output.isEmpty)
    }
  }

  @Test("the published schema is what the program prints")
  func schema() throws {
    let result = try ChildProcess.run([Place.millrace, "sanitize", "--schema"], folder: TemporaryFolder.path)
    #expect(result.status == 0)
    #expect(try result.outputBytes == Data(contentsOf: URL(filePath: "\(Place.root)/proto/json/event.schema.json")))
  }
}
