internal import Marts
package import SQLite

/// The marts that a report reads: connections that may only read, each inside one snapshot.
package struct OpenMarts {
  private let byName: [String: Database]

  init(_ readers: [MartReader]) {
    byName = Dictionary(uniqueKeysWithValues: readers.map { ($0.name, $0.database) })
  }

  /// The connection to a mart. Throws when the report does not name it among its marts.
  package func database(_ name: String) throws(ReportError) -> Database {
    if let database = byName[name] { return database }
    throw ReportError(
      .mart, "mart \(name) is not open", cause: "the report does not list it among its marts",
      hint: "this is a defect in Millrace; please report it")
  }
}
