import Foundation
import TestSupport
import Testing

@Suite("The house")
struct HouseTests {
  /// Goal: DESIGN.md's diagrams are true. Method: each generated block is made again from the code and compared.
  /// `MILLRACE_UPDATE_DOCS=1 tools/test --filter HouseTests` writes them.
  @Test("DESIGN.md shows the modules and schemas that exist", arguments: GeneratedDocs.blocks)
  func designIsTrue(block: String) throws {
    let expected = try GeneratedDocs.content(of: block)
    #expect(!expected.isEmpty)
    var text = try String(contentsOfFile: GeneratedDocs.design, encoding: .utf8)
    let range = try #require(GeneratedDocs.block(block, in: text), "DESIGN.md has no block '\(block)'")
    if ProcessInfo.processInfo.environment["MILLRACE_UPDATE_DOCS"] != nil {
      text.replaceSubrange(range, with: expected)
      try text.write(toFile: GeneratedDocs.design, atomically: true, encoding: .utf8)
      return
    }
    #expect(
      text[range] == expected,
      "DESIGN.md's block '\(block)' is out of date; MILLRACE_UPDATE_DOCS=1 tools/test --filter HouseTests writes it")
  }

  /// Goal: the journey of one record can be followed in the code. Method: every `Type.function` that it names is declared.
  @Test("the journey in DESIGN.md names functions that exist")
  func journeyExists() throws {
    let text = try String(contentsOfFile: GeneratedDocs.design, encoding: .utf8)
    let begin = try #require(text.range(of: "## The journey of one record"))
    let end = try #require(text[begin.upperBound...].range(of: "\n## "))
    let named = text[begin.upperBound..<end.lowerBound].split(separator: "`").filter {
      $0.first?.isUppercase == true && $0.split(separator: ".").count == 2 && $0.allSatisfy { $0.isLetter || $0 == "." }
    }
    #expect(named.count > 15)
    var sources = ""
    for file in try FileManager.default.subpathsOfDirectory(atPath: "\(Place.root)/Sources")
    where file.hasSuffix(".swift") {
      sources += try String(contentsOfFile: "\(Place.root)/Sources/\(file)", encoding: .utf8)
    }
    for name in named {
      let parts = name.split(separator: ".")
      #expect(sources.contains("func \(parts[1])("), "no function \(name)")
      #expect(
        ["class", "struct", "enum", "extension"].contains { sources.contains("\($0) \(parts[0])") },
        "no type in \(name)")
    }
  }

  /// Goal: the levels that are enforced name exactly the modules there are.
  @Test("every module has a level and every level a module")
  func levelsAreComplete() throws {
    let sources = "\(Place.root)/Sources"
    let folders = try FileManager.default.contentsOfDirectory(atPath: sources).filter { $0 != "CLibraries" }.flatMap {
      try FileManager.default.contentsOfDirectory(atPath: "\(sources)/\($0)")
    }
    #expect(try GeneratedDocs.levels().map(\.module).sorted() == folders.sorted())
  }

  /// Goal: every source file says what it is for.
  @Test("every source file begins with what it is for")
  func filesAreDocumented() throws {
    for (module, _) in try GeneratedDocs.levels() {
      let folder = try GeneratedDocs.folder(of: module)
      for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where file.hasSuffix(".swift") {
        let source = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
        #expect(!GeneratedDocs.firstSentence(of: source).isEmpty, "\(module)/\(file) has no doc comment")
      }
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
    for top in ["Sources", "Tests", "tools", "proto", "README.md", "DESIGN.md", "CHANGELOG.md", ".ci", "Package.swift"]
    {
      let path = "\(Place.root)/\(top)"
      let inside = (try? FileManager.default.subpathsOfDirectory(atPath: path))?.map { "\(path)/\($0)" } ?? []
      for file in inside.isEmpty ? [path] : inside {
        guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
        for word in forbidden { #expect(!text.contains(word), "\(file) contains \(word)") }
      }
    }
  }
}
