internal import Foundation
package import Testing

/// Gives each test a fresh folder of its own and removes it afterwards: `@Test(.temporaryFolder)` and `TemporaryFolder.path`.
package struct TemporaryFolder: TestTrait, SuiteTrait, TestScoping {
  @TaskLocal package static var path = ""

  package var isRecursive: Bool { true }

  package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("millrace-test-\(UUID().uuidString)")
      .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TemporaryFolder.$path.withValue(folder) { try await function() }
  }
}

extension Trait where Self == TemporaryFolder {
  package static var temporaryFolder: TemporaryFolder { TemporaryFolder() }
}

/// A small seeded generator (SplitMix64), so that every random test prints its seed and can be run again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var state: UInt64
  package init(seed: UInt64) { state = seed }
  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
