internal import Marts
internal import Projections
internal import SQLite

/// Which numbers a column can hold at all: none above the largest of their system. So a first load, whose numbers
/// ascend, looks for no row that is not there.
final class KnownNumbers {
  private let statement: Statement
  /// The largest number by the first of its range.
  private var largest: [Int64: Int64] = [:]
  private var last: (range: ClosedRange<Int64>, largest: Int64)?

  init(_ column: String, of table: String, _ transaction: MartTransaction) throws {
    statement = try transaction.statement(
      "SELECT \(column) FROM \(table) WHERE \(column) BETWEEN ?1 AND ?2 ORDER BY \(column) DESC LIMIT 1")
  }

  /// Whether a row with this number may have stood there when numbers of its system were first asked for.
  func mayHold(_ number: Int64) throws -> Bool {
    if let last, last.range.contains(number) { return number <= last.largest }
    let range = RowNumbers.range(of: number)
    let known = try largest[range.lowerBound] ?? read(range)
    largest[range.lowerBound] = known
    last = (range, known)
    return number <= known
  }

  /// An empty range has no largest number; then nothing is above it.
  private func read(_ range: ClosedRange<Int64>) throws -> Int64 {
    statement.bind(1, range.lowerBound)
    statement.bind(2, range.upperBound)
    defer { statement.reset() }
    return try statement.step() ? statement.int64(0) : .min
  }
}
