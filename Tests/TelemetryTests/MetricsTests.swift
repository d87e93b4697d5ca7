import Testing

@testable import Telemetry

@Suite("Metrics")
struct MetricsTests {
  @Test("what is told of one thing says which one it is, in lines and in metrics, whose names begin alike")
  func scope() {
    let metrics = Metrics()
    let lines = Lines()
    let logger = Logger(format: .logfmt, level: .info, nowMillis: { 0 }, write: { lines.add($0) })
    let scope = TelemetryScope("shop_mart", "mart", "sales", logger, metrics)
    scope.logger.info("hello")
    scope.counter("events", "Events.").add(2)
    scope.counter("left_out", by: ("stage", "fold"), "Left out.").add()
    scope.gauge(seconds: "age", "Age.").set(3.5)
    scope.histogram(seconds: "wait", "Waits.").observe(0.5)
    #expect(lines.all.count == 1 && lines.all[0].contains("mart=sales"))
    let text = metrics.prometheusText()
    for line in [
      "shop_mart_events_total{mart=\"sales\"} 2", "shop_mart_left_out_total{mart=\"sales\",stage=\"fold\"} 1",
      "shop_mart_age_seconds{mart=\"sales\"} 3.5", "shop_mart_wait_seconds_count{mart=\"sales\"} 1",
    ] { #expect(text.contains(line + "\n"), "\(line)") }
  }

  @Test("the Prometheus text is sorted, typed and escaped")
  func text() {
    let metrics = Metrics()
    metrics.gauge("b_age_seconds", help: "Age.\nSecond \\ line.").set(1.5)
    let applied = metrics.counter("a_events_total", help: "Events.", labels: ["mart": "sales", "kind": "applied"])
    applied.add(3)
    applied.add()
    metrics.counter("a_events_total", help: "Events.", labels: ["mart": "q\"uote\\\n", "kind": "applied"]).add(2)
    let histogram = metrics.histogram("c_seconds", help: "Time.", bounds: [0.1, 1], labels: ["step": "fold"])
    for value in [0.05, 0.1, 0.5, 7, .nan] { histogram.observe(value) }
    metrics.histogram("d_seconds", help: "None.", bounds: [1]).observe(0.25)
    #expect(
      metrics.prometheusText() == """
        # HELP a_events_total Events.
        # TYPE a_events_total counter
        a_events_total{mart="q\\"uote\\\\\\n",kind="applied"} 2
        a_events_total{mart="sales",kind="applied"} 4
        # HELP b_age_seconds Age.\\nSecond \\\\ line.
        # TYPE b_age_seconds gauge
        b_age_seconds 1.5
        # HELP c_seconds Time.
        # TYPE c_seconds histogram
        c_seconds_bucket{step="fold",le="0.1"} 2
        c_seconds_bucket{step="fold",le="1"} 3
        c_seconds_bucket{step="fold",le="+Inf"} 4
        c_seconds_sum{step="fold"} 7.65
        c_seconds_count{step="fold"} 4
        # HELP d_seconds None.
        # TYPE d_seconds histogram
        d_seconds_bucket{le="1"} 1
        d_seconds_bucket{le="+Inf"} 1
        d_seconds_sum 0.25
        d_seconds_count 1

        """)
  }

  @Test("the same name and labels are the same metric")
  func identity() {
    let metrics = Metrics()
    #expect(metrics.counter("x", help: "", labels: ["a": "1"]) === metrics.counter("x", help: "", labels: ["a": "1"]))
    #expect(metrics.counter("x", help: "", labels: ["a": "1"]) !== metrics.counter("x", help: "", labels: ["a": "2"]))
    #expect(metrics.gauge("g", help: "") === metrics.gauge("g", help: ""))
  }

  @Test("a gauge shows numbers that are not finite, and whole ones without a point")
  func gauges() {
    let metrics = Metrics()
    let gauge = metrics.gauge("g", help: "h")
    for (value, shown) in [(Double.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (4, "4"), (1e300, "1e+300")]
    {
      gauge.set(value)
      #expect(metrics.prometheusText().contains("\ng \(shown)\n"), "\(shown)")
    }
  }

  @Test("a label that takes its values from data cannot fill the memory, and the sum stays right")
  func boundedSeries() {
    let metrics = Metrics()
    for number in 0..<TelemetryLimits.seriesPerMetric + 500 {
      metrics.counter("x_total", help: "h", labels: ["path": "/\(number)"]).add()
    }
    let lines = metrics.prometheusText().split(separator: "\n").filter { $0.hasPrefix("x_total") }
    #expect(lines.count == TelemetryLimits.seriesPerMetric + 1)
    #expect(lines.contains("x_total{path=\"other\"} 500"))
  }

  @Test("eight tasks counting at once lose nothing")
  func concurrent() async {
    let metrics = Metrics()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for number in 0..<1_000 {
            metrics.counter("x_total", help: "h").add()
            metrics.histogram("y_seconds", help: "h").observe(Double(number % 7))
          }
        }
      }
    }
    #expect(metrics.counter("x_total", help: "h").value == 8_000)
    #expect(metrics.histogram("y_seconds", help: "h").snapshot.count == 8_000)
  }

  @Test("a wrong name, a changed kind and a falling counter are our defects and trap")
  func defects() async {
    await #expect(processExitsWith: .failure) { _ = Metrics().counter("9lives", help: "h") }
    await #expect(processExitsWith: .failure) { _ = Metrics().counter("a", help: "h", labels: ["b:c": "d"]) }
    await #expect(processExitsWith: .failure) {
      let metrics = Metrics()
      _ = metrics.counter("a", help: "h")
      _ = metrics.gauge("a", help: "h")
    }
    await #expect(processExitsWith: .failure) { Metrics().counter("a", help: "h").add(-1) }
  }
}
