package import EventLog
import Testing

/// The error that `body` throws; fails the test when it throws none.
package func logError(_ body: () throws -> Void) throws -> LogError {
  do {
    try body()
  } catch {
    return try #require(error as? LogError, "\(error)")
  }
  Issue.record("nothing was thrown")
  return LogError(.unavailable, operation: "", cause: "nothing was thrown", hint: "")
}
