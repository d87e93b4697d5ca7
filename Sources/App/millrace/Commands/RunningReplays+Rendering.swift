internal import Operations
internal import Text
internal import Workspace

/// How `status` shows a replay under way.
extension RunningReplays.Replay {
  var sentence: String {
    "replay of \(mart): \(percent) %, \(done) of \(total) events, \(eventsPerSecond) events/s"
      + (secondsLeft.map { ", about \($0) s left" } ?? "")
  }

  var json: JSON {
    .object([
      ("mart", .text(mart)), ("percent", .integer(percent)), ("done", .integer(done)), ("total", .integer(total)),
      ("events_per_second", .integer(eventsPerSecond)), ("seconds_left", secondsLeft.map(JSON.integer) ?? .null),
      (
        "partitions",
        .array(
          partitions.map {
            .object([("partition", .text($0.name)), ("done", .integer($0.done)), ("total", .integer($0.total))])
          })
      ),
    ])
  }
}
