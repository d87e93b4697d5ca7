import Capture
import Entity
import Files
import Foundation
import Money
import Privacy
import SheetSource
import TestSupport
import Testing

/// The source knows no business: counts of tools in workshops, as another company would send them.
@Suite("Folders of sheets", .temporaryFolder)
struct SheetFolderSourceTests {
  private let folder = TemporaryFolder.path + "/sheets"
  private let kept = Kept()
  private let keyring: Keyring

  init() throws {
    try Files.makeFolder(folder)
    try Keyring.create(at: TemporaryFolder.path + "/master.key")
    keyring = try Keyring(masterKeyFile: TemporaryFolder.path + "/master.key")
  }

  private func put(_ name: String, _ rows: [String], header: String = "tool,count", secondsAgo: Double = 60) throws {
    let text = ([header] + rows).map { $0 + "\n" }.joined()
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -secondsAgo)], ofItemAtPath: "\(folder)/\(name)")
  }

  private func source(_ scope: SheetScope) throws -> SheetFolderSource {
    try SheetFolderSource(
      name: "tools", folder: folder, mapping: ToolSheets(scope: scope, keyring: keyring), keyring: keyring)
  }

  /// What a source brings that goes on where the last one stood, as capture would commit it: "operation tool count".
  private func read(_ scope: SheetScope, batches: Int = .max, events: Int = 1_000) throws -> [String] {
    let source = try source(scope)
    try source.resume(from: SourceCheckpoint(position: kept.position, epoch: 1, state: kept))
    var found: [String] = []
    for _ in 0..<batches {
      let batch = try source.poll(limit: BatchLimit(events: events), now: Timestamp(millis: 0))
      found += batch.events.map { event in
        let count = (event.content as? ToolCount).map { "\($0.tool) \($0.count)" }
        return "\(event.operation.name) \(count ?? (event.content as? Rejected<Person>)?.reason ?? "?")"
      }
      kept.commit(batch)
      if batch.isCaughtUp { break }
    }
    return found
  }

  @Test("where a sheet is all, rows that the next one lacks are gone")
  func everything() throws {
    try put("a.csv", ["hammer,1", "saw,2"])
    #expect(try read(.everything) == ["create hammer 1", "create saw 2"])
    try put("b.csv", ["saw,3", "drill,1"])
    #expect(try read(.everything) == ["update saw 3", "create drill 1", "delete hammer 1"])
    try put("c.csv", ["saw,3", "drill,1"])
    #expect(try read(.everything) == [])
  }

  @Test("where a sheet has its own rows, others' stay, and a row that two have counts once")
  func itsOwn() throws {
    try put("a.csv", ["hammer,1", "saw,2"])
    try put("b.csv", ["drill,1", "saw,5"])
    #expect(try read(.itsOwn) == ["create hammer 1", "create saw 2", "create drill 1", "update saw 5"])
    try put("b.csv", ["drill,1", "axe,1"], secondsAgo: 30)
    #expect(try read(.itsOwn).sorted() == ["create axe 1", "update saw 2"])
    #expect(try read(.itsOwn) == [])
  }

  /// Goal: exactly once over restarts. Method: one event a batch, and a new source after every batch.
  @Test("a comparison that is broken off after every event goes on", arguments: [SheetScope.everything, .itsOwn])
  func restarts(_ scope: SheetScope) throws {
    try put("a.csv", ["bad,many"] + (0..<5).map { "tool\($0),1" })
    var found: [String] = []
    for _ in 0..<12 { found += try read(scope, batches: 1, events: 1) }
    #expect(found.sorted() == (0..<5).map { "create tool\($0) 1" } + ["rejected row.badNumber"])
  }

  @Test("a sheet that cannot be read is named until it is mended", arguments: [SheetScope.everything, .itsOwn])
  func setAside(_ scope: SheetScope) throws {
    try put("a.csv", [], header: "neither,nor")
    #expect(try read(scope) == ["rejected sheet.unreadable"])
    #expect(try read(scope) == [])
    #expect(kept.notes.map(\.kind) == [.unread])
    #expect(kept.notes.first?.text.hasPrefix("a.csv was set aside: ") == true)
    try put("a.csv", ["hammer,1"], secondsAgo: 30)
    #expect(try read(scope) == ["create hammer 1"])
    #expect(kept.notes.isEmpty)
  }
}

/// How many of a tool there are; never encoded here.
private struct ToolCount: ClearContent {
  var tool: String
  var count: Int
  let entity = "tool_count"

  func encode(
    _ envelope: Envelope, _ key: RowKey<Person>?, into buffer: inout [UInt8],
    sealing seal: (PersonalData, PersonalPlace) throws -> SealedData
  ) {}
}

private struct ToolSheets: SheetMapping {
  let scope: SheetScope
  let router: Router
  let title = "tool sheet"
  let fileTypes: Set<String> = ["csv"]
  let columns = ["tool", "count"]
  let required: Set<String> = ["tool", "count"]
  let topic = "tools"
  let tokens = SheetTokenNames(
    file: "file", bytes: "bytes", key: "tool", content: "tool-row", rejected: "tool-rejected")

  init(scope: SheetScope, keyring: Keyring) throws {
    self.scope = scope
    router = try Router(keyring)
  }

  func key(of row: SheetRow) -> [UInt8]? { row.cells[0].isEmpty ? nil : Array(row.cells[0].utf8) }

  func entry(of row: SheetRow) throws(RowFault) -> SheetEntry {
    guard let key = key(of: row) else { throw .missingField("tool") }
    guard Int(row.cells[1]) != nil else { throw .badNumber("count") }
    return SheetEntry(key: key, content: row.content, subjects: [])
  }

  func event(before: [UInt8]?, after: [UInt8]?) -> MappedEvent? {
    guard let cells = (after ?? before).flatMap(SheetRow.separated), let count = Int(cells[1]) else { return nil }
    return MappedEvent(
      topic: topic, route: router.token("tool", Array(cells[0].utf8)), key: RowKey(.text(cells[0])),
      content: ToolCount(tool: cells[0], count: count))
  }

  func route(ofRejected key: [UInt8]?, raw: [UInt8]) -> Token { router.token("tool", key ?? raw) }
}

/// What capture keeps of a source between two batches.
private final class Kept: SourceStateReader, @unchecked Sendable {
  private(set) var position: String?
  private(set) var notes: [SourceNote] = []
  private var rows: [[UInt8]: StateWrite] = [:]

  func commit(_ batch: SourceBatch) {
    position = batch.position
    notes = batch.notes.sorted()
    for write in batch.state.all { rows[write.key] = write.digest == nil ? nil : write }
  }

  func digests() throws -> [(key: [UInt8], digest: [UInt8])] { rows.values.map { ($0.key, $0.digest ?? []) } }
  func content(of key: [UInt8]) throws -> PersonalData? { rows[key]?.content }
}
