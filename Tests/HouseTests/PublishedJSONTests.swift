import Entity
import Events
import Foundation
import TestSupport
import Testing

@Suite("The published JSON form")
struct PublishedJSONTests {
  /// Goal: what consumers read about the tokenized stream is what the writer does. Method: both files are made again from the
  /// writer's tables and compared. `MILLRACE_UPDATE_DOCS=1 tools/test --filter HouseTests` writes them.
  @Test(
    "proto/json holds the schema and the page that the writer's tables give",
    arguments: ["event.schema.json", "README.md"])
  func files(name: String) throws {
    let expected = name == "README.md" ? EventJSONSchema.page : EventJSONSchema.text
    let file = URL(filePath: "\(Place.root)/proto/json/\(name)")
    if ProcessInfo.processInfo.environment["MILLRACE_UPDATE_DOCS"] != nil {
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(expected.utf8).write(to: file)
      return
    }
    let found = try String(contentsOf: file, encoding: .utf8)
    #expect(
      found == expected,
      "proto/json/\(name) is out of date; MILLRACE_UPDATE_DOCS=1 tools/test --filter HouseTests writes it")
  }
}
