package import Entity
package import Money

/// One row of a source: a value for each column of its table, in the table's order.
package struct SourceRow: Sendable, Equatable {
  /// Whose columns `values` are.
  package let table: SourceTable
  /// One for each column of the table; null also where the source has no such column.
  package let values: [SourceValue]
  /// What does not parse becomes an empty value instead of a fault, except in the key: for the row before a delete,
  /// whose key is all that counts.
  package var isLenient = false

  /// `values`: one for each column of the table. What is missing at the end is null.
  package init(_ table: SourceTable, _ values: [SourceValue]) {
    self.table = table
    let missing = table.columns.count - values.count
    self.values = missing > 0 ? values + Array(repeating: .null, count: missing) : values
  }

  /// Whether they say the same; how they are read does not count.
  package static func == (left: SourceRow, right: SourceRow) -> Bool {
    left.table === right.table && left.values == right.values
  }

  /// The value of a column, foreign text as the text that it is read as; null where it is none of the table's.
  package subscript(_ column: String) -> SourceValue {
    guard let place = table.place(of: column) else { return .null }
    if case .foreignText = values[place] { return .text(values[place].text ?? "") }
    return values[place]
  }

  /// How its texts were read, where one is no UTF-8; each finding once.
  var findings: [String] {
    guard values.contains(where: { if case .foreignText = $0 { true } else { false } }) else { return [] }
    return Set(values.compactMap(\.finding)).sorted()
  }

  /// The captured columns as text, for a rejected row; at most `CaptureLimits.rejectedRawBytes`. Sealed by the caller.
  package func dump() -> [UInt8] {
    var bytes: [UInt8] = []
    for (name, value) in zip(table.columns, values) {
      bytes.append(contentsOf: "\(name)=\(value.text ?? "NULL")\n".utf8)
      if bytes.count > CaptureLimits.rejectedRawBytes { break }
    }
    return Array(bytes.prefix(CaptureLimits.rejectedRawBytes))
  }
}

/// How columns are read. Each throws what is wrong with a column, and never what stands in it; of a lenient row nothing
/// but a key is ever wrong.
extension SourceRow {
  // MARK: Text

  /// In the source's own words (`SourceValue.text`). Empty text of a column that is needed is a value.
  package func optionalText(_ name: String) -> String? { self[name].text }

  /// At most `CaptureLimits.fieldBytes` long.
  package func text(_ name: String) throws(RowFault) -> String {
    if let text = optionalText(name) {
      if text.utf8.count <= CaptureLimits.fieldBytes { return text }
      if !isLenient { throw .tooLarge(name) }
    }
    if isLenient { return "" }
    throw .missingField(name)
  }

  /// Text that stays readable in the log: without e-mail addresses and card numbers.
  package func clear(_ name: String) throws(RowFault) -> String { TextScrubber.scrubIfSuspicious(try text(name)) }

  /// Text that is sealed. Empty text says as little about a person as no text. What could not be sealed is refused
  /// here.
  package func personal(_ name: String) throws(RowFault) -> PersonalData? {
    guard let text = optionalText(name), !text.isEmpty else { return nil }
    if text.utf8.count <= CaptureLimits.fieldBytes { return PersonalData(text) }
    if isLenient { return nil }
    throw .tooLarge(name)
  }

  /// A word out of a fixed list. `otherwise`: for a lenient row.
  package func word<R>(_ name: String, _ meanings: [String: R], otherwise: R) throws(RowFault) -> R {
    guard let text = optionalText(name) else {
      if isLenient { return otherwise }
      throw .missingField(name)
    }
    if let meaning = meanings[text] { return meaning }
    if isLenient { return otherwise }
    throw .unknownValue(name)
  }

  // MARK: Numbers

  /// A whole number, also where it is written as text.
  package func optionalInteger(_ name: String) throws(RowFault) -> Int64? {
    switch self[name] {
    case .null: return nil
    case .integer(let value): return value
    case .real(let value): if let exact = Int64(exactly: value) { return exact }
    case .text(let text): if let value = Int64(text) { return value }
    case .bytes, .foreignText: break
    }
    if isLenient { return nil }
    throw .badNumber(name)
  }

  /// As `optionalInteger`, of a column that must have a value.
  package func integer(_ name: String) throws(RowFault) -> Int64 {
    if let value = try optionalInteger(name) { return value }
    if isLenient { return 0 }
    throw .missingField(name)
  }

  /// A number with a point, also where it is written as text.
  package func optionalDecimal(_ name: String) throws(RowFault) -> Decimal64? {
    let parsed: Decimal64?
    switch self[name] {
    case .null: return nil
    case .integer(let value): parsed = Decimal64(value)
    case .real(let value): parsed = Decimal64(value)
    case .text(let text): parsed = Decimal64(text) ?? Decimal64(printed: text)
    case .bytes, .foreignText: parsed = nil
    }
    if parsed == nil, !isLenient { throw .badNumber(name) }
    return parsed
  }

  /// As `optionalDecimal`, of a column that must have a value.
  package func decimal(_ name: String) throws(RowFault) -> Decimal64 {
    if let value = try optionalDecimal(name) { return value }
    if isLenient { return .zero }
    throw .missingField(name)
  }

  // MARK: Days and moments

  /// A day; also that of a moment, since sources that store a moment where a day is meant write midnight after it: the
  /// day that is written there, in whatever zone the moment is.
  package func optionalDate(_ name: String) throws(RowFault) -> CivilDate? {
    guard let text = optionalText(name) else { return nil }
    if let date = CivilDate(written: text) { return date }
    if isLenient { return nil }
    throw .impossibleDate(name)
  }

  /// As `optionalDate`, of a column that must have a value.
  package func date(_ name: String) throws(RowFault) -> CivilDate {
    if let date = try optionalDate(name) { return date }
    if isLenient { return CivilDate(daysSinceEpoch: 0) }
    throw .missingField(name)
  }

  /// A moment; of a day its beginning.
  package func time(_ name: String) throws(RowFault) -> Timestamp {
    guard let text = optionalText(name) else {
      if isLenient { return Timestamp(millis: 0) }
      throw .missingField(name)
    }
    if let time = Timestamp(text) ?? CivilDate(text)?.startOfDay { return time }
    if isLenient { return Timestamp(millis: 0) }
    throw .impossibleDate(name)
  }

  // MARK: Keys

  /// The row with nothing overlooked: a key is never guessed, not even for a delete.
  package var strict: SourceRow {
    var strict = self
    strict.isLenient = false
    return strict
  }

  /// A key of one column, of any type, of a row or of what it refers to. What is a whole number is an integer, also
  /// where the source keeps it as text in its shortest form or as a real, since sources with loose types join such
  /// values; a text in which somebody's address or card number stands is personal; all others are themselves. nil:
  /// there is no value.
  package func optionalKey(_ name: String) throws(RowFault) -> RowKey<Person>? {
    switch self[name] {
    case .null: return nil
    case .integer(let value): return RowKey(value)
    case .real(let value): return Int64(exactly: value).map { RowKey($0) } ?? RowKey(.text(self[name].text ?? ""))
    case .text(let text):
      if text.isEmpty { return nil }
      if let integer = Int64(text), String(integer) == text { return RowKey(integer) }
      guard text.utf8.count <= CaptureLimits.fieldBytes else {
        if isLenient { return nil }
        throw .tooLarge(name)
      }
      return RowKey(TextScrubber.scrubIfSuspicious(text) == text ? .text(text) : .personal(PersonalData(text)))
    case .bytes(let bytes), .foreignText(let bytes):
      if bytes.isEmpty { return nil }
      guard bytes.count <= CaptureLimits.fieldBytes else {
        if isLenient { return nil }
        throw .tooLarge(name)
      }
      return RowKey(.bytes(bytes))
    }
  }

  /// As `optionalKey`, of a column that must have a value.
  package func key(_ name: String) throws(RowFault) -> RowKey<Person> {
    if let key = try optionalKey(name) { return key }
    if isLenient { return 0 }
    throw .missingField(name)
  }

  /// The row's own key where it is this column.
  package func ownKey(_ name: String) throws(RowFault) -> RowKey<Person> { try strict.key(name) }
  /// As `text`, of a column of the key.
  package func keyText(_ name: String) throws(RowFault) -> String { try strict.text(name) }
  /// As `date`, of a column of the key.
  package func keyDate(_ name: String) throws(RowFault) -> CivilDate { try strict.date(name) }
}
