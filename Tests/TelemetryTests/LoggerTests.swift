import Concurrency
import Foundation
import Testing
import Text

@testable import Telemetry

/// Collects what a logger writes.
final class Lines: Sendable {
  private let lines = Lock<[String]>([])
  func add(_ line: String) { lines.withLock { $0.append(line) } }
  var all: [String] { lines.withLock { $0 } }
}

@Suite("Log lines")
struct LoggerTests {
  private let lines = Lines()

  private func logger(_ format: LogFormat, level: LogLevel = .debug) -> Logger {
    Logger(format: format, level: level, nowMillis: { 1_700_000_000_123 }, write: { [lines] in lines.add($0) })
  }

  @Test("a logfmt line has time, level, message and fields, quoted where needed")
  func logfmt() {
    logger(.logfmt).with(["job": "capture"]).info(
      "batch appended", ["records": 12, "share": 0.5, "last": true, "path": "a b", "empty": "", "equals": "a=b"])
    #expect(
      lines.all == [
        "time=2023-11-14T22:13:20.123Z level=info message=\"batch appended\" job=capture records=12 share=0.5 last=true "
          + "path=\"a b\" empty=\"\" equals=\"a=b\"\n"
      ])
  }

  @Test("a JSON line is one object that a JSON reader takes apart again")
  func json() throws {
    let nasty = "quote \" backslash \\ newline \n tab \t nul \0 bidi \u{202e} zero \u{200b} tag \u{e0041} é 🙂"
    logger(.json).error("failed", ["text": .string(nasty), "nan": .double(.nan), "count": 3])
    let line = try #require(lines.all.first)
    #expect(line.hasSuffix("}\n"))
    #expect(line.dropLast().unicodeScalars.allSatisfy { !isInvisible($0) })
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["text"] as? String == nasty)
    #expect(object["nan"] as? String == "nan")
    #expect(object["count"] as? Int == 3)
    #expect(object["level"] as? String == "error")
    #expect(object["time"] as? String == "2023-11-14T22:13:20.123Z")
  }

  /// Goal: nobody forges a second line or a field (CWE-117).
  @Test("a value cannot end its line or begin a field", arguments: LogFormat.allCases)
  func forgery(format: LogFormat) throws {
    logger(format).info(
      "x\ntime=0 level=error message=forged",
      ["a b\n": "v\r\nlevel=error", "level": "error", "c": "\u{2028}\u{85}\u{1b}[2J"])
    let line = try #require(lines.all.first)
    #expect(lines.all.count == 1)
    #expect(line.unicodeScalars.filter { $0.properties.generalCategory == .control } == ["\n"])
    #expect(line.contains(format == .json ? "\"level_\":\"error\"" : " level_=error"))
    #expect(line.contains("a_b_"))
  }

  @Test("lines below the level are not even made")
  func levels() {
    let logger = logger(.logfmt, level: .warning)
    var made = 0
    func message() -> String {
      made += 1
      return "m"
    }
    logger.debug(message())
    logger.info(message())
    logger.warning(message())
    logger.error(message())
    #expect(made == 2)
    #expect(lines.all.count == 2)
    #expect(LogLevel(name: "warning") == .warning)
    #expect(LogLevel(name: "loud") == nil)
  }

  @Test("a long value is cut at whole characters")
  func longValue() throws {
    logger(.logfmt).info("m", ["v": .string("x" + String(repeating: "é", count: 5_000))])
    let line = try #require(lines.all.first)
    #expect(line.utf8.count < TelemetryLimits.valueBytes + 100)
    #expect(line.hasSuffix("é…\n"))
  }

  private func timestamp(_ millis: Int64) -> String {
    let line = LogLine.render(.logfmt, timeMillis: millis, level: .info, message: "m", fields: [])
    return String(line.dropFirst("time=".count).prefix { $0 != " " })
  }

  @Test(
    "times are right at the calendar's corners",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (1_709_164_800_000, "2024-02-29T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ] as [(Int64, String)])
  func timestamps(millis: Int64, expected: String) {
    #expect(timestamp(millis) == expected)
  }

  @Test("impossible times do not trap")
  func impossibleTimes() {
    #expect(timestamp(Int64.max).hasSuffix("Z"))
    #expect(timestamp(Int64.min).hasSuffix("Z"))
  }
}
