package import EventLog
package import SQLite

// CONTRACT STUB: the owner of this module replaces this file by real ones; names and meaning below stay, details may grow.

package struct MartError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: String, Sendable {
    case missing, locked, newerSchema, identityDiffers, notThisLog, fenced, positionMismatch, storage, damaged
  }
  package var kind: Kind
  package var mart: String
  package var operation: String
  package var cause: String
  package var hint: String
  package init(_ kind: Kind, mart: String, operation: String, cause: String, hint: String) {
    self.kind = kind
    self.mart = mart
    self.operation = operation
    self.cause = cause
    self.hint = hint
  }
  package var description: String { "mart \(mart): cannot \(operation): \(cause); \(hint)" }
}

/// One table or view of a mart, with the words for `describe`.
package struct TableDefinition: Sendable {
  package struct Column: Sendable {
    package var name: String
    /// SQL type and constraints, e.g. "INTEGER NOT NULL".
    package var declaration: String
    /// Meaning, unit, range.
    package var meaning: String
    package init(_ name: String, _ declaration: String, _ meaning: String) {
      self.name = name
      self.declaration = declaration
      self.meaning = meaning
    }
  }
  package var name: String
  package var meaning: String
  package var columns: [Column]
  /// Table constraints and options after the columns, e.g. ["PRIMARY KEY (day, country)"].
  package var constraints: [String]
  package var withoutRowID: Bool
  package var indexes: [String]
  /// SELECT that gives the table's content independent of surrogate keys and insertion order, for the law of replay and `diff`.
  package var canonicalDump: String
  package init(
    _ name: String, _ meaning: String, columns: [Column], constraints: [String] = [], withoutRowID: Bool = false,
    indexes: [String] = [], canonicalDump: String
  ) {
    self.name = name
    self.meaning = meaning
    self.columns = columns
    self.constraints = constraints
    self.withoutRowID = withoutRowID
    self.indexes = indexes
    self.canonicalDump = canonicalDump
  }
}

/// A documented view for people with their own SQL tools: names, ISO dates, decimal money.
package struct ViewDefinition: Sendable {
  package var name: String
  package var meaning: String
  package var select: String
  package var columns: [(name: String, meaning: String)]
  package init(_ name: String, _ meaning: String, select: String, columns: [(name: String, meaning: String)]) {
    self.name = name
    self.meaning = meaning
    self.select = select
    self.columns = columns
  }
}

/// A write transaction on the mart, lent for one call.
package struct MartTransaction {
  package let database: Database
  init(database: Database) { self.database = database }
  package func statement(_ sql: String) throws(SQLiteError) -> Statement { try database.statement(sql) }
}

/// What the generation is a function of, besides the log's prefixes. Stored at creation, checked at every opening.
package struct GenerationIdentity: Sendable, Equatable {
  /// Sorted key/value pairs: "projection.orders" = "1", "keys.tokenVersion" = "1", "data.userAgents" = sha-256, "log" = log id, …
  package var parts: [String: String]
  package init(parts: [String: String]) { self.parts = parts }
}
