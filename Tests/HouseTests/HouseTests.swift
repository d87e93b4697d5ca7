import Foundation
import Marts
import Pipeline
import Projections
import ShopMarts
import TestSupport
import Testing

@Suite("The house")
struct HouseTests {
  /// Goal: the reference is true. Method: each page is made again from the code and compared.
  /// `MILLRACE_UPDATE_DOCS=1 tools/test --filter HouseTests` writes them.
  @Test("docs/reference shows the modules and schemas that exist", arguments: GeneratedDocs.pages)
  func referenceIsTrue(page: String) throws {
    let expected = try GeneratedDocs.content(of: page)
    #expect(expected.count > 500)
    let path = GeneratedDocs.path(of: page)
    if ProcessInfo.processInfo.environment["MILLRACE_UPDATE_DOCS"] != nil {
      try expected.write(toFile: path, atomically: true, encoding: .utf8)
      return
    }
    let found = try String(contentsOfFile: path, encoding: .utf8)
    #expect(
      found == expected,
      "docs/reference/\(page) is out of date; MILLRACE_UPDATE_DOCS=1 tools/test --filter HouseTests writes it")
  }

  /// Goal: a diagram shows what belongs together. Method: names of the platform's list must be columns that exist (a renamed column
  /// would lose its arrow unseen), and every table with surrogate keys of its own is pointed at. Marts' tables say themselves
  /// what they refer to, which the tests of their schemas check.
  @Test("diagrams have arrows, and the names that they are drawn from exist")
  func arrows() throws {
    let platform = try PlatformPage.diagram()
    let known = Set(platform.tables.flatMap { $0.columns.map(\.name) })
    for name in PlatformPage.references.keys { #expect(known.contains(name), "the platform has no column \(name)") }
    let traffic = MartPages.diagram(of: MartDefinition.traffic.schema)
    #expect(Set(traffic.arrows.map(\.target)).isSuperset(of: ["visitors", "users", "devices", "clients", "campaigns"]))
  }

  /// Goal: the journey of one record can be followed in the code. Method: for every `Type.function` that it names, the function is
  /// declared in a file that declares or extends the type.
  @Test("the journey in DESIGN.md names functions of the types that it names")
  func journeyExists() throws {
    let text = try String(contentsOfFile: "\(Place.root)/DESIGN.md", encoding: .utf8)
    var named: Set<String> = []
    for title in ["## The journey of one record", "## A replay, step by step"] {
      let begin = try #require(text.range(of: title))
      let end = try #require(text[begin.upperBound...].range(of: "\n## "))
      for match in text[begin.upperBound..<end.lowerBound].matches(of: /`([A-Z]\w*\.[a-z]\w*)`/) {
        named.insert(String(match.1))
      }
    }
    #expect(named.count > 25)
    let sources = try SwiftSource.all(below: ["Sources"])
    for name in named.sorted() {
      let parts = name.split(separator: ".").map(String.init)
      let files = sources.filter { source in
        source.declarations.contains {
          ["class", "struct", "enum", "extension", "protocol"].contains($0.kind)
            && $0.name.split(separator: ".").last.map(String.init) == parts[0]
        }
      }
      #expect(!files.isEmpty, "no type in \(name)")
      #expect(
        files.contains { $0.declarations.contains { $0.kind == "func" && $0.name == parts[1] } },
        "no function \(name): it is not declared where \(parts[0]) is")
    }
  }

  /// Goal: the levels that are enforced, and the modules that DESIGN.md explains, are the modules there are.
  @Test("every module has a level and a line in DESIGN.md, and nothing else has")
  func levelsAreComplete() throws {
    let sources = "\(Place.root)/Sources"
    let folders = try FileManager.default.contentsOfDirectory(atPath: sources).filter { $0 != "CLibraries" }.flatMap {
      try FileManager.default.contentsOfDirectory(atPath: "\(sources)/\($0)")
    }
    let boundaries = try Boundaries()
    #expect(boundaries.levels.map(\.module).sorted() == folders.sorted())
    let design = try String(contentsOfFile: "\(Place.root)/DESIGN.md", encoding: .utf8)
    let begin = try #require(design.range(of: "| module | knows | must not know |"))
    let end = try #require(design.range(of: "\n\n", range: begin.upperBound..<design.endIndex))
    let explained = design[begin.upperBound..<end.lowerBound].matches(of: /\n\| `(\w+)` \|/).map { String($0.1) }
    #expect(explained.sorted() == folders.sorted(), "DESIGN.md's table of modules")
  }

  /// Goal: the design is read. Method: its length.
  @Test("DESIGN.md has fewer than 400 lines")
  func designIsShort() throws {
    let text = try String(contentsOfFile: "\(Place.root)/DESIGN.md", encoding: .utf8)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count < 400)
  }

  /// Goal: every source file says what it is for.
  @Test("every source file begins with what it is for")
  func filesAreDocumented() throws {
    for source in try SwiftSource.all(below: ["Sources"]) {
      #expect(
        !GeneratedDocs.firstSentence(of: source.lines.joined(separator: "\n")).isEmpty,
        "\(source.path) has no doc comment")
    }
  }

  /// Goal: tests that need a peer skip without one, but never in CI. Method: with MILLRACE_REQUIRE_PEERS set, look for each.
  @Test(
    "the peers that tests talk to are there",
    .enabled(if: Place.peersRequired, "MILLRACE_REQUIRE_PEERS is not set"), .temporaryFolder)
  func peers() throws {
    let python = ProcessInfo.processInfo.environment["MILLRACE_TEST_PYTHON"] ?? "/usr/bin/python3"
    for command in [
      [python, "-c", "import google.protobuf, jsonschema, openpyxl"], ["/usr/bin/env", "protoc", "--version"],
      ["/usr/bin/env", "kcat", "-V"], ["/usr/bin/env", "java", "-version"],
    ] {
      let result = try ChildProcess.run(command, folder: TemporaryFolder.path)
      #expect(result.status == 0, "\(command): \(result.errors); tools/setup --tests installs it")
    }
    for file in ["/usr/share/uap-core/tests/test_ua.yaml", "/usr/share/tor/geoip"] {
      #expect(FileManager.default.fileExists(atPath: file), "tools/setup installs \(file)")
    }
  }

  /// Goal: nothing half done and nothing of one machine gets into the repository.
  @Test("no left-overs in sources, tools or docs")
  func noLeftOvers() throws {
    // Put together here, so that this file does not find itself.
    let forbidden = ["TO" + "DO", "FIX" + "ME", "fatalError(\"con" + "tract", "/wo" + "rk/", "/opt/sw" + "ift"]
    for top in [
      "Sources", "Tests", "tools", "proto", "docs", "README.md", "DESIGN.md", "CONTRIBUTING.md", "ADVERTISING.md",
      "CHANGELOG.md", ".ci", "Package.swift",
    ] {
      let path = "\(Place.root)/\(top)"
      let inside = (try? FileManager.default.subpathsOfDirectory(atPath: path))?.map { "\(path)/\($0)" } ?? []
      for file in inside.isEmpty ? [path] : inside {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
        for word in forbidden { #expect(!text.contains(word), "\(file) contains \(word)") }
      }
    }
  }
}
