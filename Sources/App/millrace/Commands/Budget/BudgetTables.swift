internal import Money
internal import Spreadsheet
internal import Text
internal import Workspace

/// A plain table as text, CSV or JSON. Money columns hold minor units; people see them with decimals.
struct BudgetTable {
  enum Kind {
    case text
    case count
    case money
    /// Minor units per piece, where there is a piece.
    case optionalMoney
    /// As it is written.
    case number
  }
  struct Column {
    var name: String
    var kind: Kind
    init(_ name: String, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }
  }
  enum Value {
    case text(String)
    case integer(Int64)
    case number(String)
    case none
  }

  var name: String
  var currency: Currency
  var columns: [Column]
  var rows: [[Value]]
  /// Members of the JSON object beside the rows.
  var extra: [(String, JSON)] = []
  /// Sentences for people, above and below.
  var before: [String] = []
  var after: [String] = []

  func print(_ format: String) {
    switch format {
    case "json": Output.line(json.text)
    case "csv":
      Output.rows(csv)
      for note in before + after { Output.note(note) }
    default:
      for line in before { Output.line(line) }
      if !before.isEmpty { Output.line("") }
      let right = Set(columns.indices.filter { if case .text = columns[$0].kind { false } else { true } })
      Output.text(
        TextTable(
          columns.map { $0.name.replacing("_minor", with: "").replacing("_", with: " ") },
          rows.map { row in zip(columns, row).map(shown) }, rightAligned: right
        ).text)
      if !after.isEmpty { Output.line("") }
      for line in after { Output.line(line) }
    }
  }

  private func shown(_ column: Column, _ value: Value) -> String {
    switch (column.kind, value) {
    case (_, .none): "-"
    case (_, .text(let text)): printable(text)
    case (_, .number(let text)): text
    case (.money, .integer(let minor)), (.optionalMoney, .integer(let minor)): currency.grouped(minor)
    case (_, .integer(let count)): groupedText(count)
    }
  }

  private var csv: [UInt8] {
    CSVWriter.bytes(
      of: SheetTable(
        header: columns.map(\.name),
        rows: rows.map { row in
          row.map { value -> Cell in
            switch value {
            case .text(let text): .text(text)
            case .integer(let number): .number(String(number))
            case .number(let text): .number(text)
            case .none: .empty
            }
          }
        }), neutralizing: true)
  }

  private var json: JSON {
    .object(
      [("budget", .text(name)), ("currency", .text(currency.code))] + extra + [
        (
          "rows",
          .array(
            rows.map { row in
              .object(
                zip(columns, row).map { column, value in
                  switch value {
                  case .text(let text): (column.name, .text(text))
                  case .integer(let number): (column.name, .integer(number))
                  case .number(let text): (column.name, .number(text))
                  case .none: (column.name, .null)
                  }
                })
            })
        )
      ])
  }
}
