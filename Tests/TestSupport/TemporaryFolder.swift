internal import Foundation
internal import Hashing
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

/// A small seeded generator, so that every random test prints its seed and can be run again.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
  private var generator: SplitMix64
  package init(seed: UInt64) { generator = SplitMix64(seed: seed) }
  package mutating func next() -> UInt64 { generator.next() }
}
