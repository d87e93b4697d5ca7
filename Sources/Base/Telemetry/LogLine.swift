internal import Money
internal import Text

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
      LogField("time", .string(Timestamp(millis: timeMillis).isoMillis)), LogField("level", .string(level.name)),
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
      let escaped = JSON.escaped(string.cut(toBytes: TelemetryLimits.valueBytes), .invisible)
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
      return JSON.quoted(string.cut(toBytes: TelemetryLimits.valueBytes), .invisible)
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
}
