import Capture
import CaptureSupport
import Events
import Files
import SQLite
import TestSupport
import Testing

/// Several sources of a kind, and what their names may not do.
@Suite("Names of sources", .temporaryFolder)
struct SourceNamesTests {
  private func source(_ name: String, _ kind: String = "sqlite", in bench: Bench) -> SourceDescription {
    var source = Bench.source(kind, at: "\(bench.folder)/\(name).sqlite")
    source.name = name
    return source
  }

  private func bench(_ names: String...) throws -> Bench {
    let bench = try Bench()
    for name in names {
      bench.configuration.sources.append(source(name, in: bench))
      try Database("\(bench.folder)/\(name).sqlite", .readWriteCreate).execute(
        "PRAGMA journal_mode=delete; \(Platform.schema) \(Platform.rows)")
    }
    return bench
  }

  private func refusal(_ bench: Bench) throws -> CaptureError {
    let error = try #require(throws: CaptureError.self) { try bench.capture() }
    #expect(error.kind == .configuration)
    return error
  }

  @Test("1 to 64 letters, digits, - and _ are a name")
  func names() {
    for name in ["a", "Shop_2-b", String(repeating: "x", count: 64)] { #expect(SourceRegistry.isName(name), "\(name)") }
    for name in ["", "a b", "a/b", "ä", "a.b", "a\u{1f}b", String(repeating: "x", count: 65)] {
      #expect(!SourceRegistry.isName(name), "\(name)")
    }
    #expect(SourceRegistry.reservedNames == ["log", "capture", "operator"])
  }

  /// Goal: two shops are two sources with all that belongs to one. Method: equal rows in both; a change in one; a restart.
  @Test("two shops with equal rows are captured beside each other, each with its own numbers and position")
  func twoShops() throws {
    let bench = try bench("platform", "stores")
    try bench.capture()
    #expect(try bench.events("platform").count == bench.events("stores").count)
    let before = try bench.status().sources
    #expect(before.map(\.name) == ["platform", "stores"] && before.allSatisfy { $0.epoch == 1 })
    try Database("\(bench.folder)/stores.sqlite", .readWrite).execute("INSERT INTO stores VALUES(2, 'Reno', 'NV')")
    let counts = try bench.capture()
    #expect(counts.sources["stores"]?.events == 1 && counts.sources["platform"]?.events == 0)
    try bench.expectWhole()
  }

  /// Goal: as for sources of different kinds. Method: BEGIN EXCLUSIVE on one shop while the other changes.
  @Test("a shop that is locked holds up no other shop")
  func locked() throws {
    let bench = try bench("platform", "stores")
    try bench.capture()
    let shop = try Database("\(bench.folder)/platform.sqlite", .readWrite)
    try shop.execute("BEGIN EXCLUSIVE")
    let live = try LiveCapture(bench, LineCollector())
    try Database("\(bench.folder)/stores.sqlite", .readWrite).execute("INSERT INTO stores VALUES(2, 'Reno', 'NV')")
    let before = try bench.events("platform").count
    try live.eventually("the other shop's change is in, and the lock is told of") {
      try bench.events("stores").count == before + 1
        && bench.status().sources.first { $0.name == "platform" }?.trouble != nil
    }
    #expect(try bench.status().sources.first { $0.name == "stores" }?.trouble == nil)
    try shop.execute("COMMIT")
    try live.stop()
  }

  @Test("a source that got another name is refused, with both names and both remedies")
  func renamed() throws {
    let bench = try bench("platform")
    try bench.capture()
    let before = try bench.numbers()
    bench.configuration.sources = [source("shop", in: bench)]
    let error = try refusal(bench)
    for words in ["'shop'", "no longer 'platform'"] { #expect(error.cause.contains(words), "\(error.cause)") }
    for words in ["call it 'platform' again", "{name: platform, kind: sqlite, path: null}", "its own path"] {
      #expect(error.hint.contains(words), "\(error.hint)")
    }
    #expect(try bench.numbers() == before)

    // The old one stays in the list, switched off; the other is a shop of its own.
    bench.configuration.switchedOff = ["platform"]
    try Database("\(bench.folder)/shop.sqlite", .readWriteCreate).execute(Platform.schema + Platform.rows)
    try bench.capture()
    #expect(try bench.events("shop").count > 10)
    // Known by now, so there is nothing to ask about any more.
    bench.configuration.switchedOff = []
    try bench.capture()
  }

  @Test("names that no kind has by itself are remembered with their kinds")
  func remembered() throws {
    let bench = try bench("stores")
    try bench.capture()
    bench.configuration.sources = [source("shop", in: bench)]
    #expect(try refusal(bench).cause.contains("no longer 'stores'"))
    // Of another kind: something new, and a source that was left out.
    var leads = Bench.source("leads", at: bench.leadsFolder)
    leads.name = "fair"
    bench.configuration.sources = [leads]
    try bench.capture()
  }

  @Test("a source of which nothing was captured yet may get another name")
  func nothingCaptured() throws {
    let bench = try Bench()
    bench.configuration.sources = [source("stores", in: bench)]
    // The file is not there: nothing was read, so nothing stands in the log.
    try bench.capture()
    bench.configuration.sources = [source("shop", in: bench)]
    try bench.capture()
  }
}
