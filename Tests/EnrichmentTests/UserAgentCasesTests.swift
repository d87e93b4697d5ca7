import Testing
import YAML

@testable import Enrichment

/// Goal: user agents mean what the field agreed on. Method: all cases that uap-core ships with its patterns. An absent
/// field and an empty one are the same, as in uap-core's own test; browsers' fourth version part is not compared there.
@Suite("uap-core's own cases")
struct UserAgentCasesTests {
  private func check(
    _ file: String, count: Int, fields: [String], _ parse: (UserAgentDatabase, String) -> [String?]
  ) throws {
    let agents = try TestData.agents.get()
    let root = try YAMLDocument.load(path: "\(TestData.cases)/\(file)")
    let cases = try #require(root["test_cases"]?.elements)
    var failures: [String] = []
    for entry in cases {
      let userAgent = try #require(entry["user_agent_string"]?.text)
      let expected = fields.map { entry[$0]?.text }.map { $0 == "" ? nil : $0 }
      let actual = parse(agents, userAgent)
      if actual != expected { failures.append("line \(entry.line): \(userAgent): \(actual), expected \(expected)") }
    }
    #expect(cases.count == count)
    #expect(failures.isEmpty, "\(failures.prefix(20).joined(separator: "\n"))")
  }

  @Test("of browsers all hold") func browsers() throws {
    try check("test_ua.yaml", count: 1_425, fields: ["family", "major", "minor", "patch"]) { agents, text in
      let browser = agents.browser(text)
      return [browser.family, browser.major, browser.minor, browser.patch]
    }
  }

  @Test("of operating systems all hold") func systems() throws {
    try check("test_os.yaml", count: 456, fields: ["family", "major", "minor", "patch", "patch_minor"]) {
      agents, text in
      let os = agents.os(text)
      return [os.family, os.major, os.minor, os.patch, os.patchMinor]
    }
  }

  @Test("of devices all hold") func devices() throws {
    try check("test_device.yaml", count: 16_111, fields: ["family", "brand", "model"]) { agents, text in
      let device = agents.device(text)
      return [device.family, device.brand, device.model]
    }
  }
}
