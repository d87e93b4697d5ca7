import Foundation
import TestSupport
import Testing

@Suite("The simulation of log, capture, pipeline and mart", .temporaryFolder) struct SimulationTests {
  /// In a process of its own: other tests start processes, which hold this one's locks from their fork to their exec.
  private func simulate(_ seeds: Int) throws -> ChildProcess.Result {
    let proofs = URL(fileURLWithPath: Place.millrace).deletingLastPathComponent().path + "/millrace-proofs"
    return try ChildProcess.run([proofs, "simulate", "\(seeds)"], folder: TemporaryFolder.path)
  }

  /// Goal: live mart = replayed mart = auditor, whatever fails on the way. Method: seeds that decide events, interleavings,
  /// batch borders and faults; CI runs ten thousand of them in a release build, this is for the debug build's overflow checks.
  @Test("every seed holds, and every kind of fault comes to pass") func seeds() throws {
    let result = try simulate(56)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test("the same seeds suffer the same faults") func deterministic() throws {
    func faults() throws -> [Substring] {
      try simulate(6).output.split(separator: "\n").filter { $0.hasPrefix("  ") }
    }
    let first = try faults()
    #expect(try first == faults() && first.count > 10)
  }
}
