import Testing

@testable import Telemetry

/// `#expect` cannot take a mutating call apart, so the value lies in an object.
private final class Bar {
  private var bar: ProgressBar

  init(
    _ label: String, unit: String, total: Int64?, startingAt: Int64 = 0, style: ProgressBar.Style, nowMillis: Int64
  ) {
    bar = ProgressBar(label, unit: unit, total: total, startingAt: startingAt, style: style, nowMillis: nowMillis)
  }

  func update(done: Int64, nowMillis: Int64) -> String? { bar.update(done: done, nowMillis: nowMillis) }
  func finish(nowMillis: Int64) -> String { bar.finish(nowMillis: nowMillis) }
}

@Suite("Progress")
struct ProgressBarTests {
  @Test("a bar shows share, count, rate and time left, and redraws in place")
  func terminal() {
    let bar = Bar(
      "Rebuilding sales", unit: "events", total: 2_000_000, style: .terminal(columns: 120), nowMillis: 0)
    #expect(
      bar.update(done: 0, nowMillis: 0)
        == "\rRebuilding sales: [--------------------]  0 %  0 of 2,000,000 events\u{1b}[K")
    #expect(
      bar.update(done: 500_000, nowMillis: 2_000)
        == "\rRebuilding sales: [#####---------------]  25 %  500,000 of 2,000,000 events  250,000/s  0:06 left\u{1b}[K"
    )
    #expect(bar.finish(nowMillis: 4_000) == "\rRebuilding sales: 500,000 events  in 0:04  125,000/s\u{1b}[K\n")
  }

  @Test("a bar is not redrawn more often than the eye can follow")
  func throttled() {
    let bar = Bar("Job", unit: "rows", total: 10, style: .terminal(columns: 80), nowMillis: 0)
    #expect(bar.update(done: 1, nowMillis: 0) != nil)
    #expect(bar.update(done: 2, nowMillis: 99) == nil)
    #expect(bar.update(done: 3, nowMillis: 100) != nil)
  }

  @Test("elsewhere a plain line comes only now and then")
  func plain() {
    let bar = Bar("Capture", unit: "lines", total: nil, style: .plain(everySeconds: 10), nowMillis: 0)
    #expect(bar.update(done: 5, nowMillis: 9_999) == nil)
    #expect(bar.update(done: 1_000, nowMillis: 10_000) == "Capture: 1,000 lines  100/s\n")
    #expect(bar.update(done: 1_500, nowMillis: 15_000) == nil)
    #expect(bar.finish(nowMillis: 20_000) == "Capture: 1,500 lines  in 0:20  75/s\n")
  }

  @Test("a resumed job's earlier work does not count for the rate")
  func resumed() {
    let bar = Bar(
      "Replay", unit: "events", total: 1_000, startingAt: 900, style: .plain(everySeconds: 1), nowMillis: 0)
    #expect(bar.update(done: 910, nowMillis: 1_000) == "Replay: 91 %  910 of 1,000 events  10/s  0:09 left\n")
  }

  @Test("the rate follows a change of speed, smoothly")
  func rate() {
    let bar = Bar("Job", unit: "rows", total: nil, style: .plain(everySeconds: 1), nowMillis: 0)
    #expect(bar.update(done: 100, nowMillis: 1_000) == "Job: 100 rows  100/s\n")
    #expect(bar.update(done: 100, nowMillis: 2_000) == "Job: 100 rows  80/s\n")
    #expect(bar.update(done: 100, nowMillis: 12_000) == "Job: 100 rows  0/s\n")
  }

  @Test("numbers that make no sense show nonsense, but do not trap")
  func nonsense() {
    for (done, total) in [(Int64.max, 1), (Int64.min, Int64.max), (5, 0), (5, -5), (0, Int64.max)] as [(Int64, Int64)] {
      let bar = Bar("Job", unit: "rows", total: total, style: .terminal(columns: 0), nowMillis: 10)
      #expect(bar.update(done: done, nowMillis: 10) != nil)
      // A clock that jumps back shows at once again instead of waiting for the old time.
      #expect(bar.update(done: done, nowMillis: -5_000) != nil)
      #expect(bar.update(done: done, nowMillis: Int64.max - 10_000) != nil)
      #expect(!bar.finish(nowMillis: Int64.min).isEmpty)
    }
  }

  @Test("a narrow terminal gets a line that fits, and a label cannot smuggle escapes")
  func narrow() throws {
    let bar = Bar("A\u{1b}[2J", unit: "rows", total: 10, style: .terminal(columns: 20), nowMillis: 0)
    let text = try #require(bar.update(done: 5, nowMillis: 0))
    #expect(text.hasPrefix("\rA\\u{1b}[2J: "))
    #expect(text.dropFirst().prefix { $0 != "\u{1b}" }.count == 19)
  }

  @Test("durations and counts read well")
  func formats() {
    #expect(
      [0, 59.4, 61, 3_725, 100_000].map { ProgressBar.duration($0) } == ["0:00", "0:59", "1:01", "1:02:05", "27:46:40"])
    #expect(ProgressBar.duration(.infinity) == "?")
    #expect(
      [0, 999, 1_000, -1_234_567, Int64.min].map { ProgressBar.grouped($0) as String }
        == ["0", "999", "1,000", "-1,234,567", "-9,223,372,036,854,775,808"])
  }
}
