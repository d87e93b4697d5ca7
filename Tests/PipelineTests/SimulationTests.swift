import ReplaySimulation
import Testing

@Suite("The simulation of log, capture, pipeline and mart") struct SimulationTests {
  /// Goal: live mart = replayed mart = auditor, whatever fails on the way. Method: seeds that decide events, interleavings,
  /// batch borders and faults; CI runs ten thousand of them in a release build (`millrace-proofs simulate`), this is for the
  /// debug build's overflow checks and for mutations.
  @Test("every seed holds, and every kind of fault comes to pass") func seeds() {
    let campaign = Campaign(seeds: 0..<56)
    #expect(campaign.run())
    for fault in Fault.allCases { #expect((campaign.faults[fault] ?? 0) > 0, "\(fault)") }
  }

  @Test("the same seeds suffer the same faults") func deterministic() {
    let (first, second) = (Campaign(seeds: 100..<104), Campaign(seeds: 100..<104))
    #expect(first.run() && second.run())
    #expect(first.faults == second.faults && !first.faults.isEmpty)
  }
}
