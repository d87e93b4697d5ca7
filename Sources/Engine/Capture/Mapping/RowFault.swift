/// Why a record cannot become an event: a reason of the published list and the column, never the value.
package struct RowFault: Error, Equatable {
  /// For programs, e.g. "date.impossible".
  package var reason: String
  /// The column, or what else is wrong, without content.
  package var detail: String

  package init(reason: String, detail: String) {
    self.reason = reason
    self.detail = detail
  }

  /// A day or a moment that no calendar has.
  package static func impossibleDate(_ column: String) -> RowFault {
    RowFault(reason: "date.impossible", detail: column)
  }
  /// Text where a number is expected, or a number that does not fit.
  package static func badNumber(_ column: String) -> RowFault { RowFault(reason: "row.badNumber", detail: column) }
  /// Nothing where a value is needed.
  package static func missingField(_ column: String) -> RowFault {
    RowFault(reason: "row.missingField", detail: column)
  }
  /// A word outside a fixed list.
  package static func unknownValue(_ column: String) -> RowFault {
    RowFault(reason: "row.unknownValue", detail: column)
  }
  /// No currency that Millrace knows.
  package static func unknownCurrency(_ column: String) -> RowFault {
    RowFault(reason: "money.unknownCurrency", detail: column)
  }
  /// No amount of its currency.
  package static func badAmount(_ column: String) -> RowFault { RowFault(reason: "money.badAmount", detail: column) }
  /// More bytes than an event's field holds.
  package static func tooLarge(_ column: String) -> RowFault { RowFault(reason: "event.tooLarge", detail: column) }
}
