import Foundation
import TestSupport
import Testing

@Suite("Power cuts", .serialized, .temporaryFolder)
struct PowerCutTests {
  static let tool = "\(Place.root)/tools/power-cut"
  static let python = ProcessInfo.processInfo.environment["MILLRACE_TEST_PYTHON"] ?? "/usr/bin/python3"
  static let proofs = URL(fileURLWithPath: Place.millrace).deletingLastPathComponent().path + "/millrace-proofs"
  /// nil: cuts are possible here.
  static let obstacle: String? = {
    let folder = NSTemporaryDirectory()
    guard
      let result = try? ChildProcess.run([python, tool, "--cuts", "0"], folder: folder)
    else { return "no \(python)" }
    return result.status == 0 ? nil : result.output + result.errors
  }()

  /// Goal: what was acknowledged survives power loss, and a mart after it is one that the log's prefix gives. Method:
  /// tools/power-cut, on the executable of this build; there must have been promises to break.
  @Test(
    "no cut takes back an acknowledged append, mixes a mart, or loses CURRENT",
    .enabled(if: obstacle == nil, "\(obstacle ?? "")"))
  func cuts() throws {
    let cuts = Place.long ? 1_000 : 24
    let result = try ChildProcess.run(
      [Self.python, Self.tool, "--cuts", "\(cuts)", "--proofs", Self.proofs], folder: TemporaryFolder.path)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    let numbers = result.output.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    try #require(numbers.count >= 4, "\(result.output)")
    #expect(numbers[0] == cuts && numbers[2] > cuts && numbers[3] > 0, "\(result.output)")
    print(result.output)
  }
}
