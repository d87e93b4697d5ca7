/// What the file system refused.
package struct FileError: Error, Equatable, CustomStringConvertible {
  package var path: String
  package var operation: String
  package var reason: String

  package init(path: String, operation: String, reason: String) {
    self.path = path
    self.operation = operation
    self.reason = reason
  }

  package var description: String { "\(path): cannot \(operation): \(reason)" }
}
