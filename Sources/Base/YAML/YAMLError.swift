/// Why a document is refused, and where. `line` and `column` count from 1; both are 0 when the file could not be read.
package struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
  package var file: String
  package var line: Int
  package var column: Int
  package var problem: String
  package var hint: String

  package init(file: String, line: Int, column: Int, problem: String, hint: String) {
    self.file = file
    self.line = line
    self.column = column
    self.problem = problem
    self.hint = hint
  }

  package var description: String {
    line > 0 ? "\(file):\(line):\(column): \(problem); \(hint)" : "\(file): \(problem); \(hint)"
  }
}
