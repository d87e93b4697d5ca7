internal import EventLog
internal import SQLite

extension Statement {
  /// The offset in a column; 0 where it holds no integer.
  func offset(_ column: Int32) -> Offset { Offset(int64(column)) }

  func bind(_ index: Int32, _ offset: Offset) { bind(index, offset.rawValue) }
}
