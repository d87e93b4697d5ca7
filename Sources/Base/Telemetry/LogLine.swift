/// How important a log line is.
package enum LogLevel: Int, Sendable, Comparable, CaseIterable {
  case debug
  case info
  case warning
  case error

  package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rawValue < right.rawValue }

  package var name: String {
    switch self {
    case .debug: "debug"
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }

  /// nil for an unknown name.
  package init?(name: String) {
    guard let level = LogLevel.allCases.first(where: { $0.name == name }) else { return nil }
    self = level
  }
}

package enum LogFormat: String, Sendable, CaseIterable {
  /// `time=… level=info message="…" key=value` (https://brandur.org/logfmt)
  case logfmt
  /// One JSON object per line.
  case json
}

/// A value in a log line. Never personal data: positions, counts, names of ours.
package enum LogValue: Sendable, Equatable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation
{
  case string(String)
  case integer(Int64)
  case double(Double)
  case bool(Bool)

  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(floatLiteral value: Double) { self = .double(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
}

package struct LogField: Sendable, Equatable {
  package var key: String
  package var value: LogValue

  package init(_ key: String, _ value: LogValue) {
    self.key = key
    self.value = value
  }
}

/// Renders log lines; each is one line whatever the values hold.
enum LogLine {
  static func render(
    _ format: LogFormat, timeMillis: Int64, level: LogLevel, message: String, fields: [LogField]
  ) -> String {
    let own = [
      LogField("time", .string(timestamp(timeMillis))), LogField("level", .string(level.name)),
      LogField("message", .string(message)),
    ]
    // A field must not pass for one of ours, nor twice for itself: readers of JSON keep only one of two equal keys.
    var used: Set<String> = []
    let all = (own + fields).map { field in
      var key = safeKey(field.key)
      while !used.insert(key).inserted { key += "_" }
      return LogField(key, field.value)
    }
    switch format {
    case .logfmt: return all.map { "\($0.key)=\(logfmt($0.value))" }.joined(separator: " ") + "\n"
    case .json: return "{" + all.map { "\"\($0.key)\":\(json($0.value))" }.joined(separator: ",") + "}\n"
    }
  }

  private static func logfmt(_ value: LogValue) -> String {
    switch value {
    case .integer(let integer): return "\(integer)"
    case .double(let double): return "\(double)"
    case .bool(let bool): return "\(bool)"
    case .string(let string):
      var escaped = ""
      escaped.appendJSON(string.cut(toBytes: TelemetryLimits.valueBytes))
      let plain =
        !escaped.isEmpty && !escaped.unicodeScalars.contains { $0 == "=" || $0 == "\\" || $0.properties.isWhitespace }
      return plain ? escaped : "\"\(escaped)\""
    }
  }

  private static func json(_ value: LogValue) -> String {
    switch value {
    case .integer(let integer): return "\(integer)"
    // JSON has no name for infinities and NaN.
    case .double(let double): return double.isFinite ? "\(double)" : "\"\(double)\""
    case .bool(let bool): return "\(bool)"
    case .string(let string):
      var escaped = ""
      escaped.appendJSON(string.cut(toBytes: TelemetryLimits.valueBytes))
      return "\"\(escaped)\""
    }
  }

  private static func safeKey(_ key: String) -> String {
    let safe = String(
      key.unicodeScalars.map { scalar in
        let allowed =
          scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789_.-".unicodeScalars.contains(scalar))
        return allowed ? Character(scalar) : "_"
      })
    return safe.isEmpty ? "_" : safe
  }

  /// ISO 8601 with milliseconds, UTC. The calendar's arithmetic: http://howardhinnant.github.io/date_algorithms.html
  static func timestamp(_ millis: Int64) -> String {
    let (days, inDay) = millis.flooredDivision(by: 86_400_000)
    let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let seconds = inDay / 1_000
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
      + "T\(padded(seconds / 3_600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
      + ".\(padded(inDay % 1_000, 3))Z"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int64 {
  /// Quotient and remainder with the remainder never negative; `divisor` is positive.
  func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
