import Foundation
import TestSupport
import Testing

/// What the application's modules may not do, since a web page calls them too.
@Suite("The application is a library")
struct ApplicationTests {
  /// Goal: operations answer with values. Method: no line of the two modules writes to a stream or ends the process; what a test
  /// asks for by `MILLRACE_CRASH_AT` may.
  @Test("Workspace and Operations print nothing and end no process", arguments: ["Workspace", "Operations"])
  func silence(module: String) throws {
    let forbidden = try Regex(
      "\\b(print|exit|_exit|abort|fputs|readLine)\\(|FileHandle\\.standard|\\bOutput\\.|STD(OUT|ERR)_FILENO")
    #expect("print(text)".contains(forbidden) && "FileHandle.standardError".contains(forbidden))
    for source in try SwiftSource.all(below: ["Sources/App/\(module)"]) {
      for (index, line) in source.lines.enumerated() where String(line).contains(forbidden) {
        Issue.record("\(source.path):\(index + 1): \(line)")
      }
    }
  }
}
