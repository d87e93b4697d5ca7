package import SQLite

/// A write transaction on the mart, lent for one call: it must not outlive the closure that received it.
package struct MartTransaction {
  package let database: Database

  /// A prepared statement, from the connection's cache. It must not outlive the transaction.
  package func statement(_ sql: String) throws(SQLiteError) -> Statement { try database.statement(sql) }
}
