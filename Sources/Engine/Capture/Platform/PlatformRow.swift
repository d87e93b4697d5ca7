internal import Entity
internal import Events
internal import Money
internal import SQLite

/// Why a row cannot become an event: a reason of the published list and the column, never the value.
struct RowFault: Error, Equatable {
  var reason: String
  var detail: String

  static func impossibleDate(_ column: String) -> RowFault { RowFault(reason: "date.impossible", detail: column) }
  static func badNumber(_ column: String) -> RowFault { RowFault(reason: "row.badNumber", detail: column) }
  static func missingField(_ column: String) -> RowFault { RowFault(reason: "row.missingField", detail: column) }
  static func unknownValue(_ column: String) -> RowFault { RowFault(reason: "row.unknownValue", detail: column) }
  static func unknownCurrency(_ column: String) -> RowFault {
    RowFault(reason: "money.unknownCurrency", detail: column)
  }
  static func badAmount(_ column: String) -> RowFault { RowFault(reason: "money.badAmount", detail: column) }
}

/// One row of the platform inside a statement's current row; valid until the statement steps on.
struct PlatformRow {
  let statement: Statement
  /// Where each captured column stands in the statement.
  let columns: [String: Int32]
  /// What does not parse becomes an empty value instead of a fault, except in the key: for the row before a delete, whose
  /// key is all that counts.
  var isLenient = false

  private func column(_ name: String) -> Int32? {
    guard let index = columns[name], !statement.isNull(index) else { return nil }
    return index
  }

  /// Text in the source's own words; numbers as SQLite writes them. Empty text of a required column is a value.
  func optionalText(_ name: String) -> String? { column(name).map { statement.text($0) } }

  func text(_ name: String) throws(RowFault) -> String {
    if let text = optionalText(name) {
      if text.utf8.count <= CaptureLimits.fieldBytes { return text }
      if !isLenient { throw RowFault(reason: "event.tooLarge", detail: name) }
    }
    if isLenient { return "" }
    throw .missingField(name)
  }

  /// Text that stays readable in the log.
  func clear(_ name: String) throws(RowFault) -> String { TextScrubber.scrubIfSuspicious(try text(name)) }

  /// Three capital letters, known or not; "invalid", which is no currency to anybody, for anything else.
  func currency(_ name: String) throws(RowFault) -> String { Self.currency(try text(name)) }

  static func currency(_ text: String) -> String {
    text.utf8.count == 3 && text.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 } ? text : "invalid"
  }

  /// Two letters; "", an unknown country, for anything else.
  func country(_ name: String) throws(RowFault) -> String { Self.country(try text(name)) }

  static func country(_ text: String) -> String {
    text.utf8.count == 2 && text.utf8.allSatisfy { ($0 | 0x20) &- UInt8(ascii: "a") < 26 } ? text : ""
  }

  func keyCountry(_ name: String) throws(RowFault) -> String {
    let code = try keyText(name)
    guard Self.country(code) == code else { throw .unknownValue(name) }
    return code
  }

  func optionalInteger(_ name: String) throws(RowFault) -> Int64? {
    guard let index = column(name) else { return nil }
    switch statement.value(index) {
    case .integer(let value): return value
    case .real(let value): if let exact = Int64(exactly: value) { return exact }
    case .text(let text): if let value = Int64(text) { return value }
    case .blob, .null: break
    }
    if isLenient { return nil }
    throw .badNumber(name)
  }

  func integer(_ name: String) throws(RowFault) -> Int64 {
    if let value = try optionalInteger(name) { return value }
    if isLenient { return 0 }
    throw .missingField(name)
  }

  /// A key is never guessed, not even for a delete.
  func keyInteger(_ name: String) throws(RowFault) -> Int64 {
    var strict = self
    strict.isLenient = false
    return try strict.integer(name)
  }

  func keyText(_ name: String) throws(RowFault) -> String {
    var strict = self
    strict.isLenient = false
    return try strict.text(name)
  }

  func optionalDecimal(_ name: String) throws(RowFault) -> Decimal64? {
    guard let index = column(name) else { return nil }
    let parsed: Decimal64? =
      switch statement.value(index) {
      case .integer(let value): Decimal64(value)
      case .real(let value): Decimal64(value)
      case .text(let text): Decimal64(text)
      case .blob, .null: nil
      }
    if parsed == nil, !isLenient { throw .badNumber(name) }
    return parsed
  }

  func decimal(_ name: String) throws(RowFault) -> Decimal64 {
    if let value = try optionalDecimal(name) { return value }
    if isLenient { return .zero }
    throw .missingField(name)
  }

  func optionalDate(_ name: String) throws(RowFault) -> CivilDate? {
    guard let text = optionalText(name) else { return nil }
    // Platforms that store a moment where a day is meant write midnight after it.
    if let date = CivilDate(text) ?? Timestamp(text)?.day { return date }
    if isLenient { return nil }
    throw .impossibleDate(name)
  }

  func date(_ name: String) throws(RowFault) -> CivilDate {
    if let date = try optionalDate(name) { return date }
    if isLenient { return CivilDate(daysSinceEpoch: 0) }
    throw .missingField(name)
  }

  func keyDate(_ name: String) throws(RowFault) -> CivilDate {
    var strict = self
    strict.isLenient = false
    return try strict.date(name)
  }

  func time(_ name: String) throws(RowFault) -> Timestamp {
    guard let text = optionalText(name) else {
      if isLenient { return Timestamp(millis: 0) }
      throw .missingField(name)
    }
    if let time = Timestamp(text) ?? CivilDate(text)?.startOfDay { return time }
    if isLenient { return Timestamp(millis: 0) }
    throw .impossibleDate(name)
  }

  /// A word out of a fixed list.
  func word<R>(_ name: String, _ meanings: [String: R], otherwise: R) throws(RowFault) -> R {
    guard let text = optionalText(name) else {
      if isLenient { return otherwise }
      throw .missingField(name)
    }
    if let meaning = meanings[text] { return meaning }
    if isLenient { return otherwise }
    throw .unknownValue(name)
  }

  /// Empty text says as little about a person as no text. What could not be sealed is refused here.
  func personal(_ name: String) throws(RowFault) -> PersonalData? {
    guard let text = optionalText(name), !text.isEmpty else { return nil }
    if text.utf8.count <= CaptureLimits.fieldBytes { return PersonalData(text) }
    if isLenient { return nil }
    throw RowFault(reason: "event.tooLarge", detail: name)
  }

  /// A tax number that may be a person's.
  func guardedCUIT(_ name: String) throws(RowFault) -> Guarded<Person>? {
    guard let text = optionalText(name) else { return nil }
    if text.utf8.count <= CaptureLimits.fieldBytes { return CheckRules.guarded(cuit: text) }
    if isLenient { return nil }
    throw RowFault(reason: "event.tooLarge", detail: name)
  }

  func keyCUIT(_ name: String) throws(RowFault) -> Guarded<Person> {
    var strict = self
    strict.isLenient = false
    guard let cuit = try strict.guardedCUIT(name) else { throw .missingField(name) }
    return cuit
  }

  /// The captured columns as text, for a rejected row; sealed by the caller.
  func dump(_ table: PlatformTable) -> [UInt8] {
    var bytes: [UInt8] = []
    for name in table.columns {
      guard let index = columns[name] else { continue }
      bytes.append(contentsOf: "\(name)=\(statement.isNull(index) ? "NULL" : statement.text(index))\n".utf8)
      if bytes.count > CaptureLimits.rejectedRawBytes { break }
    }
    return Array(bytes.prefix(CaptureLimits.rejectedRawBytes))
  }

  /// Whether two rows hold the same values in all captured columns.
  func equals(_ other: PlatformRow, _ table: PlatformTable) -> Bool {
    table.columns.allSatisfy { same($0, in: other) }
  }

  /// Whether both rows are one row to the log. A number, a date or a CUIT written in another way is the same key: as a
  /// delete and a create of one version they would supersede each other.
  func hasSameKey(_ other: PlatformRow, _ table: PlatformTable) -> Bool {
    table.key.allSatisfy { same($0, in: other) || keyText(of: $0) == other.keyText(of: $0) }
  }

  /// A key column as events hold it.
  private func keyText(of name: String) -> String? {
    guard let text = optionalText(name) else { return nil }
    switch name {
    case "id", "product_id": return (try? optionalInteger(name))?.map { String($0) } ?? text
    case "date", "valid_from": return (try? optionalDate(name))?.map { $0.text } ?? text
    case "cuit", "company_cuit":
      let digits = text.utf8.filter { $0 &- UInt8(ascii: "0") <= 9 }
      return digits.isEmpty ? CheckRules.trimmed(text) : String(decoding: digits, as: UTF8.self)
    default: return text
    }
  }

  private func same(_ name: String, in other: PlatformRow) -> Bool {
    let mine = columns[name].map { statement.value($0) } ?? .null
    let theirs = other.columns[name].map { other.statement.value($0) } ?? .null
    return mine == theirs
  }
}
