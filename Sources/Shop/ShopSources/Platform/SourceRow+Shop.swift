internal import Capture
internal import Entity
internal import Money

/// Texts of a fixed form, so that they can stay clear whatever somebody typed.
enum FixedForm {
  /// Three capital letters, known or not; "invalid", which is no currency to anybody, for anything else.
  static func currency(_ text: String) -> String {
    text.utf8.count == 3 && text.utf8.allSatisfy { $0 &- UInt8(ascii: "A") < 26 } ? text : "invalid"
  }

  /// Two letters; "", an unknown country, for anything else.
  static func country(_ text: String) -> String {
    text.utf8.count == 2 && text.utf8.allSatisfy { ($0 | 0x20) &- UInt8(ascii: "a") < 26 } ? text : ""
  }
}

/// Columns that only a shop has.
extension SourceRow {
  func currency(_ name: String) throws(RowFault) -> String { FixedForm.currency(try text(name)) }

  /// An amount in minor units of the currency that stands in another column.
  func money(_ name: String, in currencyName: String) throws(RowFault) -> (minor: Int64, currency: String) {
    let code = try currency(currencyName)
    let amount = try decimal(name)
    guard let known = Currency(code) else {
      if isLenient { return (0, code) }
      throw .unknownCurrency(currencyName)
    }
    // An amount finer than the currency's smallest unit is not an amount in it.
    if let minor = amount.minor(exponent: known.exponent),
      Decimal64(unscaled: minor, scale: known.exponent).compared(to: amount) == 0
    {
      return (minor, code)
    }
    if isLenient { return (0, code) }
    throw .badAmount(name)
  }

  func country(_ name: String) throws(RowFault) -> String { FixedForm.country(try text(name)) }

  func keyCountry(_ name: String) throws(RowFault) -> String {
    let code = try keyText(name)
    guard FixedForm.country(code) == code else { throw .unknownValue(name) }
    return code
  }

  /// A tax number that may be a person's.
  func taxNumber(_ name: String, _ kind: TaxNumberKind) throws(RowFault) -> Guarded<Person>? {
    guard let text = optionalText(name) else { return nil }
    if text.utf8.count <= CaptureLimits.fieldBytes { return kind.guarded(text) }
    if isLenient { return nil }
    throw .tooLarge(name)
  }

  func keyTaxNumber(_ name: String, _ kind: TaxNumberKind) throws(RowFault) -> Guarded<Person> {
    guard let number = try strict.taxNumber(name, kind) else { throw .missingField(name) }
    return number
  }
}
