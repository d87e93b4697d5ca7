import Concurrency
import Testing

@testable import Enrichment

@Suite("Sets of patterns")
struct PatternSetTests {
  /// Goal: one compiled set serves all threads. Method: each thread matches texts of its own and compares with what one thread
  /// alone was told before.
  @Test("threads that share a set are told what one alone is told")
  func shared() throws {
    let patterns = (0..<60).map { (pattern: "agent\($0)/([0-9]+)\\.([0-9]+)", ignoringCase: $0.isMultiple(of: 2)) }
    let set = try PatternSet(patterns)
    let texts = (0..<200).map { "Mozilla AGENT\($0 % 70)/\($0).7 agent\($0 % 60)/1.2" }
    let alone = texts.map { first(set, $0) }
    #expect(Set(alone.compactMap { $0 }).count > 30)
    let work = (0..<4).map { number in
      WorkThread.run("patterns \(number)") { (0..<5).allSatisfy { _ in texts.map { first(set, $0) } == alone } }
    }
    for each in work { #expect(try each.wait()) }
  }
}

private func first(_ set: PatternSet, _ text: String) -> Int? {
  var text = text
  return text.withUTF8 { set.firstMatch(in: $0)?.pattern }
}
