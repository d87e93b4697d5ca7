import Foundation
import TestSupport
import Testing

/// Lengths that a quiet reading asks for. What exceeds them today stands in lists that may only grow shorter.
@Suite("Tidy sources")
struct TidyTests {
  private static let fileLines = 400
  private static let functionLines = 60
  private static let columns = 120

  /// Tests that are longer, with the length they have; to be cut where they are next worked on.
  private static let longFiles: [String: Int] = [:]

  /// Functions that are longer, by file and name, with the length they have.
  private static let longFunctions: [String: Int] = [:]

  /// Lines of `Sources` over 120 columns: comments and texts that the formatter does not break.
  private static let longLines = 277

  /// Goal: a file is read in one go. Method: count lines of every Swift file.
  @Test("no file is longer than 400 lines")
  func files() throws {
    for source in try SwiftSource.all(below: ["Sources", "Tests"]) {
      let limit = max(TidyTests.fileLines, TidyTests.longFiles[source.name] ?? 0)
      #expect(
        source.lineCount <= limit, "\(source.path) has \(source.lineCount) lines: one main type per file, cut by topic")
    }
  }

  /// Goal: a function is read without scrolling. Method: from its first line to its closing brace.
  @Test("no function is longer than 60 lines")
  func functions() throws {
    for source in try SwiftSource.all(below: ["Sources"]) {
      for function in source.declarations where ["func", "init", "subscript", "deinit"].contains(function.kind) {
        let limit = max(TidyTests.functionLines, TidyTests.longFunctions["\(source.name) \(function.name)"] ?? 0)
        #expect(
          function.length <= limit,
          "\(source.path):\(function.line + 1): \(function.name) has \(function.length) lines; cut it at its steps")
      }
    }
  }

  /// Goal: another business needs little code, and no file of Sources. Method: the lines and imports of the one that the
  /// engine is tested with (`Tests/MetersTests`).
  @Test("a domain of two entities, a mart and a report has fewer than 250 lines, and imports nothing of the shop")
  func domain() throws {
    let files = try SwiftSource.all(below: ["Tests/Meters"])
    let domain = files.filter { ["Meters.swift", "MetersMart.swift"].contains($0.name) }
    #expect(domain.count == 2)
    #expect(domain.reduce(0) { $0 + $1.lineCount } < 250)
    let shop = try FileManager.default.contentsOfDirectory(atPath: "\(Place.root)/Sources/Shop")
    for module in shop {
      for file in files {
        #expect(!file.lines.contains { $0.hasSuffix("import \(module)") }, "\(file.path): \(module)")
      }
    }
  }

  /// Goal: lines fit two windows side by side. Method: count characters; the formatter breaks code only, not texts.
  @Test("no line of Sources is longer than 120 columns")
  func lines() throws {
    var long: [String] = []
    for source in try SwiftSource.all(below: ["Sources"]) {
      for (index, line) in source.lines.enumerated() where line.count > TidyTests.columns {
        long.append("\(source.path):\(index + 1)")
      }
    }
    #expect(
      long.count <= TidyTests.longLines,
      "\(long.count) lines are longer than \(TidyTests.columns) columns, e.g. \(long.prefix(5).joined(separator: ", "))"
    )
  }

  /// Goal: these tests see what they count. Method: a file that is too long in each way, and one that is not.
  @Test("the counter finds functions with all their lines", .temporaryFolder)
  func counter() throws {
    let source = try SwiftSource("Tests/HouseTests/SwiftSource.swift")
    let function = try #require(source.declarations.first { $0.name == "isDocumented" && $0.kind == "func" })
    #expect(function.access == "private")
    #expect(function.length == 5)
    let initializer = try #require(source.declarations.first { $0.kind == "init" })
    #expect(initializer.isDocumented)
    #expect(!initializer.isMemberwise)
    let declaration = try #require(source.declarations.first { $0.kind == "struct" && $0.name == "Declaration" })
    #expect(declaration.isDocumented)
    #expect(declaration.length > 10)
  }
}
