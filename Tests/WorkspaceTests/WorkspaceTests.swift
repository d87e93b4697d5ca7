import Capture
import Failures
import Files
import Foundation
import KafkaLog
import TestSupport
import Testing
import Workspace

/// A workspace's folder, without a process.
@Suite("The workspace", .temporaryFolder)
struct WorkspaceTests {
  private var folder: String { "\(TemporaryFolder.path)/workspace" }

  @Test("a folder without millrace.yaml is refused, and looking makes nothing") func missing() throws {
    let failure = try #require(throws: Failure.self) { try Workspace(existing: folder) }
    #expect(failure.kind == .workspace && failure.message.contains("millrace init --workspace \(folder)"))
    #expect(!Files.exists(folder))
  }

  @Test("creating makes key and configuration once, and a second time nothing") func create() throws {
    let workspace = Workspace(folder: folder + "/")
    #expect(workspace.folder == folder)
    #expect(try workspace.create() == ["keys/master.key", "millrace.yaml"])
    let key = try Files.read(workspace.masterKeyFile, limit: 4_096).bytes
    #expect(try workspace.create().isEmpty)
    #expect(try Files.read(workspace.masterKeyFile, limit: 4_096).bytes == key)
    #expect(try Workspace(existing: folder).configuration() == Configuration())
  }

  /// Goal: a kind of source that is new in the list makes no fresh workspace unhealthy. Method: hold the kinds against the
  /// folders; a source that is elsewhere is left alone.
  @Test("creating makes the default folder of every kind of source that reads one") func sourceFolders() throws {
    let workspace = Workspace(folder: folder)
    try workspace.create()
    let folders = SourceRegistry.shop.kinds.filter { $0.place == .folder }.map(\.defaultPlace)
    #expect(folders.count >= 2)
    for place in folders { #expect(Files.exists(workspace.resolve(place)), "\(place)") }

    let other = Workspace(folder: folder + "-other")
    try Files.makeFolder(other.folder)
    let yaml = "sources:\n  - {name: leads, kind: leads, folder: elsewhere/leads}\n"
    try Files.create(other.configurationFile, with: Array(yaml.utf8), mode: 0o600)
    try other.create()
    for place in folders + ["elsewhere/leads"] { #expect(!Files.exists(other.resolve(place)), "\(place)") }
  }

  /// Goal: a lost key is never hidden by a new one. Method: a workspace with a log and no key.
  @Test("creating refuses to make a key where something was sealed with a lost one") func lostKey() throws {
    let workspace = Workspace(folder: folder)
    try workspace.create()
    try Files.remove(workspace.masterKeyFile)
    try Files.makeFolder(workspace.logFolder)
    let failure = try #require(throws: Failure.self) { try workspace.create() }
    #expect(failure.kind == .keys && failure.message.contains("restore the key file"))
    #expect(!Files.exists(workspace.masterKeyFile))
  }

  @Test("a workspace on Kafka names it in millrace.yaml, and an existing file is left alone") func kafka() throws {
    let place = try Workspace.KafkaPlace(bootstrap: "it's.example:9092", topicPrefix: "shop-")
    let workspace = Workspace(folder: folder)
    try workspace.create(kafka: place)
    guard case .kafka(let settings) = try workspace.configuration().log else {
      Issue.record("the log is not on Kafka")
      return
    }
    #expect(settings.bootstrap == "it's.example:9092" && settings.topicPrefix == "shop-")
    #expect(try #require(throws: Failure.self) { try workspace.create(kafka: place) }.kind == .usage)
    #expect(throws: Failure.self) { try Workspace.KafkaPlace(bootstrap: "a b") }
    #expect(throws: Failure.self) { try Workspace.KafkaPlace(bootstrap: "a:1", topicPrefix: "a b") }
  }

  @Test("an unknown mart is refused with the nearest name and the list") func unknownMart() throws {
    let failure = try #require(throws: Failure.self) { try Workspace.definition(named: "sale") }
    #expect(failure.kind == .usage && failure.message.contains("did you mean sales?"))
    #expect(failure.message.contains("marts: sales"))
  }

  /// Goal: a person is told once that a job waits, however many threads wait. Method: one topic from many threads.
  @Test("what is said once per topic is said once, also by many threads") func notices() async {
    let heard = Heard()
    let notices = Notices { heard.add($0) }
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<32 { group.addTask { notices.sayOnce("waiting", "thread \(index) waits") } }
    }
    notices.sayOnce("other", "other")
    notices.say("again")
    notices.say("again")
    #expect(heard.all.count == 4 && heard.all.suffix(3) == ["other", "again", "again"])
  }

  @Test("words from outside are cut and lose their control characters") func words() {
    #expect(printable("a\u{1b}[31m\u{200e}b") == "a\u{FFFD}[31m\u{FFFD}b")
    #expect(printable(String(repeating: "x", count: 100)).count == 60)
    #expect(nearest(to: "captur", among: ["capture", "project"]) == "capture")
    #expect(nearest(to: "xyz", among: ["capture", "project"]) == nil)
  }
}

// Unchecked: `sentences` is touched under the lock only.
private final class Heard: @unchecked Sendable {
  private let lock = NSLock()
  private var sentences: [String] = []
  func add(_ sentence: String) { lock.withLock { sentences.append(sentence) } }
  var all: [String] { lock.withLock { sentences } }
}
